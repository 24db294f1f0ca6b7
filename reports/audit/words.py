"""A row of the stream as people read it: what was done in one line, field by field, and where it is told at length."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from core.history import DONE, FieldChange, in_words, records_of
from core.money import Money
from loyalty.models import MemberEvent
from payments.services.story_words import WORDS
from reports.audit.sources import Kind, Source, sources
from reports.audit.stream import Row
from staff.models import User


@dataclass(frozen=True, slots=True)
class Act:
    """`about` is what it was done to, and `url` the page that tells of it. Without an `actor` the `reason` says what
    did it."""

    at: datetime
    zone: str
    store: str
    actor: str
    reason: str
    kind: str
    about: str
    url: str
    title: str
    amount: str = ""
    changes: tuple[FieldChange, ...] = ()
    detail: str = ""

    @property
    def line(self) -> str:
        """All of it, for a file."""
        return " – ".join(filter(None, [self.title, self.amount, "; ".join(map(str, self.changes)), self.detail]))


class Teller:
    """Tells rows to one person, asking the database nothing but for the stores that this person sees."""

    def __init__(self, person: User) -> None:
        self._stores = {store.pk: store for store in person.seen_stores}
        self._sources = sources()

    def tell(self, row: Row) -> Act:
        source = self._sources[row.rank]
        store = self._stores.get(row.store or 0)
        return Act(
            at=row.at,
            zone=store.time_zone if store else "UTC",
            store=store.name if store else "",
            actor=row.actor,
            kind=str(source.kind.label),
            **({"reason": "", "about": row.label, "url": ""} | _TELLERS.get(source.name, _of_history)(source, row)),
        )


def _of_history(source: Source, row: Row) -> dict[str, Any]:
    model = apps.get_model(source.name)
    name = str(model._meta.verbose_name)
    return {
        # Some are called by what they are.
        "about": _capital(row.label if row.label.startswith(name) else f"{name} {row.label}"),
        "url": _history_url(model, row.target),
        "title": str(DONE[row.done]),
        "changes": tuple(in_words(model, json.loads(row.detail))),
        "reason": row.reason or "",
    }


def _of_trip(source: Source, row: Row) -> dict[str, Any]:
    kind = row.done if source.kind == Kind.TRIPS else f"{row.done}_{row.reason}"
    return {
        "title": str(WORDS.get(kind, kind)),
        "url": _page_url("orders.trip", row.target),
        "amount": _money(row),
        "detail": row.detail,
    }


def _of_account(source: Source, row: Row) -> dict[str, Any]:
    return {
        "title": _("Payment into the house account noted"),
        "url": _page_url("payments.accountentry", row.target),
        "amount": _money(row, sign=-1),
        "detail": row.detail,
    }


def _of_points(source: Source, row: Row) -> dict[str, Any]:
    return {
        "title": _("Points corrected"),
        "url": _page_url("loyalty.pointsentry", row.target),
        "amount": f"{int(row.amount or 0):+}",
        "detail": row.detail,
    }


def _of_member(source: Source, row: Row) -> dict[str, Any]:
    title, detail = _logged(row)
    return {"title": title, "detail": detail, "url": _page_url("loyalty.member", row.target)}


def _of_member_event(source: Source, row: Row) -> dict[str, Any]:
    return {
        "title": str(MemberEvent.Kind(row.done).label),
        "detail": row.detail,
        "reason": row.reason or "",
        "url": _page_url("loyalty.member", row.target),
    }


def _of_person(source: Source, row: Row) -> dict[str, Any]:
    return {"title": row.detail, "url": _history_url(User, row.target)}


def _of_export(source: Source, row: Row) -> dict[str, Any]:
    return {"title": row.detail}


def _of_look(source: Source, row: Row) -> dict[str, Any]:
    return {
        "title": _("Looked at personal data"),
        "about": row.label or _("somebody who is no member"),
        "url": _page_url("staff.personaldatalook", row.target),
        "detail": row.detail,
    }


_TELLERS = {
    "trip event": _of_trip,
    "money event": _of_trip,
    "account entry": _of_account,
    "points": _of_points,
    "member": _of_member,
    "member event": _of_member_event,
    "person": _of_person,
    "export": _of_export,
    "look": _of_look,
}


def _logged(row: Row) -> tuple[str, str]:
    """The admin's own words about a form name the fields; what stood in them is the member's, and is not told."""
    if not row.detail.startswith("["):
        return row.detail or _("Changed; what it was is erased with the member"), ""
    try:
        parts = json.loads(row.detail)
    except ValueError:  # somebody's own words
        return row.detail, ""
    fields = [str(name) for part in parts for done in part.values() for name in done.get("fields", ())]
    verbs = dict.fromkeys(verb for part in parts for verb in part)
    words = {"added": _("Added"), "changed": _("Changed"), "deleted": _("Deleted")}
    return ", ".join(words.get(verb, verb) for verb in verbs), ", ".join(dict.fromkeys(fields))


def _money(row: Row, *, sign: int = 1) -> str:
    return "" if row.amount is None else str(Money(sign * Decimal(row.amount), row.currency))


def _history_url(model: type[Model], pk: int | None) -> str:
    way = records_of(model).part_of
    shown: Any = model._meta.get_field(way).related_model if way else model
    return _page_url(shown._meta.label_lower, pk, page="history")


def _page_url(name: str, pk: int | None, page: str = "change") -> str:
    model = apps.get_model(name)
    if pk is None or not admin.site.is_registered(model):
        return ""
    return reverse(f"admin:{name.replace('.', '_')}_{page}", args=[pk])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
