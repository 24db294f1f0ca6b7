"""The ledger of points. Corrections are made on a member's page."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import ReadOnlyAdmin
from loyalty.models import PointsEntry
from loyalty.services.member_search import find_members


@admin.register(PointsEntry)
class PointsEntryAdmin(ReadOnlyAdmin):
    list_display = ["posted", "member", "kind_label", "change", "amazon_trip_id", "actor", "note"]
    list_display_links = ["posted"]
    list_select_related = ["member"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["reference__exact"]
    search_help_text = _("Whole external id or code of a member, or whole reference")
    empty_title = _("No points yet")
    empty_text = _(
        "Members earn points when a trip of theirs is captured, at the store's rate, and lose them by refunds."
    )
    fields = ["posted", "member", "kind_label", "change", "rate", "amazon_trip_id", "reference", "actor", "note"]
    readonly_fields = ["posted", "kind_label", "change"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PointsEntry], search_term: str
    ) -> tuple[QuerySet[PointsEntry], bool]:
        term = search_term.strip()
        if term and (members := find_members(term, by_contact=False)):
            return queryset.filter(member__in=members), False
        return (queryset.filter(reference=term) if term else queryset), False

    @display(description=_("time (UTC)"))
    def posted(self, entry: PointsEntry) -> str:
        return entry.at.strftime("%Y-%m-%d %H:%M:%S")

    @display(description=_("kind"))
    def kind_label(self, entry: PointsEntry) -> str:
        return entry.get_kind_display()

    @display(description=_("points"))
    def change(self, entry: PointsEntry) -> str:
        return f"{entry.points:+,}"
