"""``python -m rebalkit``."""

from rebalkit.cli import main

main()
