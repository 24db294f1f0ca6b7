"""Where it is written down what people did. Each source is one table, read along an index; all give the same columns.

`reports.audit.stream` reads the first rows of each and of those the first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, F, Model, Q, QuerySet, TextChoices, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from core.actors import BY_PEOPLE
from core.history import history_of, models_with_history, records_of
from loyalty.models import Member, MemberEvent, PointsEntry
from orders.models import TripEvent
from payments.models import AccountEntry, PaymentEvent
from staff.models import PersonalDataLook, User

# The object, such as “stores.product”, to which `target` is the key.
Columns = dict[str, Combinable]

# What an export of the page is about, in the admin's log.
AUDIT_FILE = "Who did what"


class Kind(TextChoices):
    CONFIGURATION = "configuration", _("Configuration")
    TRIPS = "trips", _("Trips")
    MONEY = "money", _("Money")
    MEMBERS = "members", _("Members")
    PEOPLE = "people", _("People and exports")
    LOOKS = "looks", _("Looks at personal data")


@dataclass(frozen=True, slots=True)
class Source:
    """`columns` are those of `COLUMNS` that a row has. `store` is the way to a row's store, empty where it has none;
    such rows are not found by a store. `seen` narrows them down to what a person sees, in place of their stores; an act
    that belongs `to_actor` is seen where whoever did it works. `is_large`: read store by store, or actor by actor, for
    somebody who sees a few of them."""

    name: str
    kind: Kind
    right: str
    rows: Callable[[], QuerySet[Any]]
    columns: Columns
    at: str = "at"
    actor: str = "actor"
    store: str = ""
    seen: Callable[[User, QuerySet[Any]], QuerySet[Any]] | None = None
    to_actor: bool = False
    is_large: bool = False

    @property
    def order(self) -> tuple[str, str]:
        return f"-{self.at}", "-pk"


NO_KEY = Cast(Value(None), BigIntegerField())
# Besides its source, key, time, actor and store: which object it is about, what was done, and how.
COLUMNS: Columns = {
    "target": NO_KEY,
    "label": Value("", TextField()),
    "done": Value("", TextField()),
    "detail": Value("", TextField()),
    "amount": Cast(Value(None), TextField()),
    "currency": Value("", TextField()),
    "reason": Value("", TextField()),
}


def sources() -> list[Source]:
    """Always in the same order, by which rows of the same moment are told."""
    return [*map(_of_history, models_with_history()), *_ACTS]


def _of_history(model: type[Model]) -> Source:
    records, opts = records_of(model), model._meta
    page: Any = admin.site._registry.get(model)
    return Source(
        name=opts.label_lower,
        kind=Kind.PEOPLE if model is User else Kind.CONFIGURATION,
        right=f"{opts.app_label}.view_{opts.model_name}",
        rows=lambda: history_of(model).order_by(),
        columns={
            "target": Cast(F(records.object_field), BigIntegerField()),
            "label": Cast(F("called"), TextField()),
            "done": Cast(F("history_type"), TextField()),
            "detail": Cast(F("changes"), TextField()),
            "reason": Cast(F("history_change_reason"), TextField()),
        },
        at="history_date",
        store="at_store" if records.store else "",
        seen=(lambda person, rows: page.changes_seen_by(person).order_by()) if page else None,
    )


def _none_of_a_store(person: User, rows: QuerySet[Any]) -> QuerySet[Any]:
    """What belongs to no store is seen by all who may see it."""
    return rows


def _admin_log(about: type[Model] | None) -> Callable[[], QuerySet[Any]]:
    """What the admin writes down of acts that leave no event and no history. Its own words about a form are JSON, and
    about a deletion none: that somebody's user was changed stands in the history, field by field."""

    def rows() -> QuerySet[Any]:
        if about is None:
            return LogEntry.objects.filter(content_type=None).order_by()
        entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(about)).order_by()
        is_told_by_history = Q(change_message="") | Q(change_message__startswith="[")
        return entries.filter(~is_told_by_history) if about is User else entries

    return rows


def _amount(currency: str) -> Columns:
    return {"amount": Cast(F("amount"), TextField()), "currency": Cast(F(currency), TextField())}


_LOGGED: Columns = {
    "target": Cast(F("object_id"), BigIntegerField()),
    "label": Cast(F("object_repr"), TextField()),
    "detail": F("change_message"),
}
_ACTS = [
    Source(
        name="trip event",
        kind=Kind.TRIPS,
        right="orders.view_tripevent",
        rows=lambda: TripEvent.objects.filter(BY_PEOPLE).order_by(),
        columns={
            "target": F("trip_id"),
            "label": Cast(F("trip__amazon_trip_id"), TextField()),
            "done": Cast(F("kind"), TextField()),
            "detail": F("detail"),
            **_amount("trip__currency"),
        },
        store="store",
        is_large=True,
    ),
    Source(
        name="money event",
        kind=Kind.MONEY,
        right="payments.view_paymentevent",
        rows=lambda: PaymentEvent.objects.filter(BY_PEOPLE).order_by(),
        columns={
            "target": F("charge__trip_id"),
            "label": Cast(F("charge__trip__amazon_trip_id"), TextField()),
            "done": Cast(F("kind"), TextField()),
            "reason": Cast(F("phase"), TextField()),
            "detail": F("detail"),
            **_amount("currency"),
        },
        store="store",
        is_large=True,
    ),
    Source(
        name="account entry",
        kind=Kind.MONEY,
        right="payments.view_accountentry",
        rows=lambda: AccountEntry.objects.filter(BY_PEOPLE).order_by(),
        columns={
            "target": F("pk"),
            "label": Cast(F("member__external_id"), TextField()),
            "detail": F("note"),
            **_amount("currency"),
        },
        seen=_none_of_a_store,
    ),
    Source(
        name="points",
        kind=Kind.MEMBERS,
        right="loyalty.view_pointsentry",
        rows=lambda: PointsEntry.objects.filter(BY_PEOPLE).order_by(),
        columns={
            "target": F("pk"),
            "label": Cast(F("member__external_id"), TextField()),
            "amount": Cast(F("points"), TextField()),
            "detail": F("note"),
        },
        seen=_none_of_a_store,
    ),
    Source(
        name="member",
        kind=Kind.MEMBERS,
        right="loyalty.view_member",
        rows=_admin_log(Member),
        columns=_LOGGED,
        at="action_time",
        actor="user__username",
        seen=_none_of_a_store,
    ),
    Source(
        name="member event",
        kind=Kind.MEMBERS,
        right="loyalty.view_member",
        rows=lambda: MemberEvent.objects.order_by(),
        columns={
            "target": F("member_id"),
            "label": Cast(F("member__external_id"), TextField()),
            "done": Cast(F("kind"), TextField()),
            "detail": Cast(F("fields"), TextField()),
            "reason": Cast(F("reason"), TextField()),
        },
        seen=_none_of_a_store,
    ),
    Source(
        name="person",
        kind=Kind.PEOPLE,
        right="staff.view_user",
        rows=_admin_log(User),
        columns=_LOGGED,
        at="action_time",
        actor="user__username",
        to_actor=True,
    ),
    Source(
        name="export",
        kind=Kind.PEOPLE,
        right="staff.view_audit",
        rows=_admin_log(None),
        columns={"label": Cast(F("object_repr"), TextField()), "detail": F("change_message")},
        at="action_time",
        actor="user__username",
        to_actor=True,
    ),
    Source(
        name="look",
        kind=Kind.LOOKS,
        right="staff.view_personaldatalook",
        rows=lambda: PersonalDataLook.objects.order_by(),
        columns={
            "target": F("pk"),
            "label": Cast(F("whose"), TextField()),
            "detail": Cast(F("page"), TextField()),
        },
        to_actor=True,
        is_large=True,
    ),
]
