"""The list of trips, and the ways into the trip page and its actions."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import ReadOnlyAdmin, RowAct, row_urls
from core.errors import Invalid
from core.templatetags.money import money
from core.templatetags.times import in_zone
from orders.models import Trip
from payments.admin.adjust import AdjustView, ProposeProductsView
from payments.admin.attention import why_labels
from payments.admin.bulk_actions import bulk_actions
from payments.admin.choose_product import ChooseProductView
from payments.admin.contest_actions import OpenContestView
from payments.admin.debt_note import NoteAsDebtView
from payments.admin.labels import TRIP_TONES
from payments.admin.note import NoteView
from payments.admin.receipts import ResendReceiptView
from payments.admin.refund_approval import ApproveRefundView, RejectRefundView, WithdrawRefundView
from payments.admin.refund_dialog import CheckRefundView, RefundView
from payments.admin.resolution import ResolveChargeView, ResolveRefundView
from payments.admin.retries import RetryChargeView, RetryRefundView
from payments.admin.seen import SeenView
from payments.admin.trip_filters import AttentionFilter, ReceivedDayFilter, ReceivedRangeFilter, RefundFilter
from payments.admin.trip_list import TABS, acts_on, look_inside
from payments.admin.trip_page import TripContentView, TripPageView
from payments.services.attention import whys_of
from payments.services.search_terms import HELP
from payments.services.trip_search import find_one_trip, find_trips
from stores.store_filter import StoreFilter


@admin.register(Trip)
class TripAdmin(ReadOnlyAdmin):
    store_path = "store"
    list_display = ["amazon_trip_id", "store", "entry_label", "state_label", "items", "amount", "received", "flags"]
    list_display_links = ["amazon_trip_id"]
    list_select_related = ["store"]
    list_filter = [
        AttentionFilter,
        ("store", StoreFilter),
        ("state", ChoicesDropdownFilter),
        ("entry", ChoicesDropdownFilter),
        RefundFilter,
        ReceivedDayFilter,
        ("received_at", ReceivedRangeFilter),
    ]
    list_filter_submit = True
    sortable_by: list[str] = []
    search_fields = ["amazon_trip_id"]
    search_help_text = format_lazy(
        gettext_lazy("Trip id, purchase id, refund id, last 4 of the card, an amount, or {operators}"), operators=HELP
    )
    actions: Any = ()
    empty_title = gettext_lazy("No trip yet")
    empty_text = gettext_lazy(
        "Trips appear here by themselves, moments after a shopper has left the store. Until Amazon calls, "
        "manage.py sandbox plays its part."
    )

    tabs = TABS
    peek_template = "admin/trips/peek.html"

    def peek(self, row: Trip) -> dict[str, Any]:
        return look_inside(row)

    def row_acts(self, request: HttpRequest, row: Trip) -> list[RowAct]:
        return acts_on(request, row)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return bulk_actions(request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Trip], search_term: str
    ) -> tuple[QuerySet[Trip], bool]:
        person: Any = request.user
        try:
            return (find_trips(person, queryset, search_term) if search_term.strip() else queryset), False
        except Invalid as error:
            messages.error(request, error.message)
            return queryset.none(), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        term = request.GET.get("q", "")
        if term and self.has_view_permission(request) and (trip := find_one_trip(self.get_queryset(request), term)):
            return redirect("admin:orders_trip_change", trip.pk)
        response: HttpResponse = super().changelist_view(request, {"title": _("Trips"), **(extra_context or {})})
        return response

    def complete(self, rows: Iterable[Any]) -> None:
        whys = whys_of([trip.pk for trip in rows])
        for trip in rows:
            trip.whys = whys.get(trip.pk, [])

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = TripPageView.as_view(model_admin=self)(request, pk=object_id)  # type: ignore[assignment]
        return response

    def get_urls(self) -> list[URLPattern]:
        views = {
            "content": TripContentView,
            "refund": RefundView,
            "adjust": AdjustView,
            "contest": OpenContestView,
            "adjust/products": ProposeProductsView,
            "refund/check": CheckRefundView,
            "note": NoteView,
            "note-as-debt": NoteAsDebtView,
            "retry-charge": RetryChargeView,
            "resend-receipt": ResendReceiptView,
            "refunds/<int:refund_pk>/approve": ApproveRefundView,
            "refunds/<int:refund_pk>/reject": RejectRefundView,
            "refunds/<int:refund_pk>/retry": RetryRefundView,
            "refunds/<int:refund_pk>/withdraw": WithdrawRefundView,
            "resolve-charge": ResolveChargeView,
            "refunds/<int:refund_pk>/resolve": ResolveRefundView,
            "lines/<int:line_pk>/product": ChooseProductView,
            "seen/<slug:key>/<int:row_pk>": SeenView,
        }
        urls: list[URLPattern] = row_urls(self, views) + super().get_urls()
        return urls

    @display(description=gettext_lazy("entry"))
    def entry_label(self, trip: Trip) -> str:
        return trip.get_entry_display()

    @display(description=gettext_lazy("state"), label=TRIP_TONES)
    def state_label(self, trip: Trip) -> tuple[str, str]:
        return trip.state, trip.get_state_display()

    @display(description=gettext_lazy("lines"))
    def items(self, trip: Trip) -> int:
        return trip.item_count

    @display(description=gettext_lazy("total"))
    def amount(self, trip: Trip) -> str:
        return money(trip.total, trip.currency)

    @display(description=gettext_lazy("received (store's time)"))
    def received(self, trip: Trip) -> SafeString:
        return in_zone(trip.received_at, trip.store.time_zone)

    @display(description=gettext_lazy("needs a look"))
    def flags(self, trip: Any) -> str:
        return why_labels(trip.whys)
