"""Plugins: who brings them, what they register, and what is wrong with them."""

from rebalkit.registry.lookup import Registry
from rebalkit.registry.problems import PluginProblem
from rebalkit.registry.providers import Provider, find_providers, same_name
from rebalkit.registry.trust import Trust, TrustList

__all__ = ["PluginProblem", "Provider", "Registry", "Trust", "TrustList", "find_providers", "same_name"]
