"""What a report is asked: which days of which stores, compared with which, by what. The address holds all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.http import urlencode

from core.authentication import ApiCaller
from core.errors import Invalid
from reports.days import Span, midnight, span_of
from reports.periods import (
    COMPARE_LABELS,
    MOST_DAYS,
    MOST_DAYS_BY_HOUR,
    PRESET_LABELS,
    Compare,
    Period,
    Preset,
    compared_with,
    period_of,
)
from staff.models import User
from stores.models import Store

BY_HOUR, BY_STORE = "hour", "store"
# Who chose no store is told the names of all up to so many.
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Query:
    """`stores` are those that the `asker` sees and has chosen, by name; `has_chosen` is false where all are meant."""

    asker: User | ApiCaller
    period: Period
    previous: Period | None
    stores: tuple[Store, ...]
    has_chosen: bool
    group: str
    sort: str = ""

    @property
    def store_ids(self) -> list[int]:
        return [store.pk for store in self.stores]

    @property
    def zones(self) -> list[str]:
        return sorted({store.time_zone for store in self.stores})

    @property
    def before(self) -> "Query | None":
        """The same question about the days that these are compared with."""
        return replace(self, period=self.previous, previous=None) if self.previous else None

    @property
    def is_about_everything(self) -> bool:
        """What belongs to no store as well: no store is hidden from who asks, and none was chosen."""
        sees_all = isinstance(self.asker, ApiCaller) or self.asker.is_everywhere
        return sees_all and not self.has_chosen

    def may(self, right: str) -> bool:
        """The retailer's systems may read everything."""
        return isinstance(self.asker, ApiCaller) or self.asker.has_perm(right)

    def words(self) -> list[tuple[str, str]]:
        """What a printed or exported report says about itself."""
        names = ", ".join(store.name for store in self.stores) or "none"
        all_of_them = f"all ({names})" if len(self.stores) <= MOST_NAMED else f"all {len(self.stores)}"
        compared = [("Compared with", str(self.previous))] if self.previous else []
        return [
            ("Days", str(self.period)),
            *compared,
            ("Stores", names if self.has_chosen else all_of_them),
            ("Days end at midnight in", ", ".join(self.zones) or "no store's zone"),
        ]


def stores_of(person: User | ApiCaller) -> list[Store]:
    """Those that whoever asks may be told about, by name."""
    if isinstance(person, ApiCaller):
        return list(Store.objects.order_by("name", "pk").only("external_id", "name", "time_zone"))
    return person.seen_stores


def zone_of(stores: list[Store]) -> str:
    """Whose today it is: that of the stores if they share a zone, else UTC, as in the lists (stores.day_filters)."""
    zones = {store.time_zone for store in stores}
    return zones.pop() if len(zones) == 1 else "UTC"


def today_of(stores: list[Store]) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(zone_of(stores))).date()


def span_of_days(query: Query, zone: str = "") -> Span:
    """From the first midnight of its days to the last: in this zone, else where today is its stores'."""
    zone = zone or zone_of(list(query.stores))
    return Span(midnight(query.period.first, zone), span_of(query.period.last, zone).end)


def in_days_of(query: Query, at: str, store: str = "store") -> Q:
    """Rows of a store whose time lies in the days that are asked about, each store's own."""
    found = Q(pk__in=[])
    for zone in query.zones:
        span, stores = span_of_days(query, zone), [store.pk for store in query.stores if store.time_zone == zone]
        found |= Q(**{f"{store}__in": stores, f"{at}__gte": span.start, f"{at}__lt": span.end})
    return found


class Asks(Protocol):
    """What is read of a page."""

    @property
    def groups(self) -> Mapping[str, str]: ...
    @property
    def fitting(self) -> Callable[[Period], str]: ...
    @property
    def sorts(self) -> Mapping[str, str]: ...
    @property
    def compares(self) -> bool: ...


_LOOK = {"class": "bo-input"}
_NOT_SEEN = "%(value)s is none of the stores that you see."


class Question(forms.Form):
    """What a page asks for. Its fields are made of what `page` may be asked, and each may be left out."""

    def __init__(self, asker: User | ApiCaller, asked: QueryDict, page: Asks) -> None:
        super().__init__(asked)
        self._asker, self._page = asker, page
        self._seen = stores_of(asker)

    def query(self, today: date | None = None) -> Query:
        """As it was asked on that day, or else today. Raises Invalid, whose field is the input at fault."""
        for field, errors in self.errors.items():
            raise Invalid(str(errors[0]), field=field)
        return self._query(self.cleaned_data, today)

    def _query(self, said: dict[str, Any], today: date | None) -> Query:
        raise NotImplementedError

    def to_keep(self, asked: QueryDict) -> QueryDict:
        """What is saved of a valid question, to be asked again on other days."""
        return asked

    def as_kept(self) -> forms.Form:
        """What asks for a question that is kept."""
        return self


class QueryForm(Question):
    """Each field may be left out; days of one's own count before `period`. Stores are named by their external ids.

    What the page does not ask is no field.
    """

    period = forms.ChoiceField(
        choices=[(preset.value, label) for preset, label in PRESET_LABELS.items()],
        required=False,
        label="Days",
        widget=forms.Select(_LOOK),
    )
    compare = forms.ChoiceField(
        choices=[(compare.value, label) for compare, label in COMPARE_LABELS.items()],
        required=False,
        label="Compared with",
        widget=forms.Select(_LOOK),
    )

    def __init__(self, asker: User | ApiCaller, asked: QueryDict, page: Asks) -> None:
        super().__init__(asker, _with_defaults(asked), page)
        seen = self._seen
        groups = page.groups
        if not page.compares:
            del self.fields["compare"]
        for name, label in (("from", "From"), ("to", "To")):  # the former is a word of Python's
            widget = forms.DateInput({**_LOOK, "type": "date"}, format="%Y-%m-%d")
            self.fields[name] = forms.DateField(required=False, label=label, input_formats=["%Y-%m-%d"], widget=widget)
        if len(groups) > 1:
            choices = [("", "as it fits"), *groups.items()]
            self.fields["group"] = forms.ChoiceField(
                required=False, label="By", choices=choices, widget=forms.Select(_LOOK)
            )
        if page.sorts:
            self.fields["sort"] = forms.ChoiceField(
                required=False, label="First", choices=list(page.sorts.items()), widget=forms.Select(_LOOK)
            )
        self.fields["store"] = forms.MultipleChoiceField(
            required=False,
            label="Stores",
            choices=[(store.external_id, store.name) for store in seen],
            error_messages={"invalid_choice": _NOT_SEEN},
            widget=forms.SelectMultiple({**_LOOK, "size": min(max(len(seen), 2), 4)}),
        )
        self.order_fields(["period", "from", "to", "compare", "group", "sort", "store"])

    def _query(self, said: dict[str, Any], today: date | None) -> Query:
        stores = [store for store in self._seen if store.external_id in said["store"]] or self._seen
        first, last = said["from"], said["to"]
        today = today or today_of(stores)
        preset = Preset(said["period"])
        period = _own(first, last, today) if preset == Preset.OWN else period_of(preset, today)
        return Query(
            asker=self._asker,
            period=period,
            previous=compared_with(period, preset, Compare(said.get("compare", Compare.NOTHING))),
            stores=tuple(stores),
            has_chosen=bool(said["store"]),
            group=self._group(said.get("group", ""), period),
            sort=said.get("sort") or next(iter(self._page.sorts), ""),
        )

    def _group(self, wanted: str, period: Period) -> str:
        if wanted == BY_HOUR and period.days > MOST_DAYS_BY_HOUR:
            raise Invalid(f"By hour at most {MOST_DAYS_BY_HOUR} days: choose fewer, or another group.", field="group")
        return wanted or self._page.fitting(period)


class DayForm(Question):
    """One day of one store: today's, and the first one's, unless others are named. It understands what other pages are
    asked, too, so that one comes from them to the last of their days."""

    def __init__(self, asker: User | ApiCaller, asked: QueryDict, page: Asks) -> None:
        self._asked = asked
        super().__init__(asker, _one_day_of(asked, stores_of(asker)), page)
        widget = forms.DateInput({**_LOOK, "type": "date"}, format="%Y-%m-%d")
        self.fields["day"] = forms.DateField(required=False, input_formats=["%Y-%m-%d"], widget=widget)
        self.fields["store"] = forms.ChoiceField(
            required=False,
            choices=[(store.external_id, store.name) for store in self._seen],
            error_messages={"invalid_choice": _NOT_SEEN},
            widget=forms.Select(_LOOK),
        )

    def _query(self, said: dict[str, Any], today: date | None) -> Query:
        stores = [store for store in self._seen if store.external_id == said["store"]] or self._seen[:1]
        day = said["day"] or today_of(stores)
        if today and not _names_a_day(self._asked):
            day = _day_in_words(self._asked, today)
        return Query(self._asker, _own(day, day, day), None, tuple(stores), has_chosen=True, group="day")

    def to_keep(self, asked: QueryDict) -> QueryDict:
        """Today's, or else yesterday's: nobody wants the same day every day."""
        stores = self.query().stores
        preset = Preset.TODAY if self.query().period.last == today_of(list(stores)) else Preset.YESTERDAY
        kept = QueryDict(mutable=True)
        kept.update({"period": preset, "store": self.cleaned_data["store"]})
        return kept

    def as_kept(self) -> forms.Form:
        """The day in words, as it is kept. Where its store is not seen any more no other one is chosen already."""
        form = forms.Form(self._asked)
        days = [(preset.value, PRESET_LABELS[preset]) for preset in (Preset.TODAY, Preset.YESTERDAY)]
        form.fields["period"] = forms.ChoiceField(label="Day", choices=days, widget=forms.Select(_LOOK))
        form.fields["store"] = store = self.fields["store"]
        if self._asked.get("store") not in {seen.external_id for seen in self._seen}:
            store.choices = [("", "choose one"), *store.choices]  # type: ignore[attr-defined]
        return form


def _one_day_of(asked: QueryDict, seen: list[Store]) -> QueryDict:
    """As the form shows it."""
    found = QueryDict(mutable=True)
    store = asked.get("store", "") or (seen[0].external_id if seen else "")
    day = _names_a_day(asked)
    if not day:
        day = str(_day_in_words(asked, today_of([each for each in seen if each.external_id == store] or seen[:1])))
    found.update({"day": day, "store": store})
    return found


def _names_a_day(asked: QueryDict) -> str:
    return asked.get("day") or asked.get("to") or asked.get("from") or ""


def _day_in_words(asked: QueryDict, today: date) -> date:
    """The last day of a period, if one is asked about."""
    period = asked.get("period")
    return period_of(Preset(period), today).last if period in set(Preset) else today


def _with_defaults(asked: QueryDict) -> QueryDict:
    """As the form shows it: what counts is what is chosen there."""
    whole = asked.copy()
    if asked.get("from") or asked.get("to"):
        whole["period"] = Preset.OWN
    elif not asked.get("period"):
        whole["period"] = Preset.LAST_7
    if not asked.get("compare"):
        whole["compare"] = Compare.BEFORE
    return whole


def _own(first: date | None, last: date | None, today: date) -> Period:
    """One day where only one is named."""
    first, last = first or last or today, last or first or today
    if last < first:
        raise Invalid("The last day is before the first one.", field="to")
    if first.year < 2000 or last.year > 2999:
        raise Invalid("Choose days between the years 2000 and 2999.", field="from")
    period = Period(first, last)
    if period.days > MOST_DAYS:
        raise Invalid(f"At most {MOST_DAYS:,} days, which are three years.", field="to")
    return period


def address_of(asked: Any) -> str:
    """A request's query as it stands behind the `?`, without what is empty."""
    return urlencode({name: values for name, values in asked.lists() if any(values)}, doseq=True)
