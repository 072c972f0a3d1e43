"""Where a history is and whose it is, as a person says it: FILE, ACCOUNT=FILE or ACCOUNT:KIND=FILE."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from rebalkit.errors import DataError, UsageError
from rebalkit.model import AccountKind

__all__ = ["FileSource", "kinds_of", "parse_source"]

_NOT_TAXABLE = re.compile(r"\b(?:roth|r?ira|rollover|401\s*\(?k\b|403\s*\(?b\b|hsa|health savings|sep|simple|pension)\b", re.I)
"""Words in the name of an account that is probably not taxable. They decide nothing: the person is asked."""


@frozen
class FileSource:
    """A file or folder.

    Attributes:
        path: Where it is.
        account: The account in it; None for what the file says.
        kind: How that is taxed; None when it is not said.
    """

    path: str
    account: str | None = None
    kind: AccountKind | None = None


def parse_source(given: str | Path) -> FileSource:
    """What ``given`` means. Raises UsageError for a kind that does not exist, or an empty part."""
    text = str(given)
    account, sign, path = text.partition("=")
    if isinstance(given, Path) or not sign or _exists(text):
        return FileSource(text)
    account, colon, kind = account.partition(":") if ":" in account else (account, "", "")
    if not account.strip() or not path.strip():
        raise UsageError(f"{text!r} is not ACCOUNT=FILE or ACCOUNT:KIND=FILE", place=text, code="bad_source")
    if colon and kind not in list(AccountKind):
        remedy = f"Kinds are {', '.join(AccountKind)}."
        raise UsageError(f"{kind!r} is not a kind of account", place=text, remedy=remedy, code="unknown_word")
    return FileSource(path.strip(), account.strip(), AccountKind(kind) if colon else None)


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # it is too long for a path
        return False


def kinds_of(sources: Sequence[FileSource], found: Sequence[Mapping[str, AccountKind | None]]) -> dict[str, AccountKind]:
    """How each account is taxed: as said anywhere, else taxable.

    Args:
        sources: The files and folders.
        found: Of each, its accounts, with the kinds that it or the person says.

    Raises:
        DataError: An account whose name says that it may not be taxable, and whose kind nobody says.
        UsageError: One account of two kinds.
    """
    kinds: dict[str, AccountKind | None] = {}
    where: dict[str, str] = {}
    for source, accounts in zip(sources, found, strict=True):
        for account, kind in accounts.items():
            known = kinds.get(account)
            if known is not None and kind is not None and known is not kind:
                raise UsageError(f"account {account} is said to be {known} and {kind}", place=source.path, code="two_kinds")
            kinds[account] = known or kind
            where.setdefault(account, source.path)
    for account, kind in kinds.items():
        if kind is None and _NOT_TAXABLE.search(account.replace("_", " ")):
            raise DataError(
                f"account {account!r} may not be taxable, and its kind is not given",
                place=where[account],
                remedy=f"Say it, such as '{account}:{AccountKind.IRA}={where[account]}'. Kinds are {', '.join(AccountKind)}.",
                code="no_kind",
            )
    return {account: kind or AccountKind.TAXABLE for account, kind in kinds.items()}
