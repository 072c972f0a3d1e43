"""Plugins: who brings them, what they register, and what is wrong with them."""

from rebalkit.registry.lookup import Registry
from rebalkit.registry.problems import PluginProblem
from rebalkit.registry.providers import Provider, find_providers

__all__ = ["PluginProblem", "Provider", "Registry", "find_providers"]
