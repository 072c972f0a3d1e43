"""The files broker: accounts, lots, prices and history from a folder of CSV files."""

from rebalkit.brokers.files.broker import CAPABILITIES, FilesBroker, FilesSettings
from rebalkit.brokers.files.contents import Contents
from rebalkit.brokers.files.folder import read_folder

__all__ = ["CAPABILITIES", "Contents", "FilesBroker", "FilesSettings", "read_folder"]
