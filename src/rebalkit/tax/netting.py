"""A year's gains and losses against each other, what of a loss is deducted, and what is carried over with its character."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen

from rebalkit.money import to_decimal

__all__ = ["LIMIT", "LIMIT_SEPARATE", "Netting", "net"]

LIMIT = Decimal(3000)
"""USD of net capital loss that one year may deduct from other income (26 USC 1211(b)(1)); unchanged since 1978."""

LIMIT_SEPARATE = Decimal(1500)
"""The same for a married person who files separately (26 USC 1211(b)(1))."""

_NOTHING = Decimal(0)


@frozen
class Netting:
    """What remains of a year when its gains and losses have met. USD; a net loss is below 0.

    Attributes:
        short: Net short-term gain, after the short-term loss carried in (26 USC 1222(5), (6)).
        long: Net long-term gain, after the long-term loss carried in (26 USC 1222(7), (8)).
        net: Both together.
        deduction: What of a net loss is deducted this year, 0 or more.
        carry_short: Short-term loss for the next year, 0 or more.
        carry_long: Long-term loss for the next year, 0 or more.
    """

    short: Decimal
    long: Decimal
    net: Decimal
    deduction: Decimal
    carry_short: Decimal
    carry_long: Decimal

    @property
    def short_gain(self) -> Decimal:
        """What of the net gain is short-term and taxed like other income; 0 without one."""
        return max(_NOTHING, min(self.short, self.net))

    @property
    def long_gain(self) -> Decimal:
        """The net capital gain of 26 USC 1222(11): what of the net gain has the rates of long-term gains; 0 without one."""
        return max(_NOTHING, min(self.long, self.net))


def net(
    short: Decimal | int,
    long: Decimal | int,
    carry_short: Decimal | int = 0,
    carry_long: Decimal | int = 0,
    limit: Decimal | int = LIMIT,
) -> Netting:
    """Net a year: each term with what was carried into it, then one against the other.

    A net loss is deducted up to ``limit``, and of it the short-term loss first; the rest is carried over without an end, each part
    with its character (26 USC 1212(b)). Not looked at is whether there is other income to deduct it from: with a taxable income
    below 0 less of the loss is used up, and more carried over (26 USC 1212(b)(2)).

    Args:
        short: Recognised short-term gains and losses of the year.
        long: Recognised long-term gains and losses of the year.
        carry_short: Short-term loss carried in from the year before, 0 or more.
        carry_long: Long-term loss carried in, 0 or more.
        limit: The most that is deducted: `LIMIT`, or `LIMIT_SEPARATE`.

    Raises:
        ValueError: For a carryover or a limit below 0.
    """
    for name, value in (("short-term carryover", carry_short), ("long-term carryover", carry_long), ("limit", limit)):
        if value < 0:
            raise ValueError(f"the {name} is {value}, below 0: write a loss carried over as a positive number")
    short_net = to_decimal(short) - to_decimal(carry_short)
    long_net = to_decimal(long) - to_decimal(carry_long)
    total = short_net + long_net
    loss = max(_NOTHING, -total)
    deduction = min(loss, to_decimal(limit))
    # Where both terms lose, each keeps its own loss; where one gains, what is left of the loss has the other's character.
    short_loss = min(loss, max(_NOTHING, -short_net))
    long_loss = loss - short_loss
    from_short = min(deduction, short_loss)
    return Netting(short_net, long_net, total, deduction, short_loss - from_short, long_loss - (deduction - from_short))
