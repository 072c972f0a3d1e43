"""E*TRADE as a rebalkit plugin."""
