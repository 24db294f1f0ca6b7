"""The list of scans: who came to a gate or a scanner, who was refused, and why."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from core.admin import ReadOnlyAdmin
from core.languages import Words
from core.templatetags.times import in_zone
from loyalty.admin.labels import SCAN_TONES, SCAN_WORDS
from loyalty.models import Scan
from loyalty.services.member_search import find_members
from stores.day_filters import DayFilter
from stores.store_filter import StoreFilter


class OutcomeFilter(DropdownFilter):
    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("accepted", _("Accepted")), ("refused", _("Refused"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Scan]) -> QuerySet[Scan]:
        wanted = {"accepted": True, "refused": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(is_accepted=wanted)


class ScanDayFilter(DayFilter):
    parameter_name = "received"
    field = "received_at"


@admin.register(Scan)
class ScanAdmin(ReadOnlyAdmin):
    store_path = "store"
    list_display = ["received", "store", "kind_label", "member", "shown", "outcome", "reason"]
    list_display_links = ["received"]
    list_select_related = ["store", "member"]
    list_filter = [("store", StoreFilter), ("kind", ChoicesDropdownFilter), OutcomeFilter, ScanDayFilter]
    list_filter_submit = True
    sortable_by: list[str] = []
    search_fields = ["event_id"]
    search_help_text = gettext_lazy("Whole external id or code of a member, or Amazon's id of the call or the scan")
    empty_title = gettext_lazy("No scan yet")
    empty_text = gettext_lazy(
        "Each code that is held to a gate or a scanner appears here, with the answer that Amazon got."
    )
    fieldsets = [
        (None, {"fields": ["received", "scanned", "store", "kind_label", "location", "member", "shown"]}),
        (gettext_lazy("What Amazon was answered"), {"fields": ["outcome", "reason", "resolved_id", "resolved_type"]}),
        (gettext_lazy("Amazon's ids"), {"fields": ["event_id", "request_id"]}),
    ]
    readonly_fields = ["received", "scanned", "kind_label", "outcome"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Scan], search_term: str
    ) -> tuple[QuerySet[Scan], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if members := find_members(term, by_contact=False):
            return queryset.filter(member__in=members), False
        # One after the other, so that each uses its index.
        by_request = queryset.filter(kind__in=Scan.Kind.values, request_id=term)
        return (by_request if by_request.exists() else queryset.filter(kind=Scan.Kind.IDENTITY, event_id=term)), False

    @display(description=gettext_lazy("time (store's time)"))
    def received(self, scan: Scan) -> SafeString:
        return in_zone(scan.received_at, scan.store.time_zone)

    @display(description=gettext_lazy("scanned"))
    def scanned(self, scan: Scan) -> SafeString:
        return in_zone(scan.at, scan.store.time_zone)

    @display(description=gettext_lazy("kind"))
    def kind_label(self, scan: Scan) -> str:
        return scan.get_kind_display()

    @display(description=gettext_lazy("outcome"), label=SCAN_TONES)
    def outcome(self, scan: Scan) -> tuple[str, Words]:
        outcome = "accepted" if scan.is_accepted else "refused"
        return outcome, SCAN_WORDS[outcome]
