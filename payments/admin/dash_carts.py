"""What Dash Carts hold and take. Nobody edits it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import ReadOnlyAdmin
from core.templatetags.money import money
from core.templatetags.times import in_zone
from payments.admin.labels import DASH_CART_TONES
from payments.models import DashCartCharge
from stores.models import Store
from stores.store_filter import StoreFilter


@admin.register(DashCartCharge)
class DashCartChargeAdmin(ReadOnlyAdmin):
    store_path = "store"
    list_display = ["amazon_trip_id", "store", "member", "state_label", "taken", "held", "ended"]
    list_select_related = ["store", "member"]
    list_filter = [("store", StoreFilter), ("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["amazon_trip_id"]
    search_help_text = _("Whole trip id")
    empty_title = _("No Dash Cart yet")
    empty_text = _("What a Dash Cart has held for a shopping trip appears here, if its store has Dash Carts.")
    fields = ["amazon_trip_id", "store", "member", "state_label", "taken", "held", "ended", "confirmation"]
    readonly_fields = ["state_label", "taken", "held", "ended"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DashCartCharge], search_term: str
    ) -> tuple[QuerySet[DashCartCharge], bool]:
        term = search_term.strip()
        # By the stores, too: with them the index on both is used.
        return (queryset.filter(store__in=Store.objects.order_by(), amazon_trip_id=term) if term else queryset), False

    @display(description=_("state"), label=DASH_CART_TONES)
    def state_label(self, charge: DashCartCharge) -> tuple[str, str]:
        return charge.state, charge.get_state_display()

    @display(description=_("taken"))
    def taken(self, charge: DashCartCharge) -> str:
        return money(charge.amount, charge.currency)

    @display(description=_("held (store's time)"))
    def held(self, charge: DashCartCharge) -> SafeString:
        return in_zone(charge.held_at, charge.store.time_zone)

    @display(description=_("ended (store's time)"))
    def ended(self, charge: DashCartCharge) -> SafeString:
        return in_zone(charge.ended_at, charge.store.time_zone)
