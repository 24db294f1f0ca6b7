"""What Dash Carts hold and take, and the house accounts that they take it from. Nobody edits them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from core.admin import ReadOnlyAdmin
from core.money import Money
from core.templatetags.money import money
from core.templatetags.times import in_zone
from payments.admin.labels import DASH_CART_TONES
from payments.models import AccountEntry, DashCartCharge
from stores.models import Store


@admin.register(DashCartCharge)
class DashCartChargeAdmin(ReadOnlyAdmin):
    list_display = ["amazon_trip_id", "store", "member", "state_label", "taken", "held", "ended"]
    list_select_related = ["store", "member"]
    list_filter = [("store", RelatedDropdownFilter), ("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["amazon_trip_id"]
    search_help_text = "Whole trip id"
    empty_title = "No Dash Cart yet"
    empty_text = "What a Dash Cart has held for a shopping trip appears here, if its store has Dash Carts."
    fields = ["amazon_trip_id", "store", "member", "state_label", "taken", "held", "ended", "confirmation"]
    readonly_fields = ["state_label", "taken", "held", "ended"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DashCartCharge], search_term: str
    ) -> tuple[QuerySet[DashCartCharge], bool]:
        term = search_term.strip()
        # By the stores, too: with them the index on both is used.
        return (queryset.filter(store__in=Store.objects.order_by(), amazon_trip_id=term) if term else queryset), False

    @display(description="state", label=DASH_CART_TONES)
    def state_label(self, charge: DashCartCharge) -> tuple[str, str]:
        return charge.state, charge.get_state_display()

    @display(description="taken")
    def taken(self, charge: DashCartCharge) -> str:
        return money(charge.amount, charge.currency)

    @display(description="held (store's time)")
    def held(self, charge: DashCartCharge) -> SafeString:
        return in_zone(charge.held_at, charge.store.time_zone)

    @display(description="ended (store's time)")
    def ended(self, charge: DashCartCharge) -> SafeString:
        return in_zone(charge.ended_at, charge.store.time_zone)


@admin.register(AccountEntry)
class AccountEntryAdmin(ReadOnlyAdmin):
    list_display = ["member", "owed", "reference", "store", "written"]
    list_display_links = ["reference"]
    list_select_related = ["store", "member"]
    list_filter = [("store", RelatedDropdownFilter)]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["member__external_id__exact"]
    search_help_text = "Whole external id of a member"
    empty_title = "No account entry yet"
    empty_text = "What members owe on their house account appears here, to be invoiced."
    fields = ["member", "owed", "reference", "store", "written"]
    readonly_fields = ["owed", "written"]

    @display(description="owed")
    def owed(self, entry: AccountEntry) -> str:
        return str(Money(entry.amount, entry.currency))

    @display(description="written (store's time)")
    def written(self, entry: AccountEntry) -> SafeString:
        return in_zone(entry.at, entry.store.time_zone)
