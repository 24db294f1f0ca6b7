"""What staff fill in before a job starts."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from payments.models import BulkJob, RefundReason
from payments.services.bulk.choose_product import unknown_items
from payments.services.refund_reasons import offered_reasons
from stores.models import Product, Store

_INPUT = {"class": "bo-input"}


class StartForm(forms.Form):
    """Of kinds that need no words."""

    def __init__(self, job: BulkJob, data: Any = None) -> None:
        super().__init__(data)
        self.job = job


class RefundTripsForm(StartForm):
    reason = forms.ModelChoiceField(
        RefundReason.objects.none(),
        empty_label=gettext_lazy("Choose a reason"),
        widget=forms.Select(attrs=_INPUT),
        label=gettext_lazy("Reason"),
    )
    note = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs=_INPUT),
        help_text=gettext_lazy("for your colleagues, such as what happened at the store"),
        label=gettext_lazy("Note"),
    )

    def __init__(self, job: BulkJob, data: Any = None) -> None:
        super().__init__(job, data)
        self.fields["reason"].queryset = offered_reasons()  # type: ignore[attr-defined]


class ChooseProductForm(StartForm):
    sku = forms.ChoiceField(label=gettext_lazy("Item"), widget=forms.Select(attrs=_INPUT))
    product_sku = forms.CharField(
        label=gettext_lazy("Is the product with the SKU"), max_length=255, widget=forms.TextInput(attrs=_INPUT)
    )

    def __init__(self, job: BulkJob, data: Any = None) -> None:
        super().__init__(job, data)
        items = [
            (sku, _("%(name)s (%(sku)s), in %(count)s trips") % {"name": name or sku, "sku": sku, "count": count})
            for sku, name, count in unknown_items(job)
        ]
        self.fields["sku"].choices = items  # type: ignore[attr-defined]
        self.stores = Store.objects.filter(trips__bulk_items__job=job).distinct()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        stores = list(self.stores[:2])
        if len(stores) > 1:
            raise forms.ValidationError(
                _("The trips are of several stores, which have products of their own. Drop this.")
            )
        if wanted := cleaned.pop("product_sku", ""):
            cleaned["product"] = Product.objects.filter(store__in=stores, sku=wanted).first()
            if cleaned["product"] is None:
                self.add_error("product_sku", _("%(value)s sells no product with this SKU.") % {"value": stores[0]})
        return cleaned


FORMS: dict[str, type[StartForm]] = {
    BulkJob.Kind.REFUND: RefundTripsForm,
    BulkJob.Kind.CHOOSE_PRODUCT: ChooseProductForm,
}
