"""The broker: an account of E*TRADE in the core's terms, and orders on their way to it."""
