"""Options that several commands share: where the account is, and what it should hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from attrs import fields, frozen

if TYPE_CHECKING:
    from rebalkit.cli.state import State
    from rebalkit.config import Config
    from rebalkit.pipeline.request import Source
    from rebalkit.registry import Registry

__all__ = ["DEFAULT_CONFIG", "Asked", "account_options", "gathered", "json_option", "reporter_option", "with_options"]

DEFAULT_CONFIG = "rebalkit.toml"
F = TypeVar("F", bound=Callable[..., Any])


if TYPE_CHECKING:
    _DateType = click.ParamType[dt.date]
else:  # generic only in newer releases of click
    _DateType = click.ParamType


class _Day(_DateType):
    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        if isinstance(value, dt.date):
            return value
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date: write YYYY-MM-DD.", param, ctx)


@frozen
class Asked:
    """The values of the shared options."""

    config: Path | None
    targets: Path | None
    folder: Path | None
    broker: str | None
    account: str | None
    as_of: dt.date | None
    overrides: tuple[str, ...]

    def load(self, state: State, strategy: str | None = None) -> tuple[Config, Registry, Source]:
        """The configuration, the registry with its plugins, and where the account is.

        ``rebalkit.toml`` of the current folder is read unless another file is named; a folder of CSV files stands for itself.
        """
        from rebalkit.config import load_config
        from rebalkit.pipeline.choose import choose_source

        path = self.config
        if path is None and self.folder is None and Path(DEFAULT_CONFIG).exists():
            path = Path(DEFAULT_CONFIG)
        config = load_config(path, targets=self.targets, strategy=strategy, overrides=self.overrides)
        source = choose_source(config, folder=self.folder, broker=self.broker, account=self.account)
        return config, state.registry_with(config.plugins), source


def account_options(command: F) -> F:
    """Add the shared options; the command is called with ``asked``, an `Asked`."""
    file = click.Path(path_type=Path)
    options = (
        click.option(
            "--from", "folder", type=file, metavar="FOLDER", help="Folder of CSV files: accounts, lots, prices, transactions."
        ),
        click.option(
            "--targets",
            type=file,
            metavar="FILE",
            help="TOML file with [[asset_class]] blocks; its sections replace the config's.",
        ),
        click.option(
            "--config",
            type=file,
            metavar="FILE",
            help=f"Configuration; by default {DEFAULT_CONFIG} here, unless --from is given.",
        ),
        click.option("--broker", metavar="NAME", help="A broker of the configuration, or a broker plugin."),
        click.option("--account", metavar="NAME", help="Account; by default the only taxable one."),
        click.option(
            "--as-of", "as_of", type=_Day(), metavar="DATE", help="Day of the plan, YYYY-MM-DD; by default today in New York."
        ),
        click.option(
            "--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE", help="Change one setting; can be repeated."
        ),
    )
    return gathered(command, Asked, options)


def gathered(command: F, form: type, options: Sequence[Callable[[Any], Any]]) -> F:
    """``command`` with ``options``, called with their values as ``asked``, a ``form`` whose fields have their names."""

    def call(*args: Any, **values: Any) -> Any:
        asked = form(**{one.name: values.pop(one.name) for one in fields(form)})
        return command(*args, asked=asked, **values)

    call.__name__, call.__doc__ = command.__name__, command.__doc__
    call.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    return with_options(call, options)  # type: ignore[no-any-return]


def with_options(command: Any, options: Sequence[Callable[[Any], Any]]) -> Any:
    """``command`` with ``options``, which its help lists in their order."""
    for option in reversed(options):
        command = option(command)
    return command


def reporter_option(command: F) -> F:
    """Add ``--reporter``."""
    return click.option(
        "--reporter",
        "reporters",
        multiple=True,
        metavar="NAME",
        default=("html",),
        show_default=True,
        help="Report to write; can be repeated.",
    )(command)


def json_option(command: F) -> F:
    """Add ``--json``: one JSON document on stdout, words on stderr."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout; words go to stderr.")(command)
