"""Secrets: named by a reference in a configuration, read when they are needed, never shown."""

from rebalkit.secrets.concealing import at_first_secret, without_secrets
from rebalkit.secrets.references import resolve, store
from rebalkit.secrets.secret import Secret

__all__ = ["Secret", "at_first_secret", "resolve", "store", "without_secrets"]
