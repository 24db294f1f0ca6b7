"""Lists of what belongs to a trip: a row leads to its trip's page, which shows it in full."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from core.admin import ReadOnlyAdmin
from core.rights import refusal
from payments.models import Debt, FeedbackReport, Receipt, Refund


class OfTripAdmin(ReadOnlyAdmin):
    store_path = "store"
    list_select_related = ["charge__trip", "store"]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["charge__trip__amazon_trip_id"]
    search_help_text = _("Whole trip id")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """As it was typed, so that the index finds it."""
        term = search_term.strip()
        return (queryset.filter(charge__trip__amazon_trip_id=term) if term else queryset), False

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied(refusal(f"{self.opts.app_label}.view_{self.opts.model_name}"))
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404("There is no such row.")
        trip_url = reverse("admin:orders_trip_change", args=[row.charge.trip_id])
        return redirect(f"{trip_url}#{self.opts.model_name}-{row.pk}")

    @display(description=_("trip"))
    def trip(self, row: Refund | Debt | Receipt | FeedbackReport) -> str:
        return str(row.charge.trip)
