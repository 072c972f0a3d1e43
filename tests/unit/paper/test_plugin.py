"""What the paper broker registers, and how little it loads to do so."""

from __future__ import annotations

import subprocess
import sys

import rebalkit_paper
import rebalkit_paper.plugin as plugin
from paper_books import paper_broker
from rebalkit.plugin import Broker


def test_the_records_make_a_broker_and_its_commands() -> None:
    paper_broker(name="default")
    (record,) = plugin.rebalkit_brokers()
    broker: Broker = record.factory(record.settings()())
    assert [one.account for one in broker.accounts()] == ["main", "ira"]
    assert record.capabilities == broker.capabilities or not broker.capabilities.venue.fractional_sells
    assert not record.capabilities.live
    assert record.capabilities.places_orders
    (command,) = plugin.rebalkit_commands()
    assert command.name == command.factory().name == "paper"
    assert list(broker.notes()) == []


def test_the_plugin_module_loads_nothing_of_the_broker() -> None:
    script = (
        "import sys, rebalkit_paper.plugin\n"
        "print([name for name in sys.modules if name.startswith('rebalkit_paper.') or name in ('click', 'cattrs', 'platformdirs')])"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "['rebalkit_paper.plugin']"


def test_the_package_hands_out_what_it_names_and_nothing_else() -> None:
    assert all(getattr(rebalkit_paper, name) for name in rebalkit_paper.__all__)
    assert not hasattr(rebalkit_paper, "anything")
