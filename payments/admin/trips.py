"""The list of trips, and the ways into the trip page and its actions."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from core.admin import ReadOnlyAdmin, row_urls
from core.templatetags.money import money
from core.templatetags.times import in_zone
from orders.models import DivergentCart, Trip
from payments.admin.choose_product import ChooseProductView
from payments.admin.labels import TRIP_TONES
from payments.admin.receipts import ResendReceiptView
from payments.admin.refund_approval import ApproveRefundView, RejectRefundView
from payments.admin.refund_dialog import RefundView
from payments.admin.resolution import ResolveChargeView, ResolveRefundView
from payments.admin.retries import RetryChargeView, RetryRefundView
from payments.admin.trip_filters import AttentionFilter, ReceivedDayFilter, ReceivedRangeFilter
from payments.admin.trip_page import TripContentView, TripPageView
from payments.services.attention import is_late
from payments.services.trip_search import find_one_trip, search_trips


@admin.register(Trip)
class TripAdmin(ReadOnlyAdmin):
    list_display = ["amazon_trip_id", "store", "entry_label", "state_label", "items", "amount", "received", "flags"]
    list_display_links = ["amazon_trip_id"]
    list_select_related = ["store"]
    list_filter = [
        AttentionFilter,
        ("store", RelatedDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("entry", ChoicesDropdownFilter),
        ReceivedDayFilter,
        ("received_at", ReceivedRangeFilter),
    ]
    list_filter_submit = True
    sortable_by: list[str] = []
    search_fields = ["amazon_trip_id"]
    search_help_text = "Trip id, purchase id, refund id or last 4 of the card"
    empty_title = "No trip yet"
    empty_text = (
        "Trips appear here by themselves, moments after a shopper has left the store. Until Amazon calls, "
        "manage.py sandbox plays its part."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trip]:
        other_carts = DivergentCart.objects.filter(trip=OuterRef("pk"))
        trips: QuerySet[Trip] = super().get_queryset(request)
        return trips.annotate(has_other_cart=Exists(other_carts))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Trip], search_term: str
    ) -> tuple[QuerySet[Trip], bool]:
        return (search_trips(queryset, search_term) if search_term.strip() else queryset), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        term = request.GET.get("q", "")
        if term and self.has_view_permission(request) and (trip := find_one_trip(term)):
            return redirect("admin:orders_trip_change", trip.pk)
        response: HttpResponse = super().changelist_view(request, {"title": "Trips", **(extra_context or {})})
        return response

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = TripPageView.as_view(model_admin=self)(request, pk=object_id)  # type: ignore[assignment]
        return response

    def get_urls(self) -> list[URLPattern]:
        views = {
            "content": TripContentView,
            "refund": RefundView,
            "retry-charge": RetryChargeView,
            "resend-receipt": ResendReceiptView,
            "refunds/<int:refund_pk>/approve": ApproveRefundView,
            "refunds/<int:refund_pk>/reject": RejectRefundView,
            "refunds/<int:refund_pk>/retry": RetryRefundView,
            "resolve-charge": ResolveChargeView,
            "refunds/<int:refund_pk>/resolve": ResolveRefundView,
            "lines/<int:line_pk>/product": ChooseProductView,
        }
        urls: list[URLPattern] = row_urls(self, views) + super().get_urls()
        return urls

    @display(description="entry")
    def entry_label(self, trip: Trip) -> str:
        return trip.get_entry_display()

    @display(description="state", label=TRIP_TONES)
    def state_label(self, trip: Trip) -> tuple[str, str]:
        return trip.state, trip.get_state_display()

    @display(description="lines")
    def items(self, trip: Trip) -> int:
        return trip.item_count

    @display(description="total")
    def amount(self, trip: Trip) -> str:
        return money(trip.total, trip.currency)

    @display(description="received (store's time)")
    def received(self, trip: Trip) -> SafeString:
        return in_zone(trip.received_at, trip.store.time_zone)

    @display(description="look at", label={"late": "danger", "other cart": "warning"})
    def flags(self, trip: Any) -> tuple[str, str] | str:
        if is_late(trip, datetime.now(UTC)):
            return "late", "deadline"
        return ("other cart", "other cart") if trip.has_other_cart else ""
