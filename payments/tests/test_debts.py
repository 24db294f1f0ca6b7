"""What becomes of a debt: paid in the store, waived, written off, or paid by the card after all."""

from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict, Invalid
from orders.models import Trip
from orders.states import TripState
from payments.models import Charge, Debt, DebtSettlement, FeedbackReport
from payments.services.collection import retry_charge
from payments.services.debts import settle, with_owed_in_all, write_off
from payments.services.trips import balances_of
from payments.states import ChargeState, DebtState
from payments.tests.trips import (
    TEN,
    a_store,
    assert_books_agree,
    collected,
    fresh,
    happened,
    make_due,
    priced_trip,
    queued_refund,
    sent,
)
from sandbox.testing import SandboxProcess
from staff.models import User

pytestmark = pytest.mark.django_db


def declined(sandbox: SandboxProcess, *items: tuple[str, str], magic: str = "declined-payment", **options: Any) -> Trip:
    """The card paid nothing of 10.00, unless items or the magic trip say otherwise."""
    return collected(priced_trip(*(items or (TEN,)), trip_id=f"{magic}-trip-uuid-{uuid4()}", **options))


def pay(trip: Trip, amount: str, means: str = "cash", **fields: Any) -> DebtSettlement:
    options = {"key": uuid4(), "actor": "clerk", "note": "as agreed" if means == "waived" else ""} | fields
    return settle(trip.charge.debt, amount=Decimal(amount), means=means, **options)


def asked_again(trip: Trip) -> Trip:
    """The card, by staff, and a worker has dealt with it."""
    retry_charge(trip.charge, actor="manager")
    return collected(trip)


def debt_of(trip: Trip) -> Debt:
    return Debt.objects.get(charge__trip=trip)


def stands(trip: Trip) -> tuple[str, str, str]:
    """State of the trip, state of the debt, what is still owed."""
    debt = debt_of(trip)
    return Trip.objects.get(pk=trip.pk).state, debt.state, f"{debt.owed:.2f}"


def assert_adds_up(trip: Trip) -> None:
    """Columns, rows and events say the same, and no part of the total is lost or counted twice."""
    trip, debt = fresh(trip), debt_of(trip)
    charge, balances = trip.charge, balances_of(trip)
    rows = sum((row.amount for row in debt.settlements.all()), Decimal(0))
    assert charge.captured + charge.settled + debt.owed == charge.amount
    assert charge.settled == rows
    assert balances.outstanding.amount == debt.owed == charge.outstanding
    assert balances.captured.amount == charge.captured


class TestPaidInTheStore:
    @pytest.mark.parametrize("means", ["cash", "terminal"])
    def test_the_whole_debt(self, sandbox: SandboxProcess, means: str) -> None:
        trip = declined(sandbox)

        pay(trip, "10.00", means)

        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert happened(fresh(trip))[-2:] == ["debt opened", "debt paid"]
        assert_adds_up(trip)

    def test_a_part_leaves_the_rest_owed(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)

        pay(trip, "3.99")

        assert stands(trip) == (TripState.PARTLY_PAID, DebtState.OPEN, "6.01")
        pay(trip, "6.01", "terminal")
        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert_adds_up(trip)

    def test_the_rest_of_a_trip_whose_card_paid_a_part(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, ("10.01", "1"), magic="partly-authorized")

        pay(trip, "5.01")

        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert_adds_up(trip)
        assert_books_agree(sandbox, trip)

    def test_a_trip_that_had_expired(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, magic="expired-shopping")
        assert trip.state == TripState.EXPIRED

        pay(trip, "4.00")
        assert stands(trip) == (TripState.PARTLY_PAID, DebtState.OPEN, "6.00")
        pay(trip, "6.00")

        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")

    def test_the_event_says_who_how_much_by_what_and_why(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)

        settlement = pay(trip, "2.50", "terminal", actor="ada", note="At the counter.")

        event = trip.charge.events.get(kind="debt", phase="paid")
        assert (event.actor, event.amount, event.key) == ("ada", Decimal("2.50"), str(settlement.key))
        assert event.detail == "Card terminal – At the counter."

    def test_what_was_paid_in_the_store_is_not_refunded_to_the_card(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, ("10.01", "1"), magic="partly-authorized")
        pay(trip, "5.01")

        with pytest.raises(Conflict, match=r"At most \$5.00"):
            queued_refund(trip, "5.01")

        assert balances_of(fresh(trip)).refundable.plain == "5.00"
        assert sent(queued_refund(trip)).amount == 5
        assert_books_agree(sandbox, trip)


class TestWaived:
    def test_nothing_is_owed_and_the_trip_stays_unpaid(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)

        pay(trip, "10.00", "waived", note="We had closed early.")

        assert stands(trip) == (TripState.UNPAID, DebtState.SETTLED, "0.00")
        assert trip.charge.events.get(kind="debt", phase="waived").detail == "We had closed early."
        assert_adds_up(trip)

    @pytest.mark.parametrize("first", ["cash", "waived"])
    def test_paid_in_part_whatever_came_first(self, sandbox: SandboxProcess, first: str) -> None:
        trip, second = declined(sandbox), "waived" if first == "cash" else "cash"

        pay(trip, "5.00", first)
        pay(trip, "5.00", second)

        assert stands(trip) == (TripState.PARTLY_PAID, DebtState.SETTLED, "0.00")
        assert_adds_up(trip)

    @pytest.mark.parametrize("note", ["", "  "])
    def test_a_reason_is_needed(self, sandbox: SandboxProcess, note: str) -> None:
        trip = declined(sandbox)

        with pytest.raises(Invalid, match="Say why"):
            pay(trip, "10.00", "waived", note=note)

        assert stands(trip) == (TripState.UNPAID, DebtState.OPEN, "10.00")


class TestWrittenOff:
    def test_the_shopper_still_owes_it(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)

        write_off(trip.charge.debt, actor="manager", note="Not found for a year.")

        event = trip.charge.events.get(kind="debt", phase="written_off")
        assert (event.actor, event.amount, event.detail) == ("manager", 10, "Not found for a year.")
        assert stands(trip) == (TripState.UNPAID, DebtState.WRITTEN_OFF, "10.00")
        assert balances_of(fresh(trip)).outstanding.plain == "10.00"

    def test_it_can_be_paid_all_the_same(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)
        write_off(trip.charge.debt, actor="manager", note="Not found.")

        pay(trip, "4.00")
        assert stands(trip) == (TripState.PARTLY_PAID, DebtState.WRITTEN_OFF, "6.00")
        pay(trip, "6.00")

        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert_adds_up(trip)

    def test_only_once_and_with_a_reason(self, sandbox: SandboxProcess) -> None:
        debt = declined(sandbox).charge.debt
        with pytest.raises(Invalid, match="Say why"):
            write_off(debt, actor="manager", note=" ")
        write_off(debt, actor="manager", note="Not found.")

        with pytest.raises(Conflict, match="written off already"):
            write_off(debt, actor="manager", note="Not found.")

        assert debt.charge.events.filter(phase="written_off").count() == 1

    def test_what_is_settled_cannot_be_written_off(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)
        pay(trip, "10.00")

        with pytest.raises(Conflict, match="Nothing is owed"):
            write_off(trip.charge.debt, actor="manager", note="Not found.")

    def test_the_card_is_not_asked_for_it(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, magic="declined-once")
        write_off(trip.charge.debt, actor="manager", note="Not found.")

        with pytest.raises(Conflict, match="written off"):
            retry_charge(trip.charge, actor="manager")


class TestPaidByTheCardAfterAll:
    def test_the_card_pays_when_it_is_asked_again(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, magic="declined-once")

        trip = asked_again(trip)

        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert happened(trip)[-2:] == ["capture succeeded", "debt paid"]
        assert_adds_up(trip)
        assert_books_agree(sandbox, trip)

    def test_it_is_asked_for_what_is_left(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, magic="declined-once")
        pay(trip, "4.00")

        trip = asked_again(fresh(trip))

        assert sandbox.trip(trip.amazon_trip_id)["captured"] == "6.00"
        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert_adds_up(trip)
        assert_books_agree(sandbox, trip)

    def test_what_was_waived_is_not_paid_by_it(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, magic="declined-once")
        pay(trip, "4.00", "waived")

        trip = asked_again(fresh(trip))

        assert trip.charge.captured == 6
        assert stands(trip) == (TripState.PARTLY_PAID, DebtState.SETTLED, "0.00")

    @pytest.mark.parametrize(("means", "state"), [("cash", "partly_paid"), ("waived", "unpaid")])
    def test_declined_again_the_rest_is_still_owed(self, sandbox: SandboxProcess, means: str, state: str) -> None:
        trip = declined(sandbox)
        pay(trip, "4.00", means)

        trip = asked_again(fresh(trip))

        assert stands(trip) == (state, DebtState.OPEN, "6.00")
        assert happened(trip).count("debt opened") == 1
        assert_adds_up(trip)

    def test_a_token_that_has_ended_by_then_leaves_the_part_that_was_paid(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, magic="declined-once")
        pay(trip, "4.00")
        sandbox.move_clock(47 * 3600)

        trip = asked_again(fresh(trip))

        assert trip.charge.state == ChargeState.EXPIRED
        assert stands(trip) == (TripState.PARTLY_PAID, DebtState.OPEN, "6.00")

    def test_a_second_try_that_amazon_refuses_can_still_be_paid_in_the_store(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)
        sandbox.fault("status", operation="adjust", trip=trip.amazon_trip_id, status=400)
        trip = asked_again(trip)
        assert trip.state == TripState.FAILED

        pay(trip, "10.00")

        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")
        with pytest.raises(Conflict, match="settled"):
            retry_charge(trip.charge, actor="manager")

    def test_nothing_is_settled_while_the_card_is_being_asked(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, magic="declined-once")
        retry_charge(trip.charge, actor="manager")

        for means in ("cash", "waived"):
            with pytest.raises(Conflict, match="The card is being asked"):
                pay(trip, "10.00", means)
        with pytest.raises(Conflict, match="The card is being asked"):
            write_off(trip.charge.debt, actor="manager", note="Not found.")

        assert stands(collected(trip)) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert_books_agree(sandbox, trip)

    def test_nor_while_nobody_knows_whether_it_paid(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, magic="declined-once")
        sandbox.fault("lose_answer", operation="capture", trip=trip.amazon_trip_id)
        trip = asked_again(trip)
        assert trip.charge.state == ChargeState.UNKNOWN

        with pytest.raises(Conflict, match="The card is being asked"):
            pay(trip, "10.00")

        make_due(Charge, trip.charge.pk)
        assert stands(collected(trip)) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert_books_agree(sandbox, trip)


class TestTheSameAgain:
    def test_gives_the_settlement_that_stands(self, sandbox: SandboxProcess) -> None:
        trip, key = declined(sandbox), uuid4()

        first, second = (pay(trip, "10.00", key=key) for _ in range(2))

        assert first == second
        assert stands(trip) == (TripState.PAID, DebtState.SETTLED, "0.00")
        assert trip.charge.events.filter(kind="debt", phase="paid").count() == 1

    @pytest.mark.parametrize("other", [{"amount": "3.00"}, {"means": "terminal"}, {"means": "waived"}])
    def test_with_another_content_is_refused(self, sandbox: SandboxProcess, other: dict[str, str]) -> None:
        trip, key = declined(sandbox), uuid4()
        pay(trip, "4.00", key=key)

        with pytest.raises(Conflict, match="This key stands for another settlement"):
            pay(trip, **({"amount": "4.00", "means": "cash"} | other), key=key)

        assert_adds_up(trip)

    def test_for_another_debt_is_refused(self, sandbox: SandboxProcess) -> None:
        key: UUID = pay(declined(sandbox), "4.00").key
        other = declined(sandbox)

        with pytest.raises(Conflict, match="This key stands for another settlement"):
            pay(other, "4.00", key=key)

        assert stands(other) == (TripState.UNPAID, DebtState.OPEN, "10.00")


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("amount", "error", "words"),
        [
            ("0", Invalid, "more than 0"),
            ("-1.00", Invalid, "more than 0"),
            ("1.001", Invalid, "USD has 2 decimals"),
            ("10.01", Conflict, r"No more than \$10.00 is owed"),
        ],
    )
    def test_such_an_amount(self, sandbox: SandboxProcess, amount: str, error: type[Exception], words: str) -> None:
        trip = declined(sandbox)

        with pytest.raises(error, match=words):
            pay(trip, amount)

        assert not DebtSettlement.objects.exists()
        assert_adds_up(trip)

    def test_a_part_of_a_yen(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox, ("120", "1"), store=a_store("TEST-YEN", currency="JPY"))

        with pytest.raises(Invalid, match="JPY has 0 decimals"):
            pay(trip, "0.5")

        pay(trip, "120")
        assert stands(trip)[:2] == (TripState.PAID, DebtState.SETTLED)

    def test_such_means(self, sandbox: SandboxProcess) -> None:
        with pytest.raises(Invalid, match="“cheque” is none of cash, terminal, waived"):
            pay(declined(sandbox), "10.00", "cheque")

    def test_more_than_is_left(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)
        pay(trip, "10.00")

        with pytest.raises(Conflict, match="Nothing is owed any more"):
            pay(trip, "0.01")


class TestWhatAmazonIsTold:
    @staticmethod
    def reports(trip: Trip) -> list[tuple[str, Decimal]]:
        return list(FeedbackReport.objects.filter(charge__trip=trip).values_list("cause", "settled"))

    def test_paid_and_waived_count_as_settled(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)

        pay(trip, "4.00")
        pay(trip, "6.00", "waived")

        assert self.reports(trip) == [("declined", 0), ("debt settled", 4), ("debt waived", 10)]

    def test_written_off_is_not_settled(self, sandbox: SandboxProcess) -> None:
        trip = declined(sandbox)

        write_off(trip.charge.debt, actor="manager", note="Not found.")

        assert self.reports(trip) == [("declined", 0)]


def test_what_a_shopper_owes_in_all_is_summed_by_currency(sandbox: SandboxProcess) -> None:
    yen = a_store("TEST-YEN", currency="JPY")
    first, second = (declined(sandbox, shopper="card-1") for _ in range(2))
    declined(sandbox, ("120", "1"), store=yen, shopper="card-1")
    declined(sandbox, shopper="card-2")
    nobody = declined(sandbox)
    pay(first, "4.00")
    write_off(second.charge.debt, actor="manager", note="Not found.")

    debts = with_owed_in_all(Debt.objects.all(), seen_by=User(is_superuser=True))
    owed = {debt.charge_id: debt.owed_in_all for debt in debts}

    assert [owed[trip.charge.pk] for trip in (first, second, nobody)] == [16, 16, None]
    assert sorted(amount for amount in owed.values() if amount) == [10, 16, 16, 120]


CENTS = st.integers(1, 1000).map(lambda cents: f"{Decimal(cents) / 100:.2f}")
STEPS = st.one_of(
    st.tuples(st.sampled_from(["cash", "terminal", "waived"]), CENTS),
    st.just(("write off", "")),
    st.tuples(st.just("ask again"), st.sampled_from(["", "refused", "no answer"])),
)
CARDS = st.sampled_from(["declined-payment", "declined-once", "partly-authorized"])


def take(step: tuple[str, str], trip: Trip, sandbox: SandboxProcess) -> None:
    what, how = step
    if what == "write off":
        write_off(trip.charge.debt, actor="manager", note="Not found.")
    elif what == "ask again":
        fault = {"refused": {"kind": "status", "status": 400}, "no answer": {"kind": "lose_answer"}}.get(how)
        if fault:
            sandbox.fault(operation="capture", trip=trip.amazon_trip_id, **fault)
        collected(asked_again(trip))
    else:
        pay(trip, how, what)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(card=CARDS, steps=st.lists(STEPS, max_size=7))
def test_whatever_is_done_in_whichever_order_adds_up(
    sandbox: SandboxProcess, card: str, steps: list[tuple[str, str]]
) -> None:
    trip = declined(sandbox, ("10.01", "1"), magic=card)

    for step in steps:
        with suppress(Conflict):
            take(step, fresh(trip), sandbox)
        assert_adds_up(trip)

    assert_books_agree(sandbox, trip)
