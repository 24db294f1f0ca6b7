"""Stores and what they sell: all that staff maintain by hand."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from core.admin import BaseAdmin, BaseInline
from core.money import Money
from stores.events import assortment_changed
from stores.models import Barcode, Product, Store
from stores.store_filter import StoreFilter

MOST_CATEGORIES = 200


@admin.register(Store)
class StoreAdmin(BaseAdmin):
    store_path = "pk"
    list_display = ["name", "external_id", "region", "currency", "time_zone", "mode"]
    search_fields = ["name", "external_id"]
    search_help_text = gettext_lazy("Name or external id")
    empty_title = gettext_lazy("No store yet")
    empty_text = gettext_lazy(
        "Add the store with the external id of Amazon's merchant portal; its trips are taken in from then on."
    )
    fieldsets = [
        (None, {"fields": ["name", "external_id", "region", "time_zone", "is_test_mode"]}),
        (
            gettext_lazy("Money"),
            {
                "fields": [
                    *("currency", "prices_include_tax", "card_flow", "app_flow", "processor"),
                    *("refund_window_days", "refund_approval_above"),
                    "reports_payments",
                ]
            },
        ),
        (gettext_lazy("Receipts"), {"fields": ["sends_receipts", "receipt_header"]}),
        (gettext_lazy("Shoppers"), {"fields": ["loyalty_provider", "points_per_unit", "has_dash_cart"]}),
    ]

    @display(description=gettext_lazy("mode"), label={"test": "warning", "live": "success"})
    def mode(self, store: Store) -> tuple[str, str]:
        return ("test", _("test mode")) if store.is_test_mode else ("live", _("live"))

    def get_readonly_fields(self, request: HttpRequest, obj: Store | None = None) -> list[str]:
        """A store with trips keeps its currency: what was charged was charged in it."""
        return ["currency"] if obj is not None and obj.trips.exists() else []


class CategoryFilter(DropdownFilter):
    """The categories that somebody has written down for the products that one sees, and none."""

    title = gettext_lazy("category")
    parameter_name = "category"
    none = "-"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        products = model_admin.get_queryset(request).exclude(category="").order_by("category")
        names = products.values_list("category", flat=True).distinct()[:MOST_CATEGORIES]
        return [(self.none, _("without a category")), *((name, name) for name in names)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        chosen = self.value()
        return queryset.filter(category="" if chosen == self.none else chosen) if chosen else queryset


class BarcodeInline(BaseInline):
    model = Barcode
    fields = ["code"]

    def get_extra(self, request: HttpRequest, obj: Product | None = None, **kwargs: Any) -> int:
        return len(_proposed_codes(request)) if obj is None else 0


@admin.register(Product)
class ProductAdmin(BaseAdmin):
    store_path = "store"
    list_display = ["name", "sku", "store", "category", "shelf_price", "unit", "tax"]
    list_select_related = ["store"]
    list_filter = [("store", StoreFilter), CategoryFilter]
    list_filter_submit = True
    autocomplete_fields = ["store"]
    search_fields = ["sku", "name", "barcodes__code"]
    search_help_text = gettext_lazy("Name, SKU or barcode")
    empty_title = gettext_lazy("No product yet")
    empty_text = gettext_lazy("Trips stay in review until the products in them stand here, with price and tax.")
    inlines = [BarcodeInline]
    fields = ["store", "name", "sku", "price", "unit", "tax_rate", "category"]

    @display(description=gettext_lazy("price"), ordering="price")
    def shelf_price(self, product: Product) -> str:
        return str(Money(product.price, product.store.currency))

    @display(description=gettext_lazy("tax"), ordering="tax_rate")
    def tax(self, product: Product) -> str:
        return f"{product.tax_rate.normalize():f} %"

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        return [] if obj is None else ["store"]

    def get_formset_kwargs(self, request: HttpRequest, obj: Product | None, inline: Any, prefix: str) -> dict[str, Any]:
        """Barcodes that a trip in review proposes. Not on POST: an initial value that nobody changed is not saved."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "GET" and (obj is None or obj.pk is None):
            kwargs["initial"] = [{"code": code} for code in _proposed_codes(request)]
        return kwargs

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        assortment_changed.send(Product, store_id=form.instance.store_id)

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        super().delete_model(request, obj)
        assortment_changed.send(Product, store_id=obj.store_id)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        with transaction.atomic():
            stores = set(queryset.values_list("store_id", flat=True))
            super().delete_queryset(request, queryset)
            for store_id in stores:
                assortment_changed.send(Product, store_id=store_id)


def _proposed_codes(request: HttpRequest) -> list[str]:
    return request.GET.getlist("barcode")
