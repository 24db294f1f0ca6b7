"""Which promotions Amazon is told of for whom."""

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display

from core.admin import BaseAdmin
from loyalty.models import Promotion
from stores.store_filter import StoreFilter


@admin.register(Promotion)
class PromotionAdmin(BaseAdmin):
    store_path = "store"
    list_display = ["promotion_id", "store", "for_whom", "is_active"]
    list_select_related = ["store"]
    list_filter = [("store", StoreFilter), ("is_active", BooleanRadioFilter)]
    list_filter_submit = True
    autocomplete_fields = ["store"]
    search_fields = ["promotion_id__exact"]
    search_help_text = gettext_lazy("Whole promotion id")
    empty_title = gettext_lazy("No promotion yet")
    empty_text = gettext_lazy(
        "When a member's code is scanned, Amazon is told the ids of the store's promotions that stand here."
    )
    fields = ["store", "promotion_id", "tier", "is_active"]

    @display(description=gettext_lazy("for"))
    def for_whom(self, promotion: Promotion) -> str:
        return f"tier {promotion.tier}" if promotion.tier else _("every member")
