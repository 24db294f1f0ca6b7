"""The rules at the gate, by themselves: what refuses, what is held, and what staff are told."""

from decimal import Decimal
from typing import Any

import pytest

from core.money import Money
from payments.authorization import Advice, Decision, Rules, Shopper, decide, is_same_risk

ALL_RISKS = frozenset({"CustomerFraud", "BadDebt", "InvalidCard", "ExpiredCard"})
NOTHING_SAID = Advice()


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def rules(**changes: Any) -> Rules:
    plain = {
        "follows_amazon": True,
        "denied_risks": ALL_RISKS,
        "denies_debtors": True,
        "tolerated_debt": usd("0"),
        "most_held": None,
    }
    return Rules(**(plain | changes))


def decided(shopper: Shopper | None = None, advice: Advice = NOTHING_SAID, **more: Any) -> Decision:
    return decide(more.pop("rules", rules()), shopper or Shopper(), advice=advice, **more)


# --- Who is refused ---


def test_somebody_of_whom_nothing_is_known_is_let_in() -> None:
    assert decided() == Decision(True, ("Nothing speaks against this shopper.",))


def test_blocked_shopper_is_refused_with_the_reason_that_staff_gave() -> None:
    assert decided(Shopper(block="threw bottles")) == Decision(False, ("Blocked: threw bottles",))
    assert decided(Shopper(block="")) == Decision(False, ("Blocked.",))


def test_debtor_is_refused_as_bad_debt() -> None:
    assert decided(Shopper(debts=(usd("3.50"),))) == Decision(
        False, ("Owes $3.50 for earlier trips.",), risks=("BadDebt",)
    )


@pytest.mark.parametrize(("owed", "is_let_in"), [("4.99", True), ("5.00", True), ("5.01", False)])
def test_what_is_tolerated_may_be_owed(owed: str, is_let_in: bool) -> None:
    decision = decided(Shopper(debts=(usd(owed),)), rules=rules(tolerated_debt=usd("5.00")))

    assert decision.is_authorized is is_let_in
    assert f"Owes ${owed} for earlier trips" in decision.reasons[0]


def test_store_may_let_debtors_in() -> None:
    decision = decided(Shopper(debts=(usd("900"),)), rules=rules(denies_debtors=False))

    assert decision == Decision(True, ("Owes $900.00 for earlier trips, but debtors are let in here.",))


def test_debts_in_several_currencies_are_never_added_up() -> None:
    shopper = Shopper(debts=(eur("3"), usd("3")))

    decision = decided(shopper, rules=rules(tolerated_debt=usd("4")))

    assert decision.reasons == ("Owes €3.00 for earlier trips.",), "of another currency nothing is tolerated"
    assert not decision.is_authorized
    assert decided(shopper).reasons == ("Owes €3.00 and $3.00 for earlier trips.",)


@pytest.mark.parametrize("risk", ["CustomerFraud", "BadDebt", "InvalidCard", "ExpiredCard", "EXPIRED_CARD"])
@pytest.mark.parametrize("says", [True, False, None])
@pytest.mark.parametrize("follows", [True, False])
def test_listed_risk_refuses_whatever_amazon_advises(risk: str, says: bool | None, follows: bool) -> None:
    decision = decided(advice=Advice(says, risks=(risk,)), rules=rules(follows_amazon=follows))

    assert not decision.is_authorized
    assert decision.risks == (risk,), "in Amazon's own spelling"
    assert decision.reasons[0] == f"Amazon names the risk {risk}."


def test_risk_that_is_not_listed_is_noted_only() -> None:
    assert decided(advice=Advice(True, risks=("SomethingNew",))) == Decision(
        True, ("Amazon names what does not refuse here: SomethingNew.",)
    )


def test_advice_to_refuse_is_followed_with_its_risks() -> None:
    assert decided(advice=Advice(False, risks=("SomethingNew",))) == Decision(
        False, ("Amazon advises to refuse.",), risks=("SomethingNew",)
    )


def test_advice_to_refuse_is_ignored_where_the_store_decides_itself() -> None:
    assert decided(advice=Advice(False), rules=rules(follows_amazon=False)) == Decision(
        True, ("Amazon advises to refuse, but this store decides by its own rules.",)
    )


def test_all_that_refuses_is_told_in_the_order_in_which_it_counts() -> None:
    decision = decided(
        Shopper(block="stole", debts=(usd("2"),)), advice=Advice(False, risks=("BadDebt", "CustomerFraud"))
    )

    assert decision == Decision(
        False,
        (
            "Blocked: stole",
            "Owes $2.00 for earlier trips.",
            "Amazon names the risk BadDebt.",
            "Amazon names the risk CustomerFraud.",
            "Amazon advises to refuse.",
        ),
        risks=("BadDebt", "CustomerFraud"),
    )


def test_nothing_is_held_for_who_is_refused() -> None:
    decision = decided(Shopper(block="x"), advice=Advice(True, usd("5")), held=usd("50"))

    assert decision.adjusted_to is None


# --- How much is held ---


def test_hold_that_amazon_advises_is_taken_over() -> None:
    decision = decided(advice=Advice(True, usd("25")), held=usd("50"))

    assert (decision.is_authorized, decision.adjusted_to) == (True, usd("25"))
    assert decision.reasons == ("Amazon advises to hold $25.00.",)


def test_hold_that_amazon_advises_is_ignored_where_the_store_decides_itself() -> None:
    assert decided(advice=Advice(True, usd("25")), held=usd("50"), rules=rules(follows_amazon=False)) == Decision(
        True, ("Nothing speaks against this shopper.",)
    )


def test_advice_in_another_currency_than_the_hold_is_not_followed() -> None:
    decision = decided(advice=Advice(True, eur("25")), held=usd("50"))

    assert decision.adjusted_to is None
    assert "another currency" in decision.reasons[0]


@pytest.mark.parametrize(
    ("held", "advised", "expected"),
    [
        ("50", None, "20"),  # lowered
        ("20", None, None),  # as it is
        ("10", None, None),  # never raised
        ("50", "30", "20"),  # Amazon's advice is lowered, too
        ("50", "15", "15"),
        ("10", "30", "20"),
        (None, "30", "20"),
        (None, None, None),  # nobody says what is held
    ],
)
def test_at_most_what_the_store_wants_is_held(held: str | None, advised: str | None, expected: str | None) -> None:
    decision = decided(
        advice=Advice(True, usd(advised) if advised else None),
        held=usd(held) if held else None,
        rules=rules(most_held=usd("20")),
    )

    assert decision.is_authorized
    assert decision.adjusted_to == (usd(expected) if expected else None)


def test_limit_does_not_concern_a_hold_in_another_currency() -> None:
    assert decided(held=eur("500"), rules=rules(most_held=usd("20"))).adjusted_to is None


@pytest.mark.parametrize(
    ("in_cart", "expected"), [(usd("5"), "20"), (usd("30"), "30"), (usd("80"), None), (eur("30"), "20"), (None, "20")]
)
def test_what_is_in_the_cart_already_stays_covered(in_cart: Money | None, expected: str | None) -> None:
    decision = decided(held=usd("50"), in_cart=in_cart, rules=rules(most_held=usd("20")))

    assert decision.adjusted_to == (usd(expected) if expected else None)


def test_staff_are_told_why_less_is_held() -> None:
    by_limit = decided(held=usd("50"), rules=rules(most_held=usd("20")))
    by_cart = decided(held=usd("50"), in_cart=usd("30"), rules=rules(most_held=usd("20")))

    assert by_limit.reasons == ("This store has at most $20.00 held.",)
    assert by_cart.reasons == ("The cart costs $30.00 already, more than the $20.00 that this store has held at most.",)


@pytest.mark.parametrize(
    ("left", "right", "is_same"),
    [
        ("ExpiredCard", "EXPIRED_CARD", True),
        ("bad debt", "BadDebt", True),
        ("BadDebt", "BadDebts", False),
        ("", "BadDebt", False),
    ],
)
def test_risks_are_compared_by_their_letters(left: str, right: str, is_same: bool) -> None:
    assert is_same_risk(left, right) is is_same
