"""What the commands of one invocation share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from attrs import define, field

from rebalkit.registry import Registry

__all__ = ["State", "pass_state"]


@define
class State:
    """The root's options, and the registry, which is loaded when it is first needed.

    Attributes:
        debug: Whether errors show their traceback.
        plugins: Whether plugins beside the built-in ones are loaded.
    """

    debug: bool = False
    plugins: bool = True
    _registry: Registry | None = field(default=None, repr=False)

    @property
    def registry(self) -> Registry:
        """The registry without project-local plugins."""
        return self.registry_with(())

    def registry_with(self, local: Sequence[Path]) -> Registry:
        """The registry with the project-local plugin files of a configuration; problems of plugins are told on stderr, once."""
        if self._registry is None or local:
            self._registry = Registry.load(plugins=self.plugins, local=local)
            for problem in self._registry.problems:
                click.echo(f"warning: {problem}", err=True)
        return self._registry


pass_state = click.make_pass_decorator(State, ensure=True)
