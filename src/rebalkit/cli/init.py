"""``rebalkit init``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from rebalkit.cli.options import DEFAULT_CONFIG
from rebalkit.cli.output import say
from rebalkit.errors import UsageError

__all__ = ["command"]


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def command(folder: Path) -> None:
    """Write a commented configuration and, in FOLDER/account, template CSV files to fill in. Nothing is overwritten.

    \b
    Example:
      rebalkit init my-portfolio
    """
    from rebalkit.brokers.files.templates import write_templates
    from rebalkit.config import default_config_text

    config, account = folder / DEFAULT_CONFIG, folder / "account"
    if config.exists():
        raise UsageError("there is one already", place=str(config), code="exists", remedy="Give another folder, or move it away.")
    folder.mkdir(parents=True, exist_ok=True)
    write_templates(account)
    # Not Path.write_text: between the look above and here somebody else may have made one.
    with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(default_config_text())
    say(f"Written: {config} (targets and settings, with comments)")
    say(f"Written: {account} (CSV templates and a README.txt that explains each column)")
    say("Next:")
    say(f"  1. Fill in {account}{os.sep}accounts.csv, lots.csv, prices.csv and transactions.csv.")
    say(f"  2. Change the targets in {config} to yours.")
    say(f"  3. rebalkit plan --from {account} --targets {config}")
