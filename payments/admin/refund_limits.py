"""How much of a trip each role may give back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from core.admin import BaseAdmin
from core.money import decimals, is_exact
from core.templatetags.money import money
from payments.models import RefundLimit


class RefundLimitForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        currency, most = cleaned.get("currency") or self.instance.currency, cleaned.get("most")
        if most is not None and most < 0:
            self.add_error("most", _("An amount cannot be negative."))
        elif most is not None and currency and not is_exact(most, currency):
            self.add_error(
                "most",
                _("%(currency)s has %(decimals)s decimals.") % {"currency": currency, "decimals": decimals(currency)},
            )
        return cleaned


@admin.register(RefundLimit)
class RefundLimitAdmin(BaseAdmin):
    """Nobody changes what their own group may give back; a superuser does."""

    is_for_all_stores = True
    form = RefundLimitForm
    list_display = ["group", "at_most"]
    list_select_related = ["group"]
    sortable_by: list[str] = []
    empty_title = gettext_lazy("No limit yet")
    empty_text = gettext_lazy(
        "Whoever may refund may give back everything, until a row here says otherwise for their group."
    )
    fields = ["group", "currency", "most"]

    def get_readonly_fields(self, request: HttpRequest, obj: RefundLimit | None = None) -> list[str]:
        return [] if obj is None else ["group", "currency"]

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        person: Any = request.user
        groups = super().get_field_queryset(db, db_field, request)
        return groups if person.is_superuser or groups is None else groups.exclude(user=person)

    def has_change_permission(self, request: HttpRequest, obj: RefundLimit | None = None) -> bool:
        return not _is_own(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: RefundLimit | None = None) -> bool:
        return not _is_own(request, obj) and super().has_delete_permission(request, obj)

    @display(description=gettext_lazy("at most, of one trip"))
    def at_most(self, limit: RefundLimit) -> str:
        return money(limit.most, limit.currency)


def _is_own(request: HttpRequest, limit: RefundLimit | None) -> bool:
    person: Any = request.user
    return limit is not None and not person.is_superuser and person.groups.filter(pk=limit.group_id).exists()
