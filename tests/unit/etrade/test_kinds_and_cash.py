"""How an account is taxed, and how much of its balance an order may spend."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.errors import ConfigError, DataError
from rebalkit.model import AccountKind, Cash
from rebalkit_etrade.reading.accounts import balance_in
from rebalkit_etrade.reading.fields import Fields
from rebalkit_etrade.records import Account, Balance
from rebalkit_etrade.trading.cash import cash_in
from rebalkit_etrade.trading.kinds import is_known, is_managed, kind_of


def account(mode: str, kind: str, status: str = "ACTIVE", institution: str = "BROKERAGE") -> Account:
    return Account("58315636", "key", mode, kind, "", "", institution, status, None)


# Kinds


@pytest.mark.parametrize(
    ("mode", "kind", "taxed", "known"),
    [
        ("CASH", "INDIVIDUAL", "taxable", True), ("CASH", "CASH", "taxable", True), ("MARGIN", "MARGIN", "taxable", True),
        ("MARGIN", "JOINT", "taxable", True), ("CASH", "TRUST", "taxable", True), ("PDT ACCOUNT", "PDT_ACCOUNT", "taxable", True),
        ("IRA", "MARGIN", "ira", True), ("IRA", "INDIVIDUAL", "ira", True), ("CASH", "IRA", "ira", True),
        ("CASH", "CONTRIBUTORY", "ira", True), ("CASH", "IRA_ROLLOVER", "ira", True), ("CASH", "ROLLOVERIRA", "ira", True),
        ("CASH", "SEPIRA", "ira", True), ("CASH", "SIMPLE_IRA", "ira", True), ("CASH", "BENFIRA", "ira", False),
        ("CASH", "ROTHIRA", "roth", True), ("IRA", "ROTHIRA", "roth", True), ("CASH", "BENFROTHIRA", "roth", False),
        ("CASH", "HSA", "hsa", True), ("CASH", "HEALTH_SAVINGS", "hsa", True),
        ("CASH", "INDIVIDUAL_K", "401k", True), ("CASH", "ROTH_INDIVIDUAL_K", "roth", True),
        ("CASH", "CUSTODIAL", "ira", False), ("CASH", "LLC_C_CORPORATION", "ira", False), ("CASH", "", "ira", False),
        ("", "INDIVIDUAL", "ira", False), ("NEW_MODE", "INDIVIDUAL", "ira", False), ("NEW_MODE", "ROTHIRA", "roth", False),
    ],
)  # fmt: skip
def test_either_field_may_say_that_an_account_is_sheltered_and_an_unknown_one_is_taken_for_it(
    mode: str, kind: str, taxed: str, known: bool
) -> None:
    one = account(mode, kind)
    assert (kind_of(one, {}), is_known(one)) == (AccountKind(taxed), known)


@given(st.text("ABCDEIKLRSTUX_ ", max_size=12), st.text("ABCDEIKLRSTUX_ ", max_size=12))
def test_an_account_is_only_taxable_when_both_fields_are_known(mode: str, kind: str) -> None:
    """An account that is taken for taxable is traded for its losses."""
    for one in (account(mode, kind), account(mode, "INDIVIDUAL"), account("CASH", kind)):
        assert is_known(one) or kind_of(one, {}) is not AccountKind.TAXABLE


@pytest.mark.parametrize(
    ("status", "institution", "managed"),
    [("ACTIVE", "BROKERAGE", True), ("CLOSED", "BROKERAGE", False), ("ACTIVE", "BANKING", False), ("CLOSED", "BANKING", False)],
)
def test_only_brokerage_accounts_in_use_are_managed(status: str, institution: str, managed: bool) -> None:
    assert is_managed(account("CASH", "INDIVIDUAL", status, institution)) is managed


@pytest.mark.parametrize("kind", list(AccountKind))
def test_the_person_says_how_an_account_of_an_unknown_type_is_taxed_and_of_no_other(kind: AccountKind) -> None:
    """Whatever is known of an account stands."""
    said = {"58315636": kind, "1": AccountKind.HSA}
    assert kind_of(account("CASH", "LLC_C_CORPORATION"), said) is kind
    for known in (account("CASH", "INDIVIDUAL"), account("IRA", "MARGIN")):
        with pytest.raises(ConfigError, match="which says how it is taxed") as caught:
            kind_of(known, said)
        assert (caught.value.code, "58315636" in str(caught.value)) == ("account_kind_known", False)


# Cash


def balance(mode: str, **amounts: Any) -> Balance:
    given = {name: None if value is None else Decimal(value) for name, value in amounts.items()}
    nothing = dict.fromkeys(
        (
            "cash_available",
            "settled",
            "unsettled",
            "net_cash",
            "cash_balance",
            "margin_balance",
            "cash_buying_power",
            "total_value",
        )
    )
    return Balance("58315636", mode, **{**nothing, **given})


RECORDED_MARGIN = {
    "accountId": "58315636", "accountType": "MARGIN", "accountMode": "MARGIN",
    "Computed": {
        "cashAvailableForInvestment": 0, "netCash": 2155, "cashBalance": 0, "settledCashForInvestment": 0, "unSettledCashForInvestment": 0,
        "marginBuyingPower": 4310, "cashBuyingPower": 2155, "marginBalance": Decimal("-2977.14"), "shortAdjustBalance": Decimal("2913.88"),
        "RealTimeValues": {"totalAccountValue": Decimal("10201.5284")},
    },
}  # fmt: skip
RECORDED_AS_TEXT = {
    "accountId": "835649790", "accountType": "PDT_ACCOUNT", "accountMode": "PDT ACCOUNT",
    "Computed": {
        "cashAvailableForInvestment": "0", "netCash": "93921.44", "cashBalance": "93921.44", "settledCashForInvestment": "0",
        "unSettledCashForInvestment": "0", "marginBuyingPower": "0", "cashBuyingPower": "93921.44",
    },
}  # fmt: skip


def test_what_is_borrowed_is_no_cash() -> None:
    """As recorded in production: the net cash is what shares that are owed were sold for, and a loan stands against it."""
    found = balance_in(Fields(RECORDED_MARGIN, "answer"))
    assert cash_in(found, "MARGIN") == Cash(Decimal("-2977.14"))
    assert found.total_value == Decimal("10201.5284")


def test_numbers_of_a_balance_may_be_texts() -> None:
    assert cash_in(balance_in(Fields(RECORDED_AS_TEXT, "answer")), "PDT ACCOUNT") == Cash(Decimal("93921.44"))


@pytest.mark.parametrize("mode", ["CASH", "IRA"])
@pytest.mark.parametrize(
    ("available", "unsettled", "cash"),
    [
        ("5000", "0", ("5000", "0")), ("5000", None, ("5000", "0")), ("5000", "1200.50", ("3799.50", "1200.50")),
        ("100", "250", ("0", "100")), ("100", "-5", ("100", "0")), ("0", "50", ("0", "0")), ("-3", "50", ("-3", "0")),
    ],
)  # fmt: skip
def test_a_cash_account_has_what_is_available_of_which_a_part_has_not_settled(
    mode: str, available: str, unsettled: str | None, cash: tuple[str, str]
) -> None:
    """The larger amounts of other fields do not count."""
    found = cash_in(balance(mode, cash_available=available, unsettled=unsettled, net_cash=9999, cash_buying_power=9999), mode)
    assert found == Cash(*cash)


@pytest.mark.parametrize(
    ("settled", "unsettled", "cash"),
    [
        ("400", "0", ("400", "600")), ("400", "700", ("300", "700")), ("2000", "100", ("900", "100")), ("0", "0", ("0", "1000")),
        ("-5", "0", ("-5", "1005")), (None, "100", ("900", "100")),
    ],
)  # fmt: skip
def test_of_a_cash_account_no_more_is_settled_than_is_said_to_be(
    settled: str | None, unsettled: str, cash: tuple[str, str]
) -> None:
    assert cash_in(balance("CASH", cash_available=1000, settled=settled, unsettled=unsettled), "CASH") == Cash(*cash)


def test_the_mode_is_that_of_the_list_and_a_balance_that_says_another_one_is_an_error() -> None:
    """The sandbox says none."""
    amounts = {"cash_available": 100, "net_cash": 50, "cash_buying_power": 50, "cash_balance": 50}
    assert (cash_in(balance("", **amounts), "CASH").total, cash_in(balance("", **amounts), "MARGIN").total) == (100, 50)
    with pytest.raises(DataError, match="it is MARGIN, and in the list it is CASH"):
        cash_in(balance("MARGIN", **amounts), "CASH")


@pytest.mark.parametrize("mode", ["MARGIN", "PDT ACCOUNT", "SOMETHING NEW", "CHECKING"])
@pytest.mark.parametrize(
    ("net", "power", "cash", "margin", "total"),
    [
        (1000, 1000, 1000, 0, 1000), (900, 1000, 1000, 0, 900), (1000, 800, 1000, 0, 800), (1000, 1000, 700, 0, 700),
        (1000, 1000, 1000, None, 1000), (1000, 1000, 1000, -400, 600), (2155, 2155, 0, -2977, -2977), (1000, 1000, 900, 50, 950),
    ],
)  # fmt: skip
def test_a_margin_account_has_the_least_of_three_amounts(
    mode: str, net: int, power: int, cash: int, margin: int | None, total: int
) -> None:
    """Whatever it says that is available."""
    found = balance(mode, cash_available=5000, net_cash=net, cash_buying_power=power, cash_balance=cash, margin_balance=margin)
    assert cash_in(found, mode) == Cash(total)


@pytest.mark.parametrize(
    ("mode", "missing", "named"),
    [
        ("CASH", "cash_available", "cashAvailableForInvestment"), ("IRA", "cash_available", "cashAvailableForInvestment"),
        ("MARGIN", "net_cash", "netCash"), ("MARGIN", "cash_buying_power", "cashBuyingPower"), ("MARGIN", "cash_balance", "cashBalance"),
    ],
)  # fmt: skip
def test_an_amount_that_is_missing_is_never_taken_for_another_one_or_for_nothing(mode: str, missing: str, named: str) -> None:
    amounts = {"cash_available": 1, "net_cash": 1, "cash_buying_power": 1, "cash_balance": 1, "settled": 1, missing: None}
    with pytest.raises(DataError, match=f"{named} is missing") as caught:
        cash_in(balance(mode, **amounts), mode)
    assert caught.value.place == "E*TRADE, balance of account …5636"


AMOUNTS = st.decimals(-(10**7), 10**7, places=2)


@given(
    st.sampled_from(["CASH", "IRA", "MARGIN"]), AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS.filter(lambda one: one <= 0), AMOUNTS
)
def test_no_part_of_the_cash_is_more_than_there_is(
    mode: str, available: Decimal, net: Decimal, power: Decimal, cash: Decimal, margin: Decimal, unsettled: Decimal
) -> None:
    found = cash_in(
        balance(
            mode,
            cash_available=available,
            net_cash=net,
            cash_buying_power=power,
            cash_balance=cash,
            margin_balance=margin,
            unsettled=unsettled,
        ),
        mode,
    )
    least = min(net, power, cash + margin) if mode == "MARGIN" else available
    assert found.total == least
    assert 0 <= found.unsettled <= max(least, Decimal(0))
    assert found.settled >= 0 or found.total < 0
