"""Trips that the retailer's own processor collects, by house account: from the priced cart to the refund."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import sleep
from typing import Any

import pytest

from amazon.models import OutboundCall
from core import errands
from core.errands import using_the_database
from core.errors import Conflict
from loyalty.models import Code
from loyalty.services.members import announce
from orders.states import Entry, TripState
from payments.models import AccountEntry, CardDetails, Charge, HouseAccount, Refund
from payments.processors import PROCESSORS
from payments.processors.processor import Order, Taken
from payments.services.collection import retry_charge
from payments.services.trips import balances_of
from payments.states import ChargeState, RefundState
from payments.tasks import collect_due
from payments.tests.app_trips import a_member, an_account, app_trip, entries, held_by, prepaid
from payments.tests.trips import (
    TEN,
    a_store,
    begun,
    collected,
    fresh,
    happened,
    make_due,
    priced_trip,
    queued_refund,
    sent,
)
from stores.models import PaymentFlow, Processor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def amazon_is_not_called(settings: Any) -> None:
    settings.AMAZON_PAYMENTS_URL = settings.AMAZON_CHECKOUT_URL = "http://127.0.0.1:9"


class TestAMemberPays:
    def test_the_total_goes_on_the_account(self) -> None:
        trip = collected(app_trip(("6.25", "2"), ("1.50", "1")))

        assert (trip.state, trip.charge.state) == (TripState.PAID, ChargeState.CAPTURED)
        assert happened(trip) == ["capture requested", "capture succeeded"]
        assert trip.charge.events.last().actor == "house account"
        entry = AccountEntry.objects.get()
        assert (entry.member, entry.store, entry.amount, entry.currency) == (trip.member, trip.store, 14, "USD")
        assert entry.reference == trip.charge.remote_id == f"{trip.amazon_trip_id}/1"
        assert not OutboundCall.objects.exists()

    def test_the_balances_are_those_of_a_captured_trip(self) -> None:
        balances = balances_of(collected(app_trip()))

        assert (balances.captured.plain, balances.refundable.plain) == ("10.00", "10.00")
        assert not balances.outstanding

    def test_nobody_asks_amazon_for_a_card(self) -> None:
        collected(app_trip())

        assert not CardDetails.objects.exists()

    def test_points_are_earned(self) -> None:
        store = a_store(points_per_unit=1)

        trip = collected(app_trip(store=store))

        assert trip.member is not None
        assert [entry.points for entry in trip.member.points_entries.all()] == [10]

    def test_a_loyalty_card_inside_makes_a_card_entry_no_app_entry(self) -> None:
        a_member()
        trip = priced_trip(TEN, entry=Entry.CARD, shopper="MEMBER-1")

        assert trip.charge.flow == PaymentFlow.PAYMENT_SERVICE
        assert (trip.charge.processor, trip.charge.collector) == ("", "Amazon")

    def test_a_paid_trip_is_never_due_again(self) -> None:
        trip = collected(app_trip())

        assert trip.charge.next_attempt_at is None
        assert collect_due() == 0

    def test_whoever_collected_when_the_trip_was_priced_collects(self) -> None:
        trip = app_trip()
        trip.store.processor = Processor.STRIPE
        trip.store.save()

        assert collected(trip).state == TripState.PAID


class TestNothingIsToBePaid:
    @pytest.mark.parametrize("price", ["", "0.00"])
    def test_nothing_is_written(self, price: str) -> None:
        a_member()
        items = ((price, "2"),) if price else ()

        trip = collected(priced_trip(*items, entry=Entry.APP, shopper="MEMBER-1"))

        assert (trip.state, trip.charge.state) == (TripState.NO_CHARGE, ChargeState.CANCELLED)
        assert not AccountEntry.objects.exists()

    def test_nobody_needs_to_be_known_for_it(self) -> None:
        assert collected(priced_trip(entry=Entry.APP)).state == TripState.NO_CHARGE


class TestNobodyIsKnown:
    def test_the_trip_fails_and_says_so(self) -> None:
        trip = collected(app_trip(member=""))

        assert (trip.state, trip.charge.state) == (TripState.FAILED, ChargeState.FAILED)
        assert trip.charge.last_error.startswith("No member is known for this trip")
        assert not hasattr(trip.charge, "debt")

    def test_once_the_member_is_known_it_is_tried_again(self) -> None:
        trip = collected(priced_trip(TEN, entry=Entry.APP, shopper="CODE-1"))
        Code.objects.create(member=a_member(), value="CODE-1")
        announce(a_member(), {"CODE-1"})

        retry_charge(trip.charge, actor="manager")

        assert collected(trip).state == TripState.PAID


class TestTheAccountDeclines:
    def test_all_of_it_is_debt_and_the_reason_is_told(self) -> None:
        account = prepaid("9.99")

        trip = collected(app_trip())

        assert (trip.state, trip.charge.state) == (TripState.UNPAID, ChargeState.DECLINED)
        assert trip.charge.debt.owed == 10
        assert happened(trip) == ["capture requested", "capture declined", "debt opened"]
        declined = trip.charge.events.get(phase="declined")
        assert declined.actor == "house account"
        assert declined.detail == "The house account is paid ahead and holds $9.99, not $10.00."
        assert held_by(account) == "9.99"

    def test_after_money_was_paid_in_a_new_round_settles_the_debt(self) -> None:
        account = prepaid("4.00")
        trip = collected(app_trip())
        account.kind = HouseAccount.Kind.INVOICE
        account.save()

        retry_charge(trip.charge, actor="manager")
        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert trip.charge.debt.owed == 0
        assert AccountEntry.objects.last().reference.endswith("/2")
        assert held_by(account) == "-6.00"


class TestAWorkerDies:
    def test_before_it_wrote_the_line_it_is_written_once(self) -> None:
        trip = app_trip()
        begun(leased(trip))

        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert entries() == ["10.00"]

    def test_after_it_wrote_the_line_it_is_found(self) -> None:
        account = prepaid("10.00")
        trip = app_trip()
        take = begun(leased(trip))
        take()

        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert held_by(account) == "0.00"

    def test_whoever_comes_back_late_writes_no_outcome(self) -> None:
        trip = app_trip()
        late = leased(trip)
        collected(trip)

        assert begun(late) is None
        assert entries() == ["10.00"]


class Crowd:
    """A processor that takes all, and knows how many asked it at once."""

    def __init__(self) -> None:
        self.most, self._here, self._lock = 0, 0, Lock()

    def charge(self, order: Order) -> Taken:
        with self._lock:
            self._here += 1
            self.most = max(self.most, self._here)
        sleep(0.02)
        with self._lock:
            self._here -= 1
        return Taken(order.key, order.amount)


def test_no_more_are_asked_at_once_than_may_hold_a_connection(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """WORK_CONCURRENCY, which is 1 here; else 64 calls would leave the gates no connection to the database."""
    crowd = Crowd()
    monkeypatch.setitem(PROCESSORS, Processor.HOUSE_ACCOUNT, crowd)
    settings.WORK_CALLS = 4
    for _ in range(4):
        app_trip()

    with fresh_callers():
        assert collect_due() == 4

    assert crowd.most == settings.WORK_CONCURRENCY == 1
    assert set(Charge.objects.values_list("state", flat=True)) == {ChargeState.CAPTURED}


def test_who_waits_too_long_for_its_turn_is_not_asked_and_comes_later(settings: Any) -> None:
    """Else the call would be made when another worker may already act on the charge."""
    settings.WORK_LEASE_SECONDS = 0.04
    trip = app_trip()

    with using_the_database():
        waiting = collected(trip)

    assert (waiting.charge.state, entries()) == (ChargeState.PENDING, [])
    assert "too many others" in waiting.charge.last_error
    assert collected(trip).state == TripState.PAID
    assert entries() == ["10.00"]


@contextmanager
def fresh_callers() -> Iterator[None]:
    """As many threads as the setting says, for this test alone."""
    errands._callers.cache_clear()
    yield
    errands._callers().shutdown()
    errands._callers.cache_clear()


def leased(trip: Any) -> Charge:
    """As a worker takes it."""
    make_due(Charge, trip.charge.pk)
    [charge] = Charge.lease_due(1)
    trip.charge.refresh_from_db()
    return charge


class TestMoneyGoesBack:
    def test_on_the_account_that_paid(self) -> None:
        account = prepaid("15.00")
        trip = collected(app_trip())

        refund = sent(queued_refund(trip, "2.50"))

        assert refund.state == RefundState.DONE
        assert held_by(account) == "7.50"
        assert AccountEntry.objects.last().reference == refund.reconciliation_id == f"refund/{refund.refund_request_id}"
        assert fresh(trip).charge.events.last().actor == "house account"
        assert balances_of(trip).refunded.plain == "2.50"

    def test_once_even_when_its_worker_died_after_it_was_written(self) -> None:
        account = prepaid("15.00")
        trip = collected(app_trip())
        refund = sent(queued_refund(trip, "2.50"))
        Refund.objects.filter(pk=refund.pk).update(state=RefundState.SENT)

        Refund.objects.filter(pk=refund.pk).update(next_attempt_at="2020-01-01T00:00:00Z")
        refund = sent(refund)

        assert refund.state == RefundState.DONE
        assert held_by(account) == "7.50"

    def test_also_on_an_account_that_was_closed_since(self) -> None:
        account = an_account()
        trip = collected(app_trip())
        HouseAccount.objects.update(is_open=False)

        assert sent(queued_refund(trip)).state == RefundState.DONE
        assert held_by(account) == "0.00"

    def test_also_after_the_store_changed_its_flow(self) -> None:
        trip = collected(app_trip())
        trip.store.app_flow = PaymentFlow.PAYMENT_SERVICE
        trip.store.processor = Processor.STRIPE
        trip.store.save()

        assert sent(queued_refund(trip)).state == RefundState.DONE
        assert entries() == ["10.00", "-10.00"]

    def test_not_for_a_payment_that_only_a_person_has_told_of(self) -> None:
        trip = collected(app_trip())
        Charge.objects.update(remote_id="")

        refund = sent(queued_refund(trip))

        assert (refund.state, entries()) == (RefundState.FAILED, ["10.00"])
        assert refund.last_error.startswith("Which payment at house account it was is not known here")

    def test_never_more_than_was_taken(self) -> None:
        trip = collected(app_trip())

        with pytest.raises(Conflict):
            queued_refund(trip, "10.01")
