"""``rebalkit init``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from rebalkit.cli.options import DEFAULT_CONFIG
from rebalkit.cli.output import say

__all__ = ["command"]


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
def command(folder: Path) -> None:
    """Write a commented configuration and, in FOLDER/account, template CSV files to fill in. Nothing is overwritten.

    \b
    Example:
      rebalkit init my-portfolio
    """
    from rebalkit.brokers.files.publish import add_files
    from rebalkit.brokers.files.templates import write_templates
    from rebalkit.config import default_config_text

    config, account = folder / DEFAULT_CONFIG, folder / "account"
    add_files(folder, {DEFAULT_CONFIG: default_config_text()})
    try:
        write_templates(account)
    except BaseException:
        config.unlink()
        raise
    say(f"Written: {config} (targets and settings, with comments)")
    say(f"Written: {account} (CSV templates and a README.txt that explains each column)")
    say("Next:")
    say(f"  1. Fill in {account}{os.sep}accounts.csv, lots.csv, prices.csv and transactions.csv.")
    say(f"  2. Change the targets in {config} to yours.")
    say(f"  3. rebalkit plan --from {account} --targets {config}")
