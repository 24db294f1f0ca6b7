"""Telling Amazon's fraud-and-abuse service what a trip cost and how much of that is settled.

Each report says all that is settled and since when, so it may be sent again whenever no usable answer came, and of two
that arrive in the wrong order the later time counts: our reading. A trip's reports are sent one after the other all the
same. Amazon: fraud_abuse_feedback_api, credit_card_fully_delegated_test_plan 7b.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, prefetch_related_objects
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown
from amazon.outbound.hosts import feedback_url
from amazon.outbound.transport import Address
from core import money, writes
from core.errands import Call, Errand
from core.errors import Conflict
from core.money import Money
from payments.clients.feedback_service import FeedbackAnswer, report_payment_status
from payments.models import Charge, FeedbackReport
from payments.services.addresses import address_of
from payments.services.calls import Answer, call_of, journal, lock_with_charges, paused_stores, try_later
from payments.services.ledger import Kind, Phase, record
from payments.states import FeedbackState
from stores.models import PaymentFlow

OPEN = (FeedbackState.PLANNED, FeedbackState.SENT, FeedbackState.RETRYING)
NOT_TAKEN = (FeedbackState.REJECTED, FeedbackState.FAILED)

# Amazon counts in these (paymentStatusTime).
_TICK = timedelta(milliseconds=1)


def plan_report(charge: Charge, cause: str) -> None:
    """Call in the transaction that changes what is settled, with the charge locked.

    What was reported already is not reported again.
    """
    if report_obstacle(charge):
        return
    total = charge.trip.total or money.ZERO
    # What was paid beyond the total, before staff adjusted the trip, goes back.
    settled = min(charge.captured + charge.settled, total)
    last = max(charge.feedback.all(), key=lambda report: report.number, default=None)
    if last and (last.total, last.settled) == (total, settled):
        return
    now = datetime.now(UTC)
    report = FeedbackReport(
        charge=charge,
        number=last.number + 1 if last else 1,
        cause=cause,
        total=total,
        settled=settled,
        currency=charge.currency,
        # No two hosts' clocks agree, and a later report must not look like the older one.
        at=max(now, last.at + _TICK) if last else now,
        next_attempt_at=None if last and last.state in OPEN else Now(),
    )
    writes.insert(report)


def report_obstacle(charge: Charge) -> str:
    """Why Amazon is told nothing of this charge; empty if it is. Amazon: risk_overview."""
    if charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        return _("Amazon's checkout service collects this trip, so Amazon knows by itself.")
    if not charge.trip.store.reports_payments:
        return _("This store is set not to report payments.")
    if not address_of(charge, feedback_url).base_url:
        return _(
            "This store is in test mode. No test host takes reports, and the real one must not hear of a mere test."
        )
    return ""


class Reporting(Errand[FeedbackReport]):
    """The errand of a report: one call."""

    model = FeedbackReport

    def ready(self, due: QuerySet[FeedbackReport]) -> QuerySet[FeedbackReport]:
        stores = paused_stores(feedback_url)
        return due.exclude(charge__trip__store__in=stores) if stores else due

    def lock(self, leases: Mapping[int, int]) -> dict[int, FeedbackReport]:
        """With their charges: whoever plans another report now waits, and then sees what became of these."""
        reports = lock_with_charges(FeedbackReport, leases)
        prefetch_related_objects([report.charge for report in reports.values()], "feedback")
        return reports

    def begin(self, report: FeedbackReport) -> Call:
        address = address_of(report.charge, feedback_url)
        ask = call_of(address, lambda: _call(address, report))
        report.start_sending()
        return ask

    def keep(self, answers: Sequence[Answer]) -> None:
        journal(answers)

    def finish(self, report: FeedbackReport, answer: Answer) -> bool:
        if answer.call:
            report.last_call_id = answer.call.pk
        _take(report.charge, report, answer.said)
        if report.state not in OPEN:
            _let_next_go(report.charge)
        return False


def resend_report(report: FeedbackReport, *, actor: str) -> None:
    """Staff have it sent again. Raises Conflict when Amazon has taken it, may still take it or knows better by now."""
    with transaction.atomic():
        charge = Charge.locked(report.charge_id)
        report = FeedbackReport.locked(report.pk)
        if obstacle := resend_obstacle(report):
            raise Conflict(obstacle)
        report.plan_again()
        report.rest()
        report.due_now()
        report.save()
        _record(charge, report, Phase.REQUESTED, actor=actor)


def resend_obstacle(report: FeedbackReport) -> str:
    """Why it cannot be sent again now; empty if it can. Asks nothing of the database where its siblings are fetched."""
    if report.state in OPEN:
        return _("It is waiting to be sent already.")
    if report.state == FeedbackState.ACCEPTED:
        return _("Amazon has accepted it.")
    if any(other.number > report.number for other in report.charge.feedback.all()):
        return _("A later report of this trip says more than this one.")
    return report_obstacle(report.charge)


def not_taken() -> QuerySet[FeedbackReport]:
    """Those that Amazon did not take, and that no later one of the trip makes good."""
    siblings = FeedbackReport.objects.filter(charge=OuterRef("charge")).order_by("-number")
    return FeedbackReport.objects.filter(state__in=NOT_TAKEN, number=Subquery(siblings.values("number")[:1]))


def _call(address: Address, report: FeedbackReport) -> tuple[FeedbackAnswer, OutboundCall]:
    total, settled = Money(report.total, report.currency), Money(report.settled, report.currency)
    return report_payment_status(address, total=total, settled=settled, at=report.at)


def _take(charge: Charge, report: FeedbackReport, answer: FeedbackAnswer | AmazonError) -> None:
    match answer:
        case FeedbackAnswer.ACCEPTED:
            report.accept()
            report.rest()
            detail = f"Settled of {Money(report.total, report.currency)}: {report.cause}."
            _record(charge, report, Phase.SUCCEEDED, actor="Amazon", detail=detail)
        case FeedbackAnswer.REJECTED:
            report.reject()
            _end(charge, report, Phase.REJECTED, "Amazon answered Rejected.")
        case NotSent():
            report.put_off()
            try_later(report, answer)
        case OutcomeUnknown():
            report.put_off()
            report.retry(str(answer))
        case _:
            report.fail()
            _end(charge, report, Phase.FAILED, str(answer))


def _end(charge: Charge, report: FeedbackReport, phase: Phase, error: str) -> None:
    report.rest()
    report.last_error = error
    _record(charge, report, phase, actor="Amazon", detail=error)


def _record(charge: Charge, report: FeedbackReport, phase: Phase, *, actor: str, detail: str = "") -> None:
    """Once for each time that a worker had it in hand."""
    key = f"{report.number}/{report.lease_count}"
    record(charge, Kind.FEEDBACK, phase, key=key, amount=report.settled, actor=actor, detail=detail)


def _let_next_go(charge: Charge) -> None:
    planned = [report for report in charge.feedback.all() if report.state == FeedbackState.PLANNED]
    if planned:
        following = min(planned, key=lambda report: report.number)
        following.due_now()
        writes.update(following, "next_attempt_at")
