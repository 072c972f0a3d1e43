"""The entry point of the E*TRADE plugin. It registers nothing in this version: it holds the name until the broker is here."""
