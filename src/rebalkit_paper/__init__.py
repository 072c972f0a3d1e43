"""A broker on paper: an account on disk that trades as strictly as a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rebalkit_paper.book import Book, FillRules
    from rebalkit_paper.broker import PaperBroker, PaperSettings
    from rebalkit_paper.create import create_book
    from rebalkit_paper.store import load as open_book

__all__ = ["Book", "FillRules", "PaperBroker", "PaperSettings", "create_book", "open_book"]


def __getattr__(name: str) -> Any:
    # Every start of rebalkit imports this package for what its plugin module registers; the rest is for those who use it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rebalkit_paper import book, broker, create, store

    if name == "open_book":
        return store.load
    return next(getattr(module, name) for module in (book, broker, create) if hasattr(module, name))
