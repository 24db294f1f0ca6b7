"""Reports to Amazon: their list, a page for each, what the trip's page shows of them, and having one sent again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from core.admin import ConfirmView, RowView, missing_right, row_urls
from core.money import Money
from core.templatetags.times import in_zone
from payments.admin.labels import TRIP_TONES
from payments.admin.of_trip import OfTripAdmin
from payments.models import Charge, FeedbackReport
from payments.services.feedback import NOT_TAKEN, report_obstacle, resend_obstacle, resend_report
from payments.states import FeedbackState

RIGHT = "payments.resend_feedbackreport"
VIEW_RIGHT = "payments.view_feedbackreport"

TONES = {
    FeedbackState.PLANNED: "info",
    FeedbackState.SENT: "info",
    FeedbackState.RETRYING: "warning",
    FeedbackState.ACCEPTED: "success",
    FeedbackState.REJECTED: "danger",
    FeedbackState.FAILED: "danger",
}


class ReportView(RowView):
    row: FeedbackReport

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("charge__trip__store", "last_call")


class ReportPageView(ReportView):
    url_name = "page"
    template_name = "admin/feedback/page.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        trip = self.row.charge.trip
        return self.page(
            request,
            item=_shown(self.row, request.user),
            call=self.row.last_call,
            trip=trip,
            store=trip.store,
            trip_tone=TRIP_TONES[trip.state],
            may_view_trip=request.user.has_perm("orders.view_trip"),
            may_view_call=request.user.has_perm("amazon.view_outboundcall"),
        )


class ResendReportView(ReportView, ConfirmView):
    url_name = "resend"
    right = RIGHT
    title = "Send the report again"

    def question(self) -> dict[str, Any]:
        report = self.row
        shown = _shown(report, self.request.user)
        return {
            "question": "Send this report to Amazon again?",
            "facts": [
                ("Total", shown["total"]),
                ("Settled", shown["settled"]),
                ("Outstanding", shown["outstanding"]),
                ("As of", in_zone(report.at, report.charge.trip.store.time_zone)),
                ("The answer was", report.last_error or "–"),
            ],
            "explanation": "It is sent as it was, with the same time. Sending it twice does no harm: it says what is "
            "settled in all. No money moves.",
            "obstacle": resend_obstacle(report),
            "button": "Send again",
        }

    def act(self, actor: str) -> str:
        resend_report(self.row, actor=actor)
        return "The report will be sent again."


@admin.register(FeedbackReport)
class FeedbackReportAdmin(OfTripAdmin):
    list_display = [
        "trip",
        "store",
        "state_label",
        "total_text",
        "settled_text",
        "outstanding_text",
        "attempts",
        "next_try",
        "last_answer",
    ]
    list_display_links = ["trip"]
    list_filter = [("state", ChoicesDropdownFilter), ("charge__trip__store", RelatedDropdownFilter)]
    empty_title = "No report yet"
    empty_text = "What a trip cost and how much of that is settled is reported to Amazon as soon as it is known."

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = ReportPageView.as_view(model_admin=self)(request, pk=object_id)  # type: ignore[assignment]
        return response

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = row_urls(self, {"resend": ResendReportView}) + super().get_urls()
        return urls

    @display(description="state", label=TONES)
    def state_label(self, report: FeedbackReport) -> tuple[str, str]:
        return report.state, report.get_state_display()

    @display(description="total")
    def total_text(self, report: FeedbackReport) -> str:
        return str(Money(report.total, report.currency))

    @display(description="settled")
    def settled_text(self, report: FeedbackReport) -> str:
        return str(Money(report.settled, report.currency))

    @display(description="outstanding")
    def outstanding_text(self, report: FeedbackReport) -> str:
        return str(Money(report.outstanding, report.currency))

    @display(description="attempts")
    def attempts(self, report: FeedbackReport) -> int:
        return report.lease_count

    @display(description="next try (store's time)")
    def next_try(self, report: FeedbackReport) -> SafeString:
        return in_zone(report.next_attempt_at, report.charge.trip.store.time_zone)

    @display(description="last answer")
    def last_answer(self, report: FeedbackReport) -> str:
        return _last_answer(report)


def feedback_card(charge: Charge | None, user: Any) -> dict[str, Any] | None:
    """What the trip's page shows; None while there is nothing to say.

    Reads only what payments.services.trips.with_money has fetched.
    """
    reports = list(charge.feedback.all()) if charge else []
    obstacle = report_obstacle(charge) if charge else ""
    if not reports and not obstacle:
        return None
    return {
        "reports": [_shown(report, user) for report in reports],
        "obstacle": obstacle,
        "is_not_taken": bool(reports) and reports[-1].state in NOT_TAKEN,
        "may_view": user.has_perm(VIEW_RIGHT),
    }


def _shown(report: FeedbackReport, user: Any) -> dict[str, Any]:
    obstacle = resend_obstacle(report)
    return {
        "row": report,
        "tone": TONES[FeedbackState(report.state)],
        "total": Money(report.total, report.currency),
        "settled": Money(report.settled, report.currency),
        "outstanding": Money(report.outstanding, report.currency),
        "last_answer": _last_answer(report),
        "may_be_sent_again": report.state in NOT_TAKEN,
        "obstacle": obstacle or ("" if user.has_perm(RIGHT) else missing_right(RIGHT)),
    }


def _last_answer(report: FeedbackReport) -> str:
    return report.last_error or ("Accepted" if report.state == FeedbackState.ACCEPTED else "–")
