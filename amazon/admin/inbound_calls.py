"""The journal of Amazon's calls: the list, and the ways into a call's page and its replay."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from amazon.admin.inbound_filters import EndpointFilter, OutcomeFilter, StoreFilter
from amazon.admin.inbound_page import CallPageView, ReplayView
from amazon.admin.labels import OUTCOME_TONES, outcome_of
from amazon.admin.stores import with_store
from amazon.models import InboundCall
from core.admin import ReadOnlyAdmin, row_urls
from core.templatetags.times import in_zone


@admin.register(InboundCall)
class InboundCallAdmin(ReadOnlyAdmin):
    """A call that names no store, or none that exists, is seen by who is everywhere."""

    store_path, store_by = "store_external_id", "external_id"
    list_display = ["received", "endpoint", "store", "trip", "outcome", "milliseconds", "called_by"]
    list_display_links = ["received"]
    list_filter = [EndpointFilter, OutcomeFilter, StoreFilter]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-at", "-id"]
    search_fields = ["amazon_trip_id__exact", "request_id__exact"]
    search_help_text = gettext_lazy("Whole trip id or request id")
    empty_title = gettext_lazy("No call yet")
    empty_text = gettext_lazy(
        "Every call of Amazon's is written down here a moment after its answer, refused ones too. "
        "manage.py connectivity_test calls as Amazon does."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundCall]:
        calls: QuerySet[InboundCall] = super().get_queryset(request)
        return with_store(calls).defer("body", "answer")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[InboundCall], search_term: str
    ) -> tuple[QuerySet[InboundCall], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # One after the other, so that each uses its index.
        of_trip = queryset.filter(amazon_trip_id=term)
        return (of_trip if of_trip.exists() else queryset.filter(request_id=term)), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        titled = {"title": _("Calls from Amazon"), **(extra_context or {})}
        response: HttpResponse = super().changelist_view(request, titled)
        return response

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = CallPageView.as_view(model_admin=self)(request, pk=object_id)  # type: ignore[assignment]
        return response

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = row_urls(self, {"replay": ReplayView}) + super().get_urls()
        return urls

    @display(description=gettext_lazy("time (store's time)"))
    def received(self, call: Any) -> SafeString:
        return in_zone(call.at, call.time_zone or "UTC")

    @display(description=gettext_lazy("store"))
    def store(self, call: Any) -> str:
        return call.store_name or call.store_external_id or "–"

    @display(description=gettext_lazy("trip"))
    def trip(self, call: InboundCall) -> str:
        return call.amazon_trip_id or "–"

    @display(description=gettext_lazy("answer"), label=OUTCOME_TONES)
    def outcome(self, call: InboundCall) -> tuple[str, str]:
        return outcome_of(call), str(call.status)

    @display(description=gettext_lazy("took"))
    def milliseconds(self, call: InboundCall) -> str:
        return f"{call.duration_ms:,} ms"

    @display(description=gettext_lazy("caller"))
    def called_by(self, call: InboundCall) -> str:
        return (_("%(caller)s, replay") % {"caller": call.caller}) if call.is_replay else call.caller
