"""One member pays in two stores at the same moment: a house account that is paid ahead is never overdrawn."""

import sys
from collections.abc import Callable
from decimal import Decimal

import pytest

from core.money import Money
from loyalty.models import Member
from payments.models import AccountEntry, HouseAccount
from payments.processors import house_account
from payments.processors.processor import Declined, Order, RefundOrder, Taken
from payments.services import house_accounts
from payments.services.house_accounts import balance
from payments.tests.app_trips import an_account, prepaid
from payments.tests.trips import a_store
from stores.models import Store
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 10
PEOPLE = 12
# A control gives up after so many accounts; it needs one or two.
MOST_ROUNDS = 60


def charge(account: HouseAccount, store: Store, amount: str, key: str) -> Callable[[], Taken | Declined]:
    order = Order(key, Money(Decimal(amount), account.currency), account.member, store, key)
    return lambda: house_account.charge(order)


def race(account: HouseAccount, store: Store, amount: str) -> int:
    """How many of the charges, each with a key of its own, were taken."""
    name = account.member.external_id
    answers = at_once(*(charge(account, store, amount, f"{name}/{number}") for number in range(PEOPLE)))
    return sum(isinstance(answer, Taken) for answer in answers)


def test_of_twelve_charges_as_many_are_taken_as_there_is_money() -> None:
    store = a_store()
    for number in range(ROUNDS):
        account = prepaid("10.00", member=f"MEMBER-{number}")

        assert race(account, store, "3.00") == 3

        assert balance(account).plain == "1.00"


def test_an_account_by_invoice_stays_within_its_limit() -> None:
    store = a_store()
    for number in range(ROUNDS):
        account = an_account(f"MEMBER-{number}", most_owed=Decimal(10))

        assert race(account, store, "3.00") == 3


def test_one_key_twelve_times_takes_once() -> None:
    store = a_store()
    for number in range(ROUNDS):
        account = prepaid("10.00", member=f"MEMBER-{number}")
        order = charge(account, store, "3.00", f"trip-{number}/1")

        assert len(set(at_once(*[order] * PEOPLE))) == 1

        assert balance(account).plain == "7.00"


def test_the_first_trips_of_a_member_open_one_account() -> None:
    store = a_store()
    for number in range(ROUNDS):
        member = Member.objects.create(external_id=f"MEMBER-{number}")
        unsaved = HouseAccount(member=member, currency="USD")

        assert race(unsaved, store, "3.00") == PEOPLE

        assert balance(HouseAccount.objects.get(member=member)).plain == "-36.00"


def test_money_that_comes_back_meanwhile_is_not_lost() -> None:
    store = a_store()
    account = prepaid("10.00")
    charge(account, store, "10.00", "first/1")()
    back = RefundOrder("refund-1", Money(Decimal("6.00"), "USD"), "first/1", store, "first")

    at_once(lambda: bool(house_account.refund(back)), *[charge(account, store, "6.00", "second/1")] * 3)

    spent = AccountEntry.objects.filter(reference="second/1").exists()
    assert balance(account).plain == ("0.00" if spent else "6.00")


def test_without_the_lock_it_is_overdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: the same charges, where nobody waits for anybody."""

    def unlocked(member: Member, currency: str) -> HouseAccount:
        return HouseAccount.objects.get(member=member, currency=currency)

    store, rounds, left = a_store(), 0, Decimal(0)
    accounts = [prepaid("10.00", member=f"MEMBER-{number}") for number in range(MOST_ROUNDS)]
    monkeypatch.setattr(house_accounts, "locked", unlocked)
    while left >= 0 and rounds < MOST_ROUNDS:
        race(accounts[rounds], store, "3.00")
        left = balance(accounts[rounds]).amount
        rounds += 1

    sys.stdout.write(f"round {rounds}: {left} left on an account that is paid ahead\n")
    assert left < 0
