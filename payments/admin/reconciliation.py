"""Comparing some days of a store with the books or with a processor's report, on a page."""

from io import TextIOWrapper
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
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
from staff.models import User
from staff.services.people import person_of
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
    store = forms.ModelChoiceField(Store.objects.none(), widget=forms.Select(_INPUT), label=gettext_lazy("Store"))
    first = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        help_text=gettext_lazy("the store's own day; empty: yesterday"),
        widget=forms.DateInput(_DAY, format="%Y-%m-%d"),
    )
    last = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        help_text=gettext_lazy("this day included; empty: the same day"),
        widget=forms.DateInput(_DAY, format="%Y-%m-%d"),
    )
    against = forms.ChoiceField(
        label=gettext_lazy("Compare with"),
        choices=[
            (BOOKS, gettext_lazy("the books that are set up here")),
            (REPORT, gettext_lazy("a report as a CSV file")),
        ],
        widget=forms.Select(_INPUT),
    )
    report = forms.FileField(
        label=gettext_lazy("Report"),
        required=False,
        help_text=gettext_lazy("CSV in UTF-8, of these days"),
        widget=forms.FileInput(_INPUT),
    )
    columns = forms.ChoiceField(
        label=gettext_lazy("Its columns"), choices=[(name, name) for name in PRESETS], widget=forms.Select(_INPUT)
    )
    mapping = forms.FileField(
        label=gettext_lazy("Or what they mean"),
        required=False,
        help_text=gettext_lazy("a mapping in TOML or JSON; docs/operations.md shows one"),
        widget=forms.FileInput(_INPUT),
    )

    days: Days

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = person.visible(Store.objects.all(), "pk")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if cleaned.get("against") == REPORT and not cleaned.get("report"):
            self.add_error("report", _("Choose the file."))
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
            self.add_error(
                "last",
                _("At most %(most_days)s days here. %(by_command)s")
                % {"most_days": MOST_DAYS, "by_command": _by_command(self.days)},
            )


class ReconciliationView(View):
    """GET shows the form, POST compares. Nothing is changed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        for right in RIGHTS:
            require_right(request, right)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        against = BOOKS if settings.RECONCILE_BOOKS_URL else REPORT
        return self._page(request, ReconciliationForm(person_of(request), initial={"against": against}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ReconciliationForm(person_of(request), request.POST, request.FILES)
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
        own = {"title": _("Reconciliation"), "form": form}
        return TemplateResponse(request, "admin/reconciliation/page.html", frame | own | context)


def _compare(theirs: Theirs, days: Days) -> Result:
    run = prepare(theirs, [days])
    if run.size > MOST_TRIPS:
        raise Invalid(
            _("More than %(most_trips)s trips take a command. %(by_command)s")
            % {"most_trips": f"{MOST_TRIPS:,}", "by_command": _by_command(days)}
        )
    return run.compare()


def _with_links(request: HttpRequest, differences: list[Difference]) -> list[tuple[Difference, int | None]]:
    """Each with its trip's pk, where the trip is known and may be seen."""
    if not request.user.has_perm("orders.view_trip"):
        return [(difference, None) for difference in differences]
    trips = person_of(request).visible(Trip.objects.order_by())
    trips = trips.filter(amazon_trip_id__in={difference.trip_id for difference in differences})
    pks = dict(trips.values_list("amazon_trip_id", "pk"))
    return [(difference, pks.get(difference.trip_id)) for difference in differences]


def _by_command(days: Days) -> str:
    return _("Use: manage.py reconcile --store %(external_id)s --from %(first)s --to %(last)s") % {
        "external_id": days.store.external_id,
        "first": days.first,
        "last": days.last,
    }


def _small(file: Any) -> Any:
    if file is not None and file.size > MOST_BYTES:
        raise forms.ValidationError(
            _("At most %(value)s MB here; larger files take the command.") % {"value": MOST_BYTES // 1024 // 1024}
        )
    return file
