"""Settings of a broker ``etrade``, a section ``[brokers.NAME]`` of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import Attribute, field, frozen

from rebalkit.model import AccountKind
from rebalkit_etrade.trading.declared import Declared
from rebalkit_etrade.trading.movements import MOVES

__all__ = ["EtradeSettings"]

_ENVIRONMENTS = ("production", "sandbox")
_LOGS = ("off", "file", "screen")


def _one_of(*allowed: str) -> Any:
    def check(_: object, attribute: Attribute[str], value: str) -> None:
        if value not in allowed:
            raise ValueError(f"{attribute.name} is one of {', '.join(allowed)}, not {value!r}")

    return check


def _above_zero(_: object, attribute: Attribute[float], value: float) -> None:
    if not 0 < value <= 4:
        raise ValueError(f"{attribute.name} is above 0 and at most 4")


def _moves(_: object, attribute: Attribute[Mapping[str, str]], value: Mapping[str, str]) -> None:
    for kind, move in value.items():
        if move not in MOVES:
            raise ValueError(f"{attribute.name}: {kind!r} is one of {', '.join(MOVES)}, not {move!r}")


@frozen
class EtradeSettings:
    """How to reach E*TRADE.

    Attributes:
        consumer_key: Where the consumer key is kept: ``env:NAME``, ``keyring:SERVICE/NAME`` or ``file:PATH``.
        consumer_secret: Where its secret is kept.
        environment: ``production``, or ``sandbox``, which answers everything from stored data and cannot trade.
        tokens: Where the token of a login is kept: ``keyring:SERVICE/NAME`` or ``file:PATH``; empty = a file in the state folder.
        session: Name of the login, where several brokers share it, up to 64 letters, digits, - and _; empty = one of its own for each
            environment and consumer key.
        requests_per_second: How many requests are sent in a second, 2 by default (E*TRADE's own limit in its first version).
        request_log: Where every request and answer goes, without secrets: ``file``, ``screen`` or ``off``.
        account_kinds: How accounts are taxed whose type is not known, by number: ``taxable``, ``ira``, ``roth``, ``hsa`` or ``401k``.
        moves: What types of transactions do that are not known: ``buy``, ``sell``, ``reinvest``, ``receive``, ``deliver`` or ``none``.
        not_managed: Kinds of securities that are not known and are to be left alone.
        base_url: An address of this machine in the place of E*TRADE's, for tests; empty otherwise.

    Raises:
        ValueError: A value that cannot be.
    """

    consumer_key: str = "env:ETRADE_CONSUMER_KEY"
    consumer_secret: str = "env:ETRADE_CONSUMER_SECRET"  # noqa: S105 - the name of a variable, not a secret
    environment: str = field(default="production", validator=_one_of(*_ENVIRONMENTS))
    tokens: str = ""
    session: str = ""
    requests_per_second: float = field(default=2.0, validator=_above_zero)
    request_log: str = field(default="off", validator=_one_of(*_LOGS))
    account_kinds: Mapping[str, AccountKind] = field(factory=dict)
    moves: Mapping[str, str] = field(factory=dict, validator=_moves)
    not_managed: tuple[str, ...] = ()
    base_url: str = ""

    @property
    def declared(self) -> Declared:
        """What they say of what E*TRADE does not tell."""
        moves = {kind.lower(): MOVES[move] for kind, move in self.moves.items()}
        return Declared(self.account_kinds, moves, frozenset(one.upper() for one in self.not_managed))
