"""Two books side by side: pure."""

from decimal import Decimal

import pytest

from payments.reconciliation.compare import Account, Difference, Kind, compare


def account(captured: str = "10.00", refunded: str = "0", currency: str = "USD", **fields: int) -> dict[str, Account]:
    return {"T": Account("T", currency, Decimal(captured), Decimal(refunded), **fields)}


def kinds(differences: list[Difference]) -> list[str]:
    return [difference.kind for difference in differences]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {}),
        (account(), account(captures=1)),
        (account("10.00"), account("10", captures=1)),
        (account("10.00", "2.50"), account("10.00", "2.5", captures=1)),
        pytest.param({}, account("0", currency=""), id="the gate's hold of a trip that took nothing"),
        pytest.param(account("0"), {}, id="a trip that cost nothing"),
        pytest.param(account("0"), account("0", currency=""), id="a trip that was declined"),
    ],
)
def test_the_same_money_is_no_difference(ours: dict[str, Account], theirs: dict[str, Account]) -> None:
    assert compare(ours, theirs) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "shown"),
    [
        (account(), {}, Kind.ONLY_HERE, ("$10.00", "None")),
        (account(), account("0"), Kind.ONLY_HERE, ("$10.00", "$0.00")),
        (account("0", "2.00"), {}, Kind.ONLY_HERE, ("$2.00", "None")),
        ({}, account(captures=1), Kind.ONLY_THERE, ("None", "$10.00")),
        (account("0"), account(captures=1), Kind.ONLY_THERE, ("$0.00", "$10.00")),
        (account("0"), account("0", "2.00"), Kind.ONLY_THERE, ("$0.00", "$2.00")),
        (account(), account("9.99", captures=1), Kind.CAPTURED, ("$10.00", "$9.99")),
        (account("10", "2"), account("10", "3", captures=1), Kind.REFUNDED, ("$2.00", "$3.00")),
        (account(), account("20.00", captures=2), Kind.CAPTURED_TWICE, ("$10.00", "$20.00")),
        (account("0"), account("20.00", captures=2), Kind.CAPTURED_TWICE, ("$0.00", "$20.00")),
        (account(), account(currency="GBP", captures=1), Kind.CURRENCY, ("$10.00", "£10.00")),
    ],
)
def test_each_kind_is_found(
    ours: dict[str, Account], theirs: dict[str, Account], kind: Kind, shown: tuple[str, str]
) -> None:
    [difference] = compare(ours, theirs)

    assert (difference.kind, difference.trip_id) == (kind, "T")
    assert (str(difference.ours), str(difference.theirs)) == shown
    assert difference.suggestion.endswith(".")


def test_one_trip_can_differ_in_two_ways() -> None:
    assert kinds(compare(account("10", "1"), account("9", "2", captures=1))) == [Kind.CAPTURED, Kind.REFUNDED]


def test_amounts_in_two_currencies_are_not_compared() -> None:
    assert kinds(compare(account("10", "1"), account("9", "2", currency="JPY", captures=1))) == [Kind.CURRENCY]


def test_what_is_under_way_here_has_another_cure() -> None:
    [settled] = compare(account("0"), account(captures=1))
    [open_] = compare(account("0", is_open=True), account(captures=1))
    [unheard_of] = compare({}, account(captures=1))

    assert len({settled.suggestion, open_.suggestion, unheard_of.suggestion}) == 3
    assert "say on the trip's page what became of it" in open_.suggestion


def test_they_come_in_the_order_of_the_trips() -> None:
    theirs = {name: Account(name, "USD", Decimal(1), captures=1) for name in "CAB"}

    assert [difference.trip_id for difference in compare({}, theirs)] == ["A", "B", "C"]
