"""The reasons that staff choose from when they give money back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import BaseAdmin
from payments.models import RefundReason


@admin.register(RefundReason)
class RefundReasonAdmin(BaseAdmin):
    """Of all stores. A reason that is no longer wanted is taken out of use: refunds keep its words."""

    is_for_all_stores = True
    list_display = ["label", "code", "is_active", "position"]
    list_editable = ["is_active", "position"]
    search_fields = ["label"]
    empty_title = _("No reason yet")
    empty_text = _("Without a reason nobody can give money back on the pages here.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
