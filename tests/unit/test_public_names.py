"""The public interface is what `__all__` says, and no more."""

from __future__ import annotations

import subprocess
import sys

import rebalkit
import rebalkit_etrade


def test_the_public_names() -> None:
    assert rebalkit.__all__ == [
        "AssetClass",
        "IdentityGroups",
        "Limits",
        "Lot",
        "Plan",
        "RebalkitError",
        "Report",
        "Snapshot",
        "Targets",
        "__version__",
        "document",
        "plan",
        "read_folder",
        "read_targets",
    ]
    assert sorted(rebalkit.__all__) == dir(rebalkit)
    assert all(getattr(rebalkit, name) is not None for name in rebalkit.__all__)
    assert not hasattr(rebalkit, "no_such_name")


def test_importing_the_package_imports_none_of_its_rooms() -> None:
    code = "import rebalkit, sys; print([m for m in sys.modules if m.startswith('rebalkit.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['rebalkit._version']"


def test_the_public_names_of_the_etrade_client() -> None:
    assert rebalkit_etrade.__all__ == ["Client", "EtradeError", "EtradeSettings", "OrderTicket", "Session"]
    assert sorted(rebalkit_etrade.__all__) == dir(rebalkit_etrade)
    assert all(getattr(rebalkit_etrade, name).__name__ == name for name in rebalkit_etrade.__all__)
    assert not hasattr(rebalkit_etrade, "no_such_name")


def test_the_etrade_plugin_is_light_to_import() -> None:
    code = "import rebalkit_etrade.plugin, sys; print([m for m in sys.modules if m.startswith(('rebalkit_etrade', 'requests', 'oauthlib'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (
        done.stdout.strip()
        == "['rebalkit_etrade', 'rebalkit_etrade.trading', 'rebalkit_etrade.trading.rules', 'rebalkit_etrade.plugin']"
    )
