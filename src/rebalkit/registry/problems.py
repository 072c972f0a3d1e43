"""What is wrong with a plugin: a warning while nobody uses it, an error when somebody does."""

from __future__ import annotations

from attrs import field, frozen

from rebalkit.outside_text import clean
from rebalkit.registry.providers import Provider

__all__ = ["PluginProblem", "described"]


@frozen
class PluginProblem:
    """Why a plugin, or a part of it, was left out.

    Attributes:
        plugin: Name of the provider, as in ``rebalkit plugins list``.
        provider: Who brings it; None for a name that nobody has.
        reason: Why, as a sentence without its end.
        remedy: What to do.
        kind: Kind of the record that was left out, such as ``strategy``; empty when everything was.
        record: Name of the record that was left out; empty when that is not known.
        cause: The exception, for ``--debug``; None when there is none.
    """

    plugin: str
    provider: Provider | None
    reason: str
    remedy: str = ""
    kind: str = ""
    record: str = ""
    cause: BaseException | None = field(default=None, eq=False, repr=False)

    def __str__(self) -> str:
        return f"{self.provider or self.plugin}: {self.reason}. {self.remedy}".rstrip()


def described(error: BaseException) -> str:
    """An exception of a plugin as one line, without secrets."""
    from rebalkit.secrets.credentials import without_credentials

    text = clean(without_credentials(str(error)))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
