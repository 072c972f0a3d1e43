"""The configuration: TOML files and ``--set``, checked as a whole, and the settings of plugins."""

from rebalkit.config.describe import SettingInfo, describe_settings
from rebalkit.config.load import load_config
from rebalkit.config.problems import suggestion
from rebalkit.config.schema import AccountConfig, BrokerConfig, Config, StrategyConfig, TaxConfig
from rebalkit.config.structure import structure_settings
from rebalkit.config.template import default_config_text

__all__ = [
    "AccountConfig",
    "BrokerConfig",
    "Config",
    "SettingInfo",
    "StrategyConfig",
    "TaxConfig",
    "default_config_text",
    "describe_settings",
    "load_config",
    "structure_settings",
    "suggestion",
]
