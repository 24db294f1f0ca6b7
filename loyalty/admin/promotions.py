"""Which promotions Amazon is told of for whom."""

from django.contrib import admin
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter
from unfold.decorators import display

from core.admin import BaseAdmin
from loyalty.models import Promotion


@admin.register(Promotion)
class PromotionAdmin(BaseAdmin):
    list_display = ["promotion_id", "store", "for_whom", "is_active"]
    list_select_related = ["store"]
    list_filter = [("store", RelatedDropdownFilter), ("is_active", BooleanRadioFilter)]
    list_filter_submit = True
    autocomplete_fields = ["store"]
    search_fields = ["promotion_id__exact"]
    search_help_text = "Whole promotion id"
    empty_title = "No promotion yet"
    empty_text = "When a member's code is scanned, Amazon is told the ids of the store's promotions that stand here."
    fields = ["store", "promotion_id", "tier", "is_active"]

    @display(description="for")
    def for_whom(self, promotion: Promotion) -> str:
        return f"tier {promotion.tier}" if promotion.tier else "every member"
