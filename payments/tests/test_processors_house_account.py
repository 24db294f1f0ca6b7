"""House accounts: what they allow, what stands on them, and that nothing stands twice."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from amazon.outbound.errors import Refused
from core.errors import Conflict, Invalid
from core.money import Money
from payments.models import AccountEntry, HouseAccount
from payments.processors import house_account
from payments.processors.processor import Declined, Order, RefundOrder, Taken
from payments.services.house_accounts import pay_in, with_owed
from payments.tests.app_trips import a_member, an_account, entries, held_by, prepaid
from payments.tests.trips import a_store

pytestmark = pytest.mark.django_db


def an_order(amount: str = "10.00", key: str = "trip/1", currency: str = "USD", member: str = "MEMBER-1") -> Order:
    return Order(key, Money(Decimal(amount), currency), a_member(member), a_store(), "trip")


def reason(order: Order) -> str:
    answer = house_account.charge(order)
    assert isinstance(answer, Declined)
    return answer.reason


def test_who_has_no_account_gets_one_by_invoice_without_a_limit() -> None:
    assert house_account.charge(an_order("9999999999.99")) == Taken("trip/1", Money(Decimal("9999999999.99"), "USD"))

    account = HouseAccount.objects.get()
    assert (account.kind, account.most_owed, account.is_open) == (HouseAccount.Kind.INVOICE, None, True)


def test_the_same_key_takes_once() -> None:
    account = prepaid("10.00")

    answers = [house_account.charge(an_order()) for _ in range(3)]

    assert answers == [Taken("trip/1", Money(Decimal("10.00"), "USD"))] * 3
    assert held_by(account) == "0.00"


def test_what_was_taken_is_found_and_what_was_not_is_not() -> None:
    house_account.charge(an_order())

    assert house_account.look_up(an_order()) == Taken("trip/1", Money(Decimal("10.00"), "USD"))
    assert house_account.look_up(an_order(key="trip/2")) is None


def test_a_prepaid_account_pays_to_the_last_penny_and_no_further() -> None:
    account = prepaid("20.00")

    assert isinstance(house_account.charge(an_order("19.99", "a")), Taken)
    assert reason(an_order("0.02", "b")) == "The house account is paid ahead and holds $0.01, not $0.02."
    assert isinstance(house_account.charge(an_order("0.01", "c")), Taken)
    assert held_by(account) == "0.00"


def test_an_account_by_invoice_owes_up_to_its_limit() -> None:
    an_account(most_owed=Decimal(15))
    house_account.charge(an_order("10.00", "a"))

    assert reason(an_order("5.01", "b")) == "The house account would owe $15.01, more than its limit of $15.00."
    assert isinstance(house_account.charge(an_order("5.00", "c")), Taken)


def test_a_limit_of_nothing_allows_what_was_paid_in() -> None:
    an_account(holds="3.00", most_owed=Decimal(0))

    assert isinstance(house_account.charge(an_order("3.00", "a")), Taken)
    assert isinstance(house_account.charge(an_order("0.01", "b")), Declined)


def test_a_closed_account_declines() -> None:
    an_account(holds="100.00", is_open=False)

    assert reason(an_order()) == "The house account is closed."


def test_each_currency_and_each_member_has_an_account_of_their_own() -> None:
    account = prepaid("10.00")

    house_account.charge(an_order("500", "yen", currency="JPY"))
    house_account.charge(an_order("5.00", "other", member="MEMBER-2"))

    assert held_by(account) == "10.00"
    assert {str(each): each.owed for each in with_owed(HouseAccount.objects.all())} == {
        "house account of MEMBER-1 in USD": -10,
        "house account of MEMBER-1 in JPY": 500,
        "house account of MEMBER-2 in USD": 5,
    }


def test_a_refund_goes_back_once_for_its_key() -> None:
    account = an_account()
    house_account.charge(an_order())
    order = RefundOrder("key-1", Money(Decimal("4.00"), "USD"), "trip/1", a_store(), "trip")

    assert [house_account.refund(order) for _ in range(2)] == ["refund/key-1"] * 2
    assert house_account.refund(replace(order, key="key-2")) == "refund/key-2"
    assert held_by(account) == "-2.00"


def test_a_refund_of_what_no_account_paid_is_refused() -> None:
    with pytest.raises(Refused, match="No line"):
        house_account.refund(RefundOrder("key", Money(Decimal(1), "USD"), "unknown/1", a_store(), "trip"))


def test_what_is_paid_in_stands_once_with_who_and_how() -> None:
    account, key = an_account(), uuid4()

    for _ in range(2):
        after = pay_in(account, amount=Decimal("12.50"), key=key, actor="manager", note=" Cash, till 2 ")

    assert after == Money(Decimal("12.50"), "USD")
    entry = AccountEntry.objects.get()
    assert (entry.amount, entry.actor, entry.note, entry.store) == (Decimal("-12.50"), "manager", "Cash, till 2", None)


def test_a_payment_booked_by_mistake_is_booked_back() -> None:
    account = an_account(holds="12.50")

    pay_in(account, amount=Decimal("-12.50"), key=uuid4(), actor="manager", note="It was somebody else's.")

    assert entries() == ["-12.50", "12.50"]
    assert held_by(account) == "0.00"


@pytest.mark.parametrize(("amount", "note"), [("0", "x"), ("1.005", "x"), ("1.00", " ")])
def test_a_payment_that_cannot_be_is_refused(amount: str, note: str) -> None:
    with pytest.raises(Invalid):
        pay_in(an_account(), amount=Decimal(amount), key=uuid4(), actor="manager", note=note)

    assert entries() == []


def test_a_key_that_stands_for_another_payment_is_refused() -> None:
    account, key = an_account(), uuid4()
    pay_in(account, amount=Decimal(5), key=key, actor="manager", note="Cash.")

    with pytest.raises(Conflict):
        pay_in(account, amount=Decimal(6), key=key, actor="manager", note="Cash.")
