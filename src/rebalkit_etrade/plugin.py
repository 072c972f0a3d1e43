"""The hooks of the E*TRADE plugin. It registers nothing yet: its broker is not part of this version."""
