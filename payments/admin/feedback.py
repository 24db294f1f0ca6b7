"""Reports to Amazon: their list, a page for each, what the trip's page shows of them, and having one sent again."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from core.admin import ConfirmView, RowView, missing_right, row_urls
from core.languages import Words
from core.money import Money
from core.templatetags.times import in_zone
from payments.admin.labels import TRIP_TONES
from payments.admin.of_trip import OfTripAdmin
from payments.models import Charge, FeedbackReport
from payments.services.feedback import NOT_TAKEN, not_taken, report_obstacle, resend_obstacle, resend_report
from payments.services.feedback_page import attempts_of, events_of_report, with_needs_action
from payments.states import FeedbackState
from stores.store_filter import StoreFilter

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
    row: Any  # a FeedbackReport, with `needs_action`

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("charge__trip__store")


class ReportPageView(ReportView):
    url_name = "page"
    template_name = "admin/feedback/page.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        trip = self.row.charge.trip
        return self.page(
            request,
            item=_shown(self.row, request.user),
            needs_action=self.row.needs_action,
            attempts=attempts_of(self.row),
            history=list(events_of_report(self.row)),
            seconds_left=_seconds_until(self.row.next_attempt_at),
            trip=trip,
            store=trip.store,
            trip_tone=TRIP_TONES[trip.state],
            may_view_trip=request.user.has_perm("orders.view_trip"),
            may_view_call=request.user.has_perm("amazon.view_outboundcall"),
        )


class ResendReportView(ReportView, ConfirmView):
    url_name = "resend"
    right = RIGHT
    title = gettext_lazy("Send the report again")

    def question(self) -> dict[str, Any]:
        report = self.row
        shown = _shown(report, self.request.user)
        return {
            "question": _("Send this report to Amazon again?"),
            "facts": [
                (_("Total"), shown["total"]),
                (_("Settled"), shown["settled"]),
                (_("Outstanding"), shown["outstanding"]),
                (_("As of"), in_zone(report.at, report.charge.trip.store.time_zone)),
                (_("The answer was"), report.last_error or "–"),
            ],
            "explanation": _(
                "It is sent as it was, with the same time. Sending it twice does no harm: it says what is "
                "settled in all. No money moves."
            ),
            "obstacle": resend_obstacle(report),
            "button": _("Send again"),
        }

    def act(self, actor: str) -> Words:
        resend_report(self.row, actor=actor)
        return gettext_lazy("The report will be sent again.")


class ActionFilter(DropdownFilter):
    title = gettext_lazy("what needs action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("yes", _("Needs action"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[FeedbackReport]) -> QuerySet[FeedbackReport]:
        unseen = not_taken().filter(seen_at__isnull=True).order_by()
        return queryset.filter(pk__in=unseen.values("pk")) if self.value() == "yes" else queryset


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
        "look_at",
    ]
    list_display_links = ["trip"]
    list_filter = [ActionFilter, ("state", ChoicesDropdownFilter), ("store", StoreFilter)]
    empty_title = gettext_lazy("No report yet")
    empty_text = gettext_lazy(
        "What a trip cost and how much of that is settled is reported to Amazon as soon as it is known."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FeedbackReport]:
        reports: QuerySet[FeedbackReport] = super().get_queryset(request)
        return with_needs_action(reports)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = ReportPageView.as_view(model_admin=self)(request, pk=object_id)  # type: ignore[assignment]
        return response

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = row_urls(self, {"resend": ResendReportView}) + super().get_urls()
        return urls

    @display(description=gettext_lazy("state"), label=TONES)
    def state_label(self, report: FeedbackReport) -> tuple[str, str]:
        return report.state, report.get_state_display()

    @display(description=gettext_lazy("total"))
    def total_text(self, report: FeedbackReport) -> str:
        return str(Money(report.total, report.currency))

    @display(description=gettext_lazy("settled"))
    def settled_text(self, report: FeedbackReport) -> str:
        return str(Money(report.settled, report.currency))

    @display(description=gettext_lazy("outstanding"))
    def outstanding_text(self, report: FeedbackReport) -> str:
        return str(Money(report.outstanding, report.currency))

    @display(description=gettext_lazy("attempts"))
    def attempts(self, report: FeedbackReport) -> int:
        return report.lease_count

    @display(description=gettext_lazy("next try (store's time)"))
    def next_try(self, report: FeedbackReport) -> SafeString:
        return in_zone(report.next_attempt_at, report.store.time_zone)

    @display(description=gettext_lazy("look at"), label={"needs action": "danger"})
    def look_at(self, report: Any) -> tuple[str, str] | str:
        return ("needs action", _("needs action")) if report.needs_action else ""

    @display(description=gettext_lazy("last answer"))
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
        "is_not_taken": bool(reports) and reports[-1].state in NOT_TAKEN and not reports[-1].seen_at,
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


def _seconds_until(moment: datetime | None) -> int:
    """0 where it is past, or nothing is due."""
    return max(0, round((moment - datetime.now(UTC)).total_seconds())) if moment else 0


def _last_answer(report: FeedbackReport) -> str:
    return report.last_error or (_("Accepted") if report.state == FeedbackState.ACCEPTED else "–")
