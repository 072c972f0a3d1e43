"""What the commands of one invocation share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from attrs import define, field

from rebalkit.outside_text import clean
from rebalkit.registry import Registry, TrustList

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

    def registry_with(self, local: Sequence[Path], *, live: bool = False) -> Registry:
        """The registry with the project-local plugin files of a configuration; problems of plugins are told on stderr, once.

        Where real money moves (``live``) only plugins that the person trusts are loaded; raises ConfigError when their list is not sound.
        """
        if self._registry is None or local or live:
            only = TrustList.read().objection if live else None
            self._registry = Registry.load(plugins=self.plugins, local=local, only=only)
            if "logging" in sys.modules:  # a plugin may log, and so may the libraries that it brings
                from rebalkit.logs import set_up

                set_up()
            for problem in self._registry.problems:
                click.echo(f"warning: {clean(str(problem))}", err=True)
        return self._registry


pass_state = click.make_pass_decorator(State, ensure=True)
