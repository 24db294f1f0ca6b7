"""Who did what: a page with filters, and what they show as a file."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from core.admin import require_right
from core.languages import english
from core.spreadsheets import csv_lines, guarded
from reports.audit.sources import AUDIT_FILE, Kind
from reports.audit.stream import Place, Wanted, all_rows, rows_of
from reports.audit.words import Act, Teller
from staff.models import User
from staff.services.people import person_of, visible_people

RIGHT = "staff.view_audit"
PER_PAGE = 50
BATCH = 1000
MOST_PROPOSED = 200
COLUMNS = ["time_utc", "store_time", "who", "reason", "kind", "about", "what", "store"]

_INPUT = {"class": "bo-input"}
_DAY = {"class": "bo-input", "type": "date"}


class AuditForm(forms.Form):
    """The filters. A day is the store's where one is chosen, else UTC's."""

    who = forms.CharField(
        label=gettext_lazy("Who"),
        required=False,
        max_length=150,
        widget=forms.TextInput(_INPUT | {"list": "audit-people", "placeholder": gettext_lazy("Whole user name")}),
    )
    store = forms.ChoiceField(label=gettext_lazy("Store"), required=False, widget=forms.Select(_INPUT))
    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        required=False,
        choices=[("", gettext_lazy("Everything")), *Kind.choices],
        widget=forms.Select(_INPUT),
    )
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput(_DAY, format="%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput(_DAY, format="%Y-%m-%d"))

    def __init__(self, person: User, data: QueryDict) -> None:
        super().__init__(data)
        self._person = person
        stores = [(str(store.pk), store.name) for store in person.seen_stores]
        self.fields["store"].choices = [("", _("All of them")), *stores]  # type: ignore[attr-defined]

    def wanted(self, after: Place | None = None) -> Wanted:
        said = self.cleaned_data
        store = next((one for one in self._person.seen_stores if str(one.pk) == said["store"]), None)
        zone = ZoneInfo(store.time_zone) if store else UTC
        return Wanted(
            person=self._person,
            actor=said["who"],
            store=store.pk if store else None,
            kind=said["kind"],
            since=_begin(said["since"], zone),
            until=_begin(said["until"] + timedelta(days=1) if said["until"] else None, zone),
            after=after,
        )

    @property
    def in_force(self) -> dict[str, str]:
        """As an address holds them."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class AuditView(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_right(request, RIGHT)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        form = AuditForm(person, request.GET)
        rows, query = [], QueryDict(mutable=True)
        if form.is_valid():
            query.update(form.in_force)
            rows = rows_of(form.wanted(Place.read(request.GET.get("after", ""))), PER_PAGE + 1)
        has_more, teller = len(rows) > PER_PAGE, Teller(person)
        filters = query.copy()
        if has_more:
            query["after"] = str(Place.of(rows[PER_PAGE - 1]))
        request.current_app = admin.site.name
        context = {
            **admin.site.each_context(request),
            "title": _("Who did what"),
            "form": form,
            "people": visible_people(person).order_by("username").values_list("username", flat=True)[:MOST_PROPOSED],
            "acts": [teller.tell(row) for row in rows[:PER_PAGE]],
            "filters": filters,
            "older": query.urlencode() if has_more else "",
            "is_later_page": "after" in request.GET,
        }
        return TemplateResponse(request, "admin/audit/page.html", context)


class ExportView(AuditView):
    """POST, because it is written down who took what away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        person = person_of(request)
        form = AuditForm(person, request.POST)
        if not form.is_valid():
            return redirect("audit")
        said = ", ".join(f"{name} {value}" for name, value in form.in_force.items())
        LogEntry.objects.create(
            user=person,
            object_repr=AUDIT_FILE,
            action_flag=CHANGE,
            change_message=f"Exported who did what: {said or 'everything'}",
        )
        answer = StreamingHttpResponse(csv_lines(_rows(person, form.wanted())), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="who-did-what-{datetime.now(UTC):%Y-%m-%d}.csv"'
        return answer


def _rows(person: User, wanted: Wanted) -> Iterator[list[str]]:
    """In English, like every file of ours, whoever takes it."""
    teller = Teller(person)
    yield COLUMNS
    for row in all_rows(wanted, BATCH):
        with english():
            cells = _cells(teller.tell(row))
        yield [guarded(cell) for cell in cells]


def _cells(act: Act) -> list[str]:
    at = act.at.astimezone(UTC)
    here = at.astimezone(ZoneInfo(act.zone))
    return [
        f"{at:%Y-%m-%d %H:%M:%S}",
        here.isoformat(sep=" ", timespec="seconds"),
        act.actor,
        act.reason,
        act.kind,
        act.about,
        act.line,
        act.store,
    ]


def _begin(day: date | None, zone: Any) -> datetime | None:
    return datetime.combine(day, time.min, zone) if day else None
