"""Reports of a trip's payment to Amazon, against a sandbox process: which, in which order, and every answer."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from amazon.models import OutboundCall
from core.errands import Leased, go_on
from core.errors import Conflict
from orders.models import Trip
from orders.states import Entry, TripState
from payments.models import Charge, FeedbackReport
from payments.services.attention import needs_a_look
from payments.services.debts import settle, write_off
from payments.services.feedback import Reporting, plan_report, report_obstacle, resend_report
from payments.states import FeedbackState
from payments.tasks import report_payments_due
from payments.tests.scripted_host import ScriptedHost
from payments.tests.trips import (
    TEN,
    a_store,
    captured_trip,
    collected,
    make_due,
    priced_trip,
    queued_refund,
    sent,
    staged_trip,
)
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_worker_that_waits_for_us(settings: Any) -> None:
    """Whatever has to wait waits until the test says that its time has come."""
    settings.WORK_RETRY_FIRST_SECONDS = 60


def a_trip(magic: str, *items: tuple[str, str], **options: Any) -> Trip:
    """Collected under an id that makes the sandbox do something special; 10.00 unless items say otherwise."""
    return collected(priced_trip(*(items or (TEN,)), trip_id=f"{magic}-trip-uuid-{uuid4()}", **options))


def declined_trip() -> Trip:
    return a_trip("declined-payment")


def pay(trip: Trip, amount: str, means: str = "cash") -> None:
    settle(trip.charge.debt, key=uuid4(), amount=Decimal(amount), means=means, actor="clerk", note="as agreed")


def reports_of(trip: Trip) -> list[FeedbackReport]:
    return list(FeedbackReport.objects.filter(charge__trip=trip).order_by("number"))


def planned(trip: Trip) -> list[tuple[str, str, str]]:
    """What the reports say: cause, settled, total."""
    return [(report.cause, f"{report.settled:.2f}", f"{report.total:.2f}") for report in reports_of(trip)]


def states(trip: Trip) -> list[str]:
    return [report.state for report in reports_of(trip)]


def worked_on(trip: Trip) -> list[str]:
    """The states after a worker has dealt with what waits, whether or not its time had come."""
    for report in reports_of(trip):
        make_due(FeedbackReport, report.pk)
    report_payments_due()
    return states(trip)


def heard(sandbox: SandboxProcess, trip: Trip) -> list[tuple[str, str]]:
    """What Amazon was told, in the order in which it came: settled, total."""
    return [(row["settled"], row["total"]) for row in sandbox.trip(trip.amazon_trip_id)["feedback"]]


def bodies_sent(trip: Trip) -> list[str]:
    calls = OutboundCall.objects.filter(amazon_trip_id=trip.amazon_trip_id, operation="feedback")
    return list(calls.order_by("id").values_list("request", flat=True))


class TestWhatIsReported:
    def test_what_was_captured_is_settled(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)

        assert planned(trip) == [("captured", "10.00", "10.00")]
        assert worked_on(trip) == ["accepted"]
        assert heard(sandbox, trip) == [("10.00", "10.00")]

    def test_of_a_declined_trip_nothing_is_settled(self, sandbox: SandboxProcess) -> None:
        trip = declined_trip()

        assert worked_on(trip) == ["accepted"]
        assert heard(sandbox, trip) == [("0.00", "10.00")]

    def test_a_part_that_was_captured_is_settled(self, sandbox: SandboxProcess) -> None:
        trip = a_trip("partly-authorized")

        worked_on(trip)

        assert heard(sandbox, trip) == [("5.00", "10.00")]

    def test_where_nothing_is_to_be_paid_nothing_is_outstanding(self, sandbox: SandboxProcess) -> None:
        trip = collected(staged_trip(sandbox))

        assert planned(trip) == [("no charge", "0.00", "0.00")]
        assert worked_on(trip) == ["accepted"]

    def test_an_expired_trip_is_reported_as_unpaid(self, sandbox: SandboxProcess) -> None:
        trip = a_trip("expired-shopping")

        assert planned(trip) == [("expired", "0.00", "10.00")]
        assert worked_on(trip) == ["accepted"]

    def test_a_trip_that_failed_has_no_outcome_to_report(self, sandbox: SandboxProcess) -> None:
        trip = a_trip("forbidden")

        assert trip.state == TripState.FAILED
        assert reports_of(trip) == []

    def test_a_debt_is_reported_each_time_that_some_of_it_is_settled(self, sandbox: SandboxProcess) -> None:
        trip = a_trip("partly-authorized")

        pay(trip, "2.00")
        pay(trip, "1.00", "terminal")
        pay(trip, "2.00", "waived")

        worked_on(trip)
        settled = [("5.00", "10.00"), ("7.00", "10.00"), ("8.00", "10.00"), ("10.00", "10.00")]
        assert heard(sandbox, trip) == settled

    def test_of_what_is_written_off_amazon_hears_nothing(self, sandbox: SandboxProcess) -> None:
        trip = declined_trip()

        write_off(trip.charge.debt, actor="manager", note="gone")

        assert planned(trip) == [("declined", "0.00", "10.00")]

    def test_of_a_refund_amazon_hears_nothing(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)

        sent(queued_refund(trip))

        assert len(reports_of(trip)) == 1

    def test_what_was_reported_is_not_reported_again(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)

        with transaction.atomic():
            plan_report(Charge.locked(trip.charge.pk), "captured")

        assert len(reports_of(trip)) == 1

    def test_yen_are_reported_without_decimals(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, ("120", "3"), store=a_store("TEST-YEN", currency="JPY"))

        worked_on(trip)

        assert '"totalAmount":{"amount":360,"code":"JPY"}' in bodies_sent(trip)[0]

    def test_the_report_has_the_time_of_the_outcome_and_not_of_the_call(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)
        then = datetime(2026, 2, 6, 2, 31, tzinfo=UTC)
        FeedbackReport.objects.update(at=then)

        worked_on(trip)

        assert json.loads(bodies_sent(trip)[0])["paymentStatusTime"] == 1770345060000


class TestWhereNothingIsReported:
    def test_what_amazons_checkout_collects_amazon_knows(self, sandbox: SandboxProcess) -> None:
        store = a_store("TEST-CHECKOUT", card_flow=PaymentFlow.CHECKOUT_SERVICE)

        trip = captured_trip(sandbox, store=store)

        assert reports_of(trip) == []
        assert "checkout service" in report_obstacle(trip.charge)

    def test_a_store_may_keep_it_to_itself(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, store=a_store("TEST-SILENT", reports_payments=False))

        assert reports_of(trip) == []
        assert "set not to report" in report_obstacle(trip.charge)

    def test_a_store_in_test_mode_has_no_host_to_report_to(self, sandbox: SandboxProcess, settings: Any) -> None:
        settings.AMAZON_FEEDBACK_URL = ""

        trip = captured_trip(sandbox, store=a_store("TEST-TEST", is_test_mode=True))

        assert reports_of(trip) == []
        assert "test mode" in report_obstacle(trip.charge)

    def test_unless_a_setting_names_one(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, store=a_store("TEST-TEST", is_test_mode=True))

        assert worked_on(trip) == ["accepted"]

    def test_a_report_planned_before_the_store_went_into_test_mode_is_not_sent(
        self, sandbox: SandboxProcess, settings: Any
    ) -> None:
        store = a_store("TEST-TEST")
        trip = captured_trip(sandbox, store=store)
        settings.AMAZON_FEEDBACK_URL = ""
        store.is_test_mode = True
        store.save()

        assert worked_on(trip) == ["failed"]
        assert "no host" in reports_of(trip)[0].last_error
        with pytest.raises(Conflict, match="test mode"):
            resend_report(reports_of(trip)[0], actor="manager")


class TestAnswers:
    def test_an_accepted_report_rests_with_its_call_and_stands_in_the_timeline(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)

        worked_on(trip)

        [report] = reports_of(trip)
        assert (report.next_attempt_at, report.failed_attempts, report.last_error) == (None, 0, "")
        assert report.last_call is not None
        assert report.last_call.request == bodies_sent(trip)[0]
        event = trip.charge.events.get(kind="feedback")
        assert (event.phase, event.amount, event.detail) == ("succeeded", 10, "Settled of $10.00: captured.")

    def test_a_rejected_report_waits_for_a_person(self, sandbox: SandboxProcess) -> None:
        trip = a_trip("rejected-feedback")

        assert worked_on(trip) == ["rejected"]
        [report] = reports_of(trip)
        assert (report.next_attempt_at, report.last_error) == (None, "Amazon answered Rejected.")
        assert trip in needs_a_look()

    @pytest.mark.parametrize("status", [400, 403])
    def test_a_refusal_waits_for_a_person(self, sandbox: SandboxProcess, status: int) -> None:
        trip = captured_trip(sandbox)
        sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=status)

        assert worked_on(trip) == ["failed"]
        [report] = reports_of(trip)
        assert report.next_attempt_at is None
        assert str(status) in report.last_error
        assert trip in needs_a_look()

    def test_a_trip_that_amazon_does_not_know_is_a_refusal(self, host: ScriptedHost, settings: Any) -> None:
        trip = a_priced_and_captured_trip(host, settings)
        host.says(400, '{"errorMsg":"UnknownShoppingTrip"}')

        assert worked_on(trip) == ["failed"]
        assert "UnknownShoppingTrip" in reports_of(trip)[0].last_error

    def test_a_refusal_that_a_later_report_makes_good_needs_nobody(self, sandbox: SandboxProcess) -> None:
        trip = declined_trip()
        sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=400)
        worked_on(trip)

        pay(trip, "10.00")

        assert worked_on(trip) == ["failed", "accepted"]
        assert trip not in needs_a_look()

    def test_when_amazon_asks_for_patience_it_is_given(self, host: ScriptedHost, settings: Any) -> None:
        trip = a_priced_and_captured_trip(host, settings)
        host.says(429, Retry_After="1800")

        assert worked_on(trip) == ["retrying"]
        waits = FeedbackReport.objects.annotate(waits=F("next_attempt_at") - Now()).get().waits
        assert timedelta(minutes=29) < waits <= timedelta(minutes=30)

    @pytest.mark.parametrize("kind", ["lose_answer", "lose_request", "garbage"])
    def test_without_a_usable_answer_the_same_is_sent_again(self, sandbox: SandboxProcess, kind: str) -> None:
        trip = captured_trip(sandbox)
        sandbox.fault(kind, operation="feedback", trip=trip.amazon_trip_id)

        assert worked_on(trip) == ["retrying"]
        assert worked_on(trip) == ["accepted"]

        first, second = bodies_sent(trip)
        assert first == second
        assert set(heard(sandbox, trip)) == {("10.00", "10.00")}

    def test_it_is_tried_until_amazon_answers(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)
        sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=503, times=3)

        assert [worked_on(trip) for _ in range(4)] == [["retrying"]] * 3 + [["accepted"]]
        assert trip not in needs_a_look()

    def test_after_a_worker_that_died_the_same_is_sent_again(self, sandbox: SandboxProcess) -> None:
        """It had committed `sent` and ended; Amazon may have the report."""
        trip = captured_trip(sandbox)
        FeedbackReport.objects.update(state="sent")

        assert worked_on(trip) == ["accepted"]

    def test_a_worker_that_lost_its_lease_writes_nothing(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)
        [report] = FeedbackReport.lease_due(1)
        FeedbackReport.objects.update(lease_count=F("lease_count") + 1)

        assert go_on(Reporting(), [Leased(report.pk, report.lease_count)]) == []

        assert (states(trip), bodies_sent(trip)) == (["planned"], [])


class TestTheOrder:
    def test_the_second_report_waits_for_the_first(self, sandbox: SandboxProcess) -> None:
        trip = declined_trip()
        sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=503, times=2)
        worked_on(trip)
        pay(trip, "4.00")
        pay(trip, "6.00")

        assert worked_on(trip) == ["retrying", "planned", "planned"]
        assert [report.next_attempt_at is None for report in reports_of(trip)] == [False, True, True]
        assert worked_on(trip) == ["accepted", "accepted", "accepted"]
        assert heard(sandbox, trip) == [("0.00", "10.00"), ("4.00", "10.00"), ("10.00", "10.00")]

    def test_a_report_that_amazon_does_not_take_holds_up_nothing(self, sandbox: SandboxProcess) -> None:
        trip = declined_trip()
        pay(trip, "4.00")
        pay(trip, "6.00")
        sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=400)

        assert worked_on(trip) == ["failed", "accepted", "accepted"]
        assert heard(sandbox, trip) == [("4.00", "10.00"), ("10.00", "10.00")]

    def test_a_later_report_is_later_even_by_a_clock_that_is_slow(self, sandbox: SandboxProcess) -> None:
        trip = declined_trip()
        first = datetime.now(UTC) + timedelta(hours=1)
        FeedbackReport.objects.update(at=first)

        pay(trip, "4.00")
        worked_on(trip)

        times = [json.loads(body)["paymentStatusTime"] for body in bodies_sent(trip)]
        assert times[1] == times[0] + 1

    def test_reports_of_one_trip_hold_up_no_other(self, sandbox: SandboxProcess) -> None:
        stuck, other = declined_trip(), declined_trip()
        sandbox.fault("status", operation="feedback", trip=stuck.amazon_trip_id, status=503, times=None)

        report_payments_due()

        assert (states(stuck), states(other)) == (["retrying"], ["accepted"])


class TestSendingAgain:
    def test_staff_have_a_refused_report_sent_again_as_it_was(self, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox)
        sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=403)
        worked_on(trip)

        resend_report(reports_of(trip)[0], actor="manager")

        assert worked_on(trip) == ["accepted"]
        first, second = bodies_sent(trip)
        assert first == second
        events = trip.charge.events.filter(kind="feedback").values_list("phase", "actor")
        assert list(events) == [("failed", "Amazon"), ("requested", "manager"), ("succeeded", "Amazon")]

    def test_each_time_that_it_is_rejected_stands_in_the_timeline(self, sandbox: SandboxProcess) -> None:
        trip = a_trip("rejected-feedback")
        worked_on(trip)

        resend_report(reports_of(trip)[0], actor="manager")

        assert worked_on(trip) == ["rejected"]
        assert trip.charge.events.filter(kind="feedback", phase="rejected").count() == 2

    def test_a_later_report_knows_better(self, sandbox: SandboxProcess) -> None:
        trip = declined_trip()
        sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=400)
        worked_on(trip)
        pay(trip, "10.00")

        with pytest.raises(Conflict, match="A later report"):
            resend_report(reports_of(trip)[0], actor="manager")

    @pytest.mark.parametrize(
        ("state", "said"),
        [
            (FeedbackState.ACCEPTED, "accepted"),
            (FeedbackState.PLANNED, "waiting"),
            (FeedbackState.SENT, "waiting"),
            (FeedbackState.RETRYING, "waiting"),
        ],
    )
    def test_only_what_amazon_did_not_take_is_sent_again(
        self, sandbox: SandboxProcess, state: FeedbackState, said: str
    ) -> None:
        trip = captured_trip(sandbox)
        FeedbackReport.objects.update(state=state)

        with pytest.raises(Conflict, match=said):
            resend_report(reports_of(trip)[0], actor="manager")

    def test_what_is_settled_meanwhile_waits_for_it(self, sandbox: SandboxProcess) -> None:
        trip = declined_trip()
        sandbox.fault("status", operation="feedback", trip=trip.amazon_trip_id, status=400)
        worked_on(trip)
        resend_report(reports_of(trip)[0], actor="manager")

        pay(trip, "10.00")

        assert worked_on(trip) == ["accepted", "accepted"]
        assert heard(sandbox, trip) == [("0.00", "10.00"), ("10.00", "10.00")]


def a_priced_and_captured_trip(host: ScriptedHost, settings: Any) -> Trip:
    """With a report planned, for a feedback host that answers by script; no payments host was asked."""
    settings.AMAZON_FEEDBACK_URL = host.url
    trip = priced_trip(TEN, entry=Entry.CARD)
    charge = Charge.objects.get(trip=trip)
    charge.authorized = charge.captured = charge.amount
    charge.rest()
    charge.save()
    with transaction.atomic():
        plan_report(Charge.locked(charge.pk), "captured")
    return trip
