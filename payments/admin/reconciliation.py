"""Comparing some days of a store with the books or with a processor's report, on a page."""

from io import TextIOWrapper
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views import View

from core.admin import require_right
from core.errors import DomainError, Invalid
from orders.models import Trip
from payments.reconciliation.books import read_books
from payments.reconciliation.compare import Difference
from payments.reconciliation.days import Days
from payments.reconciliation.report_file import read_report
from payments.reconciliation.report_mapping import PRESETS, Mapping, read_mapping
from payments.reconciliation.run import Result, prepare
from payments.reconciliation.theirs import Theirs
from stores.models import Store

RIGHTS = ("payments.view_charge", "payments.reconcile")
BOOKS, REPORT = "books", "report"
MOST_DAYS = 31
MOST_TRIPS = 10_000
MOST_BYTES = 5 * 1024 * 1024
MOST_SHOWN = 200

_INPUT = {"class": "bo-input"}
_DAY = {"class": "bo-input", "type": "date"}


class ReconciliationForm(forms.Form):
    store = forms.ModelChoiceField(Store.objects.all(), widget=forms.Select(_INPUT))
    first = forms.DateField(
        label="From",
        required=False,
        help_text="the store's own day; empty: yesterday",
        widget=forms.DateInput(_DAY, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label="To",
        required=False,
        help_text="this day included; empty: the same day",
        widget=forms.DateInput(_DAY, format="%Y-%m-%d"),
    )
    against = forms.ChoiceField(
        label="Compare with",
        choices=[(BOOKS, "the books that are set up here"), (REPORT, "a report as a CSV file")],
        widget=forms.Select(_INPUT),
    )
    report = forms.FileField(
        label="Report", required=False, help_text="CSV in UTF-8, of these days", widget=forms.FileInput(_INPUT)
    )
    columns = forms.ChoiceField(
        label="Its columns", choices=[(name, name) for name in PRESETS], widget=forms.Select(_INPUT)
    )
    mapping = forms.FileField(
        label="Or what they mean",
        required=False,
        help_text="a mapping in TOML or JSON; docs/operations.md shows one",
        widget=forms.FileInput(_INPUT),
    )

    days: Days

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if cleaned.get("against") == REPORT and not cleaned.get("report"):
            self.add_error("report", "Choose the file.")
        if "store" in cleaned and "first" in cleaned and "last" in cleaned:
            self._clean_days(cleaned)
        return cleaned

    def clean_report(self) -> Any:
        return _small(self.cleaned_data["report"])

    def clean_mapping(self) -> Any:
        return _small(self.cleaned_data["mapping"])

    def theirs(self) -> Theirs:
        """Raises CannotRead."""
        if self.cleaned_data["against"] == BOOKS:
            return read_books(settings.RECONCILE_BOOKS_URL)
        file = self.cleaned_data["report"]
        return read_report(TextIOWrapper(file, "utf-8-sig", newline=""), file.name, self._mapping())

    def _mapping(self) -> Mapping:
        file = self.cleaned_data["mapping"]
        return read_mapping(file.read(), file.name) if file else PRESETS[self.cleaned_data["columns"]]

    def _clean_days(self, cleaned: dict[str, Any]) -> None:
        try:
            self.days = Days.of(cleaned["store"], cleaned["first"], cleaned["last"])
        except Invalid as error:
            self.add_error("last", error.message)
            return
        if len(self.days) > MOST_DAYS:
            self.add_error("last", f"At most {MOST_DAYS} days here. {_by_command(self.days)}")


class ReconciliationView(View):
    """GET shows the form, POST compares. Nothing is changed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        for right in RIGHTS:
            require_right(request, right)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        against = BOOKS if settings.RECONCILE_BOOKS_URL else REPORT
        return self._page(request, ReconciliationForm(initial={"against": against}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReconciliationForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form)
        try:
            theirs = form.theirs()
            result = _compare(theirs, form.days)
        except DomainError as error:
            form.add_error(None, error.message.splitlines())
            return self._page(request, form)
        shown = result.differences[:MOST_SHOWN]
        return self._page(
            request,
            form,
            result=result,
            days=form.days,
            theirs=theirs,
            rows=_with_links(request, shown),
            more=len(result.differences) - len(shown),
            by_command=_by_command(form.days),
        )

    def _page(self, request: HttpRequest, form: ReconciliationForm, **context: Any) -> HttpResponse:
        request.current_app = admin.site.name
        frame = admin.site.each_context(request)
        own = {"title": "Reconciliation", "form": form}
        return TemplateResponse(request, "admin/reconciliation/page.html", frame | own | context)


def _compare(theirs: Theirs, days: Days) -> Result:
    run = prepare(theirs, [days])
    if run.size > MOST_TRIPS:
        raise Invalid(f"More than {MOST_TRIPS:,} trips take a command. {_by_command(days)}")
    return run.compare()


def _with_links(request: HttpRequest, differences: list[Difference]) -> list[tuple[Difference, int | None]]:
    """Each with its trip's pk, where the trip is known and may be seen."""
    if not request.user.has_perm("orders.view_trip"):
        return [(difference, None) for difference in differences]
    trips = Trip.objects.filter(amazon_trip_id__in={difference.trip_id for difference in differences}).order_by()
    pks = dict(trips.values_list("amazon_trip_id", "pk"))
    return [(difference, pks.get(difference.trip_id)) for difference in differences]


def _by_command(days: Days) -> str:
    return f"Use: manage.py reconcile --store {days.store.external_id} --from {days.first} --to {days.last}"


def _small(file: Any) -> Any:
    if file is not None and file.size > MOST_BYTES:
        raise forms.ValidationError(f"At most {MOST_BYTES // 1024 // 1024} MB here; larger files take the command.")
    return file
