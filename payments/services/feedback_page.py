"""What staff are shown of a report to Amazon besides its row: each attempt, what was done to it, and whether it needs
somebody."""

from datetime import UTC, datetime, timedelta

import msgspec
from django.db.models import Exists, OuterRef, Q, QuerySet

from amazon.models import OutboundCall
from payments.models import FeedbackReport, PaymentEvent
from payments.services.feedback import NOT_TAKEN
from payments.services.story_calls import Attempt, attempt_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Sent(msgspec.Struct, rename="camel"):
    payment_status_time: int | None = None


_sent = msgspec.json.Decoder(_Sent)


def with_needs_action(reports: QuerySet[FeedbackReport]) -> QuerySet[FeedbackReport]:
    """Each with `needs_action`: Amazon has not taken it, no later one makes that good, and nobody has looked at it."""
    later = FeedbackReport.objects.filter(charge=OuterRef("charge"), number__gt=OuterRef("number"))
    return reports.annotate(needs_action=Q(state__in=NOT_TAKEN, seen_at__isnull=True) & ~Exists(later))


def attempts_of(report: FeedbackReport) -> list[Attempt]:
    """The newest first, as far as the journal keeps calls: a report is told from others of its trip by its time."""
    calls = OutboundCall.objects.filter(amazon_trip_id=report.charge.trip.amazon_trip_id, operation="feedback")
    milliseconds = (report.at - _EPOCH) // timedelta(milliseconds=1)
    of_report = (call for call in calls.order_by("-at", "-id") if _time_in(call.request) == milliseconds)
    return [attempt_of(call) for call in of_report]


def events_of_report(report: FeedbackReport) -> QuerySet[PaymentEvent]:
    """What came of it, and who had it sent again; the oldest first."""
    return report.charge.events.filter(kind=PaymentEvent.Kind.FEEDBACK, key__startswith=f"{report.number}/")


def _time_in(request: str) -> int | None:
    try:
        return _sent.decode(request).payment_status_time
    except msgspec.DecodeError:
        return None
