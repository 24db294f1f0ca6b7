"""Giving money back: how much, to whom it is refused, and once whatever happens on the way. Against a sandbox."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from amazon.models import OutboundCall
from core.errands import Leased, ask, go_on
from core.errors import Conflict, Invalid
from orders.models import Line, Trip
from orders.states import TripState
from payments.models import Charge, PaymentEvent, Refund, RefundLine
from payments.services.attention import needs_a_look
from payments.services.refund_approval import approve_refund, reject_refund
from payments.services.refundable import line_refund, refund_ends_at
from payments.services.refunds import Refunding, retry_refund
from payments.services.trips import balances_of
from payments.states import ReasonCode, RefundState
from payments.tasks import send_refunds_due
from payments.tests.trips import (
    a_store,
    assert_books_agree,
    captured_trip,
    collected,
    fresh,
    make_due,
    priced_trip,
    queued_refund,
    sent,
    staged_trip,
)
from sandbox.testing import SandboxProcess

pytestmark = pytest.mark.django_db

PATIENCE = 0.25
LATE = 0.5


@pytest.fixture(autouse=True)
def a_worker_that_waits_for_us(settings: Any) -> None:
    settings.AMAZON_READ_TIMEOUT = PATIENCE
    settings.WORK_RETRY_FIRST_SECONDS = 60


@pytest.fixture
def trip(sandbox: SandboxProcess) -> Trip:
    """Paid: two at 6.25 and one at 1.50, untaxed."""
    return captured_trip(sandbox, ("6.25", "2"), ("1.50", "1"))


def line_at(trip: Trip, price: str) -> Line:
    return trip.lines.get(sku=f"AT-{price}")


def refunded_at_amazon(sandbox: SandboxProcess, trip: Trip) -> tuple[str, int]:
    entry = sandbox.trip(trip.amazon_trip_id)
    return entry["refunded"], entry["refunds"]


def refundable(trip: Trip) -> str:
    return balances_of(fresh(trip)).refundable.plain


class TestHowMuch:
    def test_a_full_refund_gives_back_all_that_was_captured(self, sandbox: SandboxProcess, trip: Trip) -> None:
        refund = sent(queued_refund(trip))

        assert (refund.state, refund.amount) == (RefundState.DONE, 14)
        assert refund.reconciliation_id == sandbox.trip(trip.amazon_trip_id)["refund_rows"][0]["reconciliation_id"]
        assert refundable(trip) == "0.00"
        assert_books_agree(sandbox, trip)

    def test_a_full_refund_gives_back_only_what_is_left(self, sandbox: SandboxProcess, trip: Trip) -> None:
        queued_refund(trip, "4.00")

        assert queued_refund(trip).amount == 10

    def test_an_amount(self, sandbox: SandboxProcess, trip: Trip) -> None:
        sent(queued_refund(trip, "0.01"))

        assert refunded_at_amazon(sandbox, trip) == ("0.01", 1)
        assert refundable(trip) == "13.99"

    def test_a_line_and_a_quantity(self, sandbox: SandboxProcess, trip: Trip) -> None:
        refund = sent(queued_refund(trip, quantities={line_at(trip, "6.25").pk: Decimal(1)}))

        assert refund.amount == Decimal("6.25")
        assert [(part.line.sku, part.quantity, part.amount) for part in refund.lines.all()] == [
            ("AT-6.25", 1, Decimal("6.25"))
        ]
        assert_books_agree(sandbox, trip)

    def test_several_lines_at_once(self, trip: Trip) -> None:
        every_line = {line.pk: line.quantity for line in trip.lines.all()}

        assert queued_refund(trip, quantities=every_line).amount == 14

    def test_a_line_gives_back_its_tax_as_well(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, ("6.25", "2"), tax_rate="10")

        assert queued_refund(trip, quantities={line_at(trip, "6.25").pk: Decimal(1)}).amount == Decimal("6.88")
        assert queued_refund(trip, quantities={line_at(trip, "6.25").pk: Decimal(1)}).amount == Decimal("6.87")
        assert refundable(trip) == "0.00"

    def test_of_a_partly_paid_trip_no_more_than_was_taken(self, sandbox: SandboxProcess) -> None:
        trip = collected(priced_trip(("10.00", "1"), trip_id=f"partly-authorized-trip-uuid-{uuid4()}"))

        with pytest.raises(Conflict, match=r"At most \$5\.00"):
            queued_refund(trip, "5.01")
        assert sent(queued_refund(trip)).amount == 5
        assert_books_agree(sandbox, trip)

    @given(
        total=st.integers(1, 100_000).map(lambda cents: Decimal(cents) / 100),
        parts=st.lists(st.integers(1, 2000).map(lambda grams: Decimal(grams) / 1000), min_size=1, max_size=8),
        currency=st.sampled_from(["USD", "JPY", "KWD"]),
    )
    def test_the_parts_of_a_line_add_up_to_it_exactly(
        self, total: Decimal, parts: list[Decimal], currency: str
    ) -> None:
        whole = Decimal(int(total)) if currency == "JPY" else total
        line = Line(trip=Trip(currency=currency), quantity=sum(parts), total=whole)

        given_back, already = [], Decimal(0)
        for part in parts:
            given_back.append(line_refund(line, already, part, sum(given_back, Decimal(0))))
            already += part

        assert sum(given_back) == whole
        assert min(given_back) >= 0


class TestNeverMoreThanIsThere:
    def test_more_than_was_captured(self, trip: Trip) -> None:
        with pytest.raises(Conflict, match=r"At most \$14\.00"):
            queued_refund(trip, "14.01")

    def test_more_than_is_left_after_a_refund_that_is_done(self, sandbox: SandboxProcess, trip: Trip) -> None:
        sent(queued_refund(trip, "10.00"))

        with pytest.raises(Conflict, match=r"At most \$4\.00"):
            queued_refund(trip, "4.01")

    def test_more_than_is_left_after_a_refund_that_is_on_its_way(self, trip: Trip) -> None:
        queued_refund(trip, "10.00")

        with pytest.raises(Conflict, match=r"At most \$4\.00"):
            queued_refund(trip, "4.01")

    def test_anything_when_nothing_is_left(self, trip: Trip) -> None:
        queued_refund(trip)

        with pytest.raises(Conflict, match="refunded or on its way back"):
            queued_refund(trip)

    def test_more_of_a_line_than_was_bought(self, trip: Trip) -> None:
        line = line_at(trip, "6.25")
        queued_refund(trip, quantities={line.pk: Decimal(1)})

        with pytest.raises(Conflict, match="Of AT-6.25 1 can still be refunded, not 2"):
            queued_refund(trip, quantities={line.pk: Decimal(2)})

    def test_lines_beyond_what_amounts_have_left(self, trip: Trip) -> None:
        queued_refund(trip, "10.00")

        with pytest.raises(Conflict, match=r"At most \$4\.00"):
            queued_refund(trip, quantities={line_at(trip, "6.25").pk: Decimal(1)})

    def test_the_database_refuses_it_even_past_the_service(self, trip: Trip) -> None:
        queued_refund(trip, "10.00")

        with pytest.raises(IntegrityError), transaction.atomic():
            Charge.objects.filter(trip=trip).update(committed=F("committed") + Decimal("4.01"))

    def test_the_database_refuses_to_give_back_what_was_not_promised(self, trip: Trip) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Charge.objects.filter(trip=trip).update(committed=Decimal("-0.01"))

    def test_the_columns_that_the_database_checks_repeat_the_events(self, sandbox: SandboxProcess, trip: Trip) -> None:
        sent(queued_refund(trip, "3.00"))
        queued_refund(trip, "2.00")

        balances = balances_of(fresh(trip))
        assert fresh(trip).charge.committed == (balances.refunded + balances.refund_pending).amount == 5


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("amount", "words"), [("0", "more than 0"), ("-1", "more than 0"), ("1.001", "USD has 2 decimals")]
    )
    def test_an_amount_that_makes_no_sense(self, trip: Trip, amount: str, words: str) -> None:
        with pytest.raises(Invalid, match=words):
            queued_refund(trip, amount)

    @pytest.mark.parametrize("quantity", ["0", "-1"])
    def test_a_quantity_that_makes_no_sense(self, trip: Trip, quantity: str) -> None:
        with pytest.raises(Invalid, match="must be more than 0"):
            queued_refund(trip, quantities={line_at(trip, "1.50").pk: Decimal(quantity)})

    def test_an_amount_and_lines_together(self, trip: Trip) -> None:
        with pytest.raises(Invalid, match="not both"):
            queued_refund(trip, "1.00", quantities={line_at(trip, "1.50").pk: Decimal(1)})

    def test_a_line_of_another_trip(self, sandbox: SandboxProcess, trip: Trip) -> None:
        other = captured_trip(sandbox, ("2.00", "1"))

        with pytest.raises(Invalid, match="not part of the trip"):
            queued_refund(trip, quantities={line_at(other, "2.00").pk: Decimal(1)})

    def test_a_reason_that_amazon_does_not_know(self, trip: Trip) -> None:
        with pytest.raises(Invalid, match="DAMAGED_ITEM, EXPIRED_ITEM"):
            queued_refund(trip, reason="BORED")

    @pytest.mark.parametrize("reason", ReasonCode.values)
    def test_every_reason_of_the_contract_is_taken_by_amazon(
        self, sandbox: SandboxProcess, trip: Trip, reason: str
    ) -> None:
        assert sent(queued_refund(trip, "1.00", reason=reason)).state == RefundState.DONE
        assert sandbox.trip(trip.amazon_trip_id)["refund_rows"][0]["reason"] == reason

    def test_a_trip_that_is_not_collected(self, sandbox: SandboxProcess) -> None:
        with pytest.raises(Conflict, match="Nothing was captured"):
            queued_refund(staged_trip(sandbox, ("10.00", "1")))

    def test_a_trip_that_cost_nothing(self, sandbox: SandboxProcess) -> None:
        with pytest.raises(Conflict, match="Nothing was captured"):
            queued_refund(collected(staged_trip(sandbox)))

    def test_a_trip_that_was_declined(self, sandbox: SandboxProcess) -> None:
        with pytest.raises(Conflict, match="Nothing was captured"):
            queued_refund(collected(priced_trip(("1.00", "1"), trip_id=f"declined-payment-trip-uuid-{uuid4()}")))

    def test_a_refused_request_leaves_nothing_behind(self, trip: Trip) -> None:
        with pytest.raises(Conflict):
            queued_refund(trip, "14.01")

        assert not Refund.objects.exists()
        assert not PaymentEvent.objects.filter(kind="refund").exists()
        assert fresh(trip).charge.committed == 0


class TestTheWindow:
    @pytest.fixture
    def ends_at(self, trip: Trip) -> Iterator[datetime]:
        end = refund_ends_at(trip.charge, 7)
        assert end is not None
        return end

    def test_it_is_open_until_its_last_second(self, trip: Trip, ends_at: datetime) -> None:
        with time_machine.travel(ends_at, tick=False):
            assert queued_refund(trip, "1.00").state == RefundState.QUEUED

    def test_it_is_closed_a_second_later(self, trip: Trip, ends_at: datetime) -> None:
        with time_machine.travel(ends_at + timedelta(seconds=1), tick=False), pytest.raises(Conflict, match="7 days"):
            queued_refund(trip, "1.00")

    def test_it_is_as_long_as_the_store_says(self, sandbox: SandboxProcess) -> None:
        patient = a_store("TEST-30-DAYS", refund_window_days=30)
        trip = captured_trip(sandbox, store=patient)

        with time_machine.travel(trip.charge.captured_at + timedelta(days=29), tick=False):
            assert queued_refund(trip).amount == 10

    def test_a_failed_refund_cannot_be_sent_again_after_it(
        self, sandbox: SandboxProcess, trip: Trip, ends_at: datetime
    ) -> None:
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400)
        refund = sent(queued_refund(trip))

        with time_machine.travel(ends_at + timedelta(seconds=1), tick=False), pytest.raises(Conflict, match="7 days"):
            retry_refund(refund, actor="manager")

    def test_the_same_key_is_still_answered_after_it(self, trip: Trip, ends_at: datetime) -> None:
        key = uuid4()
        first = queued_refund(trip, "1.00", refund_request_id=key)

        with time_machine.travel(ends_at + timedelta(days=30), tick=False):
            assert queued_refund(trip, "1.00", refund_request_id=key) == first


class TestTheSameKey:
    @pytest.mark.parametrize("content", ["all", "amount", "lines"])
    def test_with_the_same_content_gives_the_refund_that_stands(self, trip: Trip, content: str) -> None:
        fields: dict[str, dict[str, Any]] = {
            "all": {},
            "amount": {"amount": "2.00"},
            "lines": {"quantities": {line_at(trip, "6.25").pk: Decimal(2)}},
        }
        key = uuid4()

        first = queued_refund(trip, refund_request_id=key, **fields[content])
        again = queued_refund(trip, refund_request_id=key, **fields[content])

        assert again == first
        assert Refund.objects.count() == 1
        assert fresh(trip).charge.committed == first.amount

    @pytest.mark.parametrize("change", ["amount", "reason", "lines", "all", "trip"])
    def test_with_other_content_is_refused(self, sandbox: SandboxProcess, trip: Trip, change: str) -> None:
        key = uuid4()
        queued_refund(trip, "2.00", refund_request_id=key)
        other: dict[str, dict[str, Any]] = {
            "amount": {"amount": "2.01"},
            "reason": {"amount": "2.00", "reason": "OTHER"},
            "lines": {"quantities": {line_at(trip, "1.50").pk: Decimal(1)}},
            "all": {},
            "trip": {"amount": "2.00"},
        }
        of = captured_trip(sandbox, ("14.00", "1")) if change == "trip" else trip

        with pytest.raises(Conflict, match="another refund already"):
            queued_refund(of, refund_request_id=key, **other[change])
        assert Refund.objects.count() == 1

    def test_all_that_is_left_is_the_same_again_although_nothing_is_left(
        self, sandbox: SandboxProcess, trip: Trip
    ) -> None:
        sent(queued_refund(trip, "4.00"))
        key = uuid4()
        first = sent(queued_refund(trip, refund_request_id=key))

        assert queued_refund(trip, refund_request_id=key) == first


class TestSending:
    def test_nothing_is_sent_while_it_is_asked_for(self, sandbox: SandboxProcess, trip: Trip) -> None:
        assert queued_refund(trip).state == RefundState.QUEUED
        assert refunded_at_amazon(sandbox, trip) == ("0.00", 0)

    @pytest.mark.parametrize(
        ("kind", "fields"),
        [
            pytest.param("lose_request", {}, id="cut before Amazon acted"),
            pytest.param("lose_answer", {}, id="cut after Amazon acted"),
            pytest.param("delay_after", {"seconds": LATE}, id="time-out after Amazon acted"),
            pytest.param("delay", {"seconds": LATE}, id="time-out while Amazon acts"),
            pytest.param("garbage", {}, id="an answer that is none"),
            pytest.param("status", {"status": 500}, id="500"),
            pytest.param("status", {"status": 503}, id="503"),
        ],
    )
    def test_a_refund_without_an_answer_is_sent_again_with_its_key(
        self, sandbox: SandboxProcess, trip: Trip, kind: str, fields: dict[str, Any]
    ) -> None:
        sandbox.fault(kind, operation="refund", trip=trip.amazon_trip_id, **fields)
        refund = queued_refund(trip, "4.00")

        unknown = sent(refund)
        done = sent(refund)

        assert (unknown.state, done.state) == (RefundState.UNKNOWN, RefundState.DONE)
        bodies = OutboundCall.objects.filter(operation="refund").values_list("request", flat=True)
        assert len(bodies) == 2
        assert all(str(refund.refund_request_id) in body for body in bodies)
        assert refunded_at_amazon(sandbox, trip) == ("4.00", 1)
        assert_books_agree(sandbox, trip)

    def test_while_its_outcome_is_unknown_it_counts_as_on_its_way(self, sandbox: SandboxProcess, trip: Trip) -> None:
        sandbox.fault("lose_answer", operation="refund", trip=trip.amazon_trip_id)
        sent(queued_refund(trip, "10.00"))

        with pytest.raises(Conflict, match=r"At most \$4\.00"):
            queued_refund(trip, "4.01")

    def test_a_429_is_retried_when_amazon_says_and_not_before(self, sandbox: SandboxProcess, trip: Trip) -> None:
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=429, retry_after="500")

        refund = sent(queued_refund(trip))

        assert refund.state == RefundState.QUEUED
        assert send_refunds_due() == 0
        assert sent(refund).state == RefundState.DONE

    def test_an_amazon_that_cannot_be_reached_is_called_again(
        self, sandbox: SandboxProcess, trip: Trip, settings: Any
    ) -> None:
        settings.AMAZON_PAYMENTS_URL = "http://127.0.0.1:9"
        refund = sent(queued_refund(trip))
        settings.AMAZON_PAYMENTS_URL = sandbox.url

        assert refund.state == RefundState.QUEUED
        assert sent(refund).state == RefundState.DONE

    def test_one_that_a_dead_worker_left_as_sent_is_sent_again_with_its_key(
        self, sandbox: SandboxProcess, trip: Trip
    ) -> None:
        refund = queued_refund(trip, "4.00")
        make_due(Refund, refund.pk)
        leased = Refund.lease_due(1)[0]
        leased.start_sending()
        leased.save()

        assert sent(refund).state == RefundState.DONE
        assert_books_agree(sandbox, trip)

    def test_an_outcome_that_comes_after_the_lease_is_dropped(self, sandbox: SandboxProcess, trip: Trip) -> None:
        refund = queued_refund(trip, "4.00")
        make_due(Refund, refund.pk)
        slow = Refund.lease_due(1)[0]
        [(leased, call)] = go_on(Refunding(), [Leased(slow.pk, slow.lease_count)])
        sent(refund)

        assert go_on(Refunding(), [leased._replace(answer=ask(call))]) == []
        assert refunded_at_amazon(sandbox, trip) == ("4.00", 1)


class TestWhenAmazonRefuses:
    @pytest.fixture
    def failed(self, sandbox: SandboxProcess, trip: Trip) -> Refund:
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400)
        return sent(queued_refund(trip, quantities={line_at(trip, "6.25").pk: Decimal(2)}))

    def test_it_has_failed_in_amazons_words_and_the_money_is_free_again(self, trip: Trip, failed: Refund) -> None:
        assert failed.state == RefundState.FAILED
        assert "400 BadRequestException" in failed.last_error
        assert refundable(trip) == "14.00"
        assert fresh(trip).charge.committed == 0

    def test_its_lines_can_be_refunded_again(self, trip: Trip, failed: Refund) -> None:
        assert queued_refund(trip, quantities={line_at(trip, "6.25").pk: Decimal(2)}).amount == Decimal("12.50")

    def test_it_can_be_sent_again_with_its_key(self, sandbox: SandboxProcess, trip: Trip, failed: Refund) -> None:
        retry_refund(failed, actor="manager")

        assert sent(failed).state == RefundState.DONE
        assert sandbox.trip(trip.amazon_trip_id)["refund_rows"][0]["refund_request_id"] == str(failed.refund_request_id)
        assert refundable(trip) == "1.50"
        assert_books_agree(sandbox, trip)

    def test_it_can_fail_again(self, sandbox: SandboxProcess, trip: Trip, failed: Refund) -> None:
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=403)
        retry_refund(failed, actor="manager")

        assert sent(failed).state == RefundState.FAILED
        assert refundable(trip) == "14.00"

    def test_it_cannot_be_sent_again_when_its_money_was_given_back_otherwise(self, trip: Trip, failed: Refund) -> None:
        queued_refund(trip, "2.00")

        with pytest.raises(Conflict, match=r"At most \$12\.00"):
            retry_refund(failed, actor="manager")

    def test_it_cannot_be_sent_again_when_its_lines_were_given_back_otherwise(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, ("2.00", "1"), ("8.00", "1"))
        line = {line_at(trip, "2.00").pk: Decimal(1)}
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400)
        refund = sent(queued_refund(trip, quantities=line))
        queued_refund(trip, quantities=line)

        with pytest.raises(Conflict, match="Of AT-2.00 0 can still be refunded"):
            retry_refund(refund, actor="manager")

    def test_only_a_failed_one_can_be_sent_again(self, trip: Trip) -> None:
        with pytest.raises(Conflict, match="this one is queued"):
            retry_refund(queued_refund(trip), actor="manager")

    @pytest.mark.parametrize("status", [400, 403, 429])
    def test_a_refusal_after_a_lost_answer_does_not_free_money_that_may_be_gone(
        self, sandbox: SandboxProcess, trip: Trip, status: int
    ) -> None:
        """Else staff would ask again with another key, and the shopper would be given the money twice."""
        sandbox.fault("lose_answer", operation="refund", trip=trip.amazon_trip_id)
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=status)
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400)
        refund = queued_refund(trip)

        states = [sent(refund).state for _ in range(3)]

        assert states == [RefundState.UNKNOWN] * 3
        with pytest.raises(Conflict, match="refunded or on its way back"):
            queued_refund(trip)
        assert sent(refund).state == RefundState.DONE
        assert_books_agree(sandbox, trip)

    def test_a_refusal_after_a_worker_died_does_not_free_it_either(self, sandbox: SandboxProcess, trip: Trip) -> None:
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=403)
        refund = queued_refund(trip)
        make_due(Refund, refund.pk)
        leased = Refund.lease_due(1)[0]
        leased.start_sending()
        leased.save()

        assert sent(refund).state == RefundState.UNKNOWN
        assert refundable(trip) == "0.00"


class TestApproval:
    """Of 14.00, in a store where one person may give back 5.00 of a trip."""

    @pytest.fixture(autouse=True)
    def a_store_with_a_limit(self, trip: Trip) -> None:
        trip.store.refund_approval_above = Decimal("5.00")
        trip.store.save()

    @pytest.fixture
    def awaiting(self, trip: Trip) -> Refund:
        return queued_refund(trip, "6.00", actor="associate", note="Dented")

    def test_up_to_the_limit_nobody_else_is_needed(self, trip: Trip) -> None:
        assert queued_refund(trip, "5.00").state == RefundState.QUEUED

    def test_above_it_nothing_is_sent_before_a_second_person_agrees(
        self, sandbox: SandboxProcess, trip: Trip, awaiting: Refund
    ) -> None:
        assert awaiting.state == RefundState.PENDING_APPROVAL
        assert send_refunds_due() == 0
        assert sent(awaiting).state == RefundState.PENDING_APPROVAL
        assert refunded_at_amazon(sandbox, trip) == ("0.00", 0)
        asked = PaymentEvent.objects.get(kind="refund")
        assert (asked.phase, asked.detail) == ("requested", "damaged item – Dented – awaits approval")
        assert trip in needs_a_look()

    def test_what_awaits_approval_is_promised_already(self, trip: Trip, awaiting: Refund) -> None:
        assert refundable(trip) == "8.00"
        with pytest.raises(Conflict, match=r"At most \$8\.00"):
            queued_refund(trip, "8.01", actor="manager")

    def test_an_approved_one_is_sent(self, sandbox: SandboxProcess, trip: Trip, awaiting: Refund) -> None:
        approve_refund(awaiting, actor="manager")

        done = sent(awaiting)
        assert (done.state, done.decided_by) == (RefundState.DONE, "manager")
        assert PaymentEvent.objects.get(kind="refund", phase="approved").actor == "manager"
        assert_books_agree(sandbox, trip)

    def test_whoever_asked_cannot_approve(self, awaiting: Refund) -> None:
        with pytest.raises(Conflict, match="somebody else must"):
            approve_refund(awaiting, actor="associate")
        assert Refund.objects.get().state == RefundState.PENDING_APPROVAL

    def test_it_is_decided_once(self, awaiting: Refund) -> None:
        approve_refund(awaiting, actor="manager")

        with pytest.raises(Conflict, match="it is queued"):
            approve_refund(awaiting, actor="admin")
        with pytest.raises(Conflict, match="it is queued"):
            reject_refund(awaiting, actor="admin", note="Too late")

    def test_one_that_is_not_approved_frees_the_amount(self, trip: Trip, awaiting: Refund) -> None:
        reject_refund(awaiting, actor="manager", note="It was not ours.")

        rejected = Refund.objects.get()
        event = PaymentEvent.objects.get(kind="refund", phase="rejected")
        assert (rejected.state, rejected.decided_by) == (RefundState.REJECTED, "manager")
        assert (event.actor, event.detail) == ("manager", "It was not ours.")
        assert refundable(trip) == "14.00"
        assert fresh(trip).charge.committed == 0
        assert send_refunds_due() == 0
        assert trip not in needs_a_look()

    def test_its_lines_can_be_refunded_after_a_no(self, trip: Trip) -> None:
        lines = {line_at(trip, "6.25").pk: Decimal(1)}
        reject_refund(queued_refund(trip, quantities=lines), actor="admin", note="Not now.")

        assert queued_refund(trip, quantities=lines).amount == Decimal("6.25")

    def test_a_no_needs_a_reason(self, awaiting: Refund) -> None:
        with pytest.raises(Invalid, match="Say why"):
            reject_refund(awaiting, actor="manager", note=" ")

    def test_several_refunds_of_one_person_are_no_way_around_it(self, trip: Trip) -> None:
        states = [queued_refund(trip, "2.50", actor="associate").state for _ in range(3)]

        assert states == [RefundState.QUEUED, RefundState.QUEUED, RefundState.PENDING_APPROVAL]
        assert queued_refund(trip, "2.50", actor="manager").state == RefundState.QUEUED

    def test_nor_is_one_that_failed_and_is_sent_again(self, sandbox: SandboxProcess, trip: Trip) -> None:
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400)
        failed = sent(queued_refund(trip, "4.00"))
        queued_refund(trip, "4.00")

        with pytest.raises(Conflict, match="above the limit"):
            retry_refund(failed, actor="manager")

    def test_an_approved_one_that_failed_needs_no_second_approval(
        self, sandbox: SandboxProcess, trip: Trip, awaiting: Refund
    ) -> None:
        approve_refund(awaiting, actor="manager")
        sandbox.fault("status", operation="refund", trip=trip.amazon_trip_id, status=400)
        failed = sent(awaiting)

        retry_refund(failed, actor="associate")

        assert failed.state == RefundState.FAILED
        assert sent(failed).state == RefundState.DONE

    def test_the_window_counts_when_it_is_approved(self, trip: Trip, awaiting: Refund) -> None:
        too_late = trip.charge.captured_at + timedelta(days=7, seconds=1)

        with time_machine.travel(too_late, tick=False):
            with pytest.raises(Conflict, match="7 days"):
                approve_refund(awaiting, actor="manager")
            reject_refund(awaiting, actor="manager", note="Too late.")

    def test_the_same_key_gives_the_refund_whatever_was_decided(self, trip: Trip, awaiting: Refund) -> None:
        reject_refund(awaiting, actor="manager", note="No.")

        again = queued_refund(trip, "6.00", refund_request_id=awaiting.refund_request_id)
        assert (again.pk, again.state) == (awaiting.pk, RefundState.REJECTED)

    def test_the_columns_that_the_database_checks_repeat_the_events(self, trip: Trip, awaiting: Refund) -> None:
        second = queued_refund(trip, "7.00", actor="associate")
        reject_refund(second, actor="manager", note="No.")
        approve_refund(awaiting, actor="manager")

        balances = balances_of(fresh(trip))
        assert fresh(trip).charge.committed == (balances.refunded + balances.refund_pending).amount == 6


def test_a_trip_stays_paid_when_all_of_it_is_refunded(sandbox: SandboxProcess, trip: Trip) -> None:
    sent(queued_refund(trip))

    assert fresh(trip).state == TripState.PAID


def test_who_asked_and_why_stands_in_the_event(trip: Trip) -> None:
    queued_refund(trip, "1.00", actor="associate", reason="DAMAGED_ITEM", note="Dented")

    event = PaymentEvent.objects.get(kind="refund", phase="requested")
    assert (event.actor, event.detail, event.amount) == ("associate", "damaged item – Dented", 1)


def test_the_database_keeps_one_row_per_key(trip: Trip) -> None:
    refund = queued_refund(trip, "1.00")

    with pytest.raises(IntegrityError), transaction.atomic():
        Refund.objects.create(
            charge=trip.charge,
            refund_request_id=refund.refund_request_id,
            amount=1,
            currency="USD",
            reason="OTHER",
            requested_by="manager",
        )


def test_a_refund_of_lines_names_each_line_once(trip: Trip) -> None:
    refund = queued_refund(trip, quantities={line_at(trip, "1.50").pk: Decimal(1)})

    with pytest.raises(IntegrityError), transaction.atomic():
        RefundLine.objects.create(refund=refund, line=line_at(trip, "1.50"), quantity=1, amount=1)
