"""What people did, counted: the acts of “who did what” (reports.audit.sources), and the refunds that were done."""

from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.db.models import CharField, Count, F, QuerySet, Sum, TextChoices, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from core.actors import BY_PEOPLE
from core.authentication import ApiCaller
from core.money import ZERO
from orders.models import TripEvent
from payments.models import PaymentEvent
from reports.audit.sources import AUDIT_FILE
from reports.models import RefundDay
from reports.query import Query, in_days_of, span_of_days
from reports.services.reading import within
from reports.services.sums import AMOUNT, currency_of, summed
from staff.models import PersonalDataLook, User
from staff.services.people import visible_people


class What(TextChoices):
    REFUND = "refunds", "Refunds"
    ADJUSTED = "adjustments", "Adjustments"
    PRODUCT_CHOSEN = "reviews", "Items named"
    DECIDED = "contests", "Contests decided"
    WAIVED = "waived", "Debts waived"
    WRITTEN_OFF = "written_off", "Debts written off"
    EXPORTED = "exports", "Exports"
    LOOKED = "looks", "Looks"


class Act(NamedTuple):
    """So often one person did it, in one currency; with an amount where it is about money."""

    person: str
    currency: str
    what: str
    number: int
    amount: Any


# Each is told only to who may see what it is about, as in “who did what”.
RIGHTS = {
    What.ADJUSTED: "orders.view_tripevent",
    What.PRODUCT_CHOSEN: "orders.view_tripevent",
    What.DECIDED: "orders.view_tripevent",
    What.WAIVED: "payments.view_paymentevent",
    What.WRITTEN_OFF: "payments.view_paymentevent",
    What.EXPORTED: "staff.view_audit",
    What.LOOKED: "staff.view_personaldatalook",
}
OF_NO_STORE = (What.EXPORTED, What.LOOKED)
_TO_TRIPS = {
    What.ADJUSTED: TripEvent.Kind.ADJUSTED,
    What.PRODUCT_CHOSEN: TripEvent.Kind.PRODUCT_CHOSEN,
    What.DECIDED: TripEvent.Kind.CONTEST_DECIDED,
}
_TO_DEBTS = {What.WAIVED: PaymentEvent.Phase.WAIVED, What.WRITTEN_OFF: PaymentEvent.Phase.WRITTEN_OFF}


def may_be_told(query: Query, what: What) -> bool:
    return what not in RIGHTS or query.may(RIGHTS[what])


def acts(query: Query) -> list[Act]:
    """One statement. Exports and looks belong to no store: they are told where none was chosen, of those who work at
    one's own."""
    done = within(RefundDay, query)
    parts = [_counted(done, What.REFUND, "person", F("currency"), summed("amount"), number="refunds")]
    for what in What:
        if what != What.REFUND and may_be_told(query, what) and not (what in OF_NO_STORE and query.has_chosen):
            parts.append(_part(query, what))
    first, *others = parts
    return [Act(*row) for row in first.union(*others, all=True)]


def _part(query: Query, what: What) -> QuerySet[Any]:
    if what in _TO_TRIPS:
        events = TripEvent.objects.filter(BY_PEOPLE, in_days_of(query, "at"), kind=_TO_TRIPS[what])
        return _counted(events, what, "actor", currency_of("trip__"), Value(ZERO, AMOUNT))
    if what in _TO_DEBTS:
        kind = PaymentEvent.Kind.DEBT
        moved = PaymentEvent.objects.filter(BY_PEOPLE, in_days_of(query, "at"), kind=kind, phase=_TO_DEBTS[what])
        return _counted(moved, what, "actor", F("currency"), summed("amount"))
    if what == What.EXPORTED:
        logged = _during(LogEntry.objects.filter(content_type=None, object_repr=AUDIT_FILE), query, "action_time")
        return _counted(_of_own_people(logged, query, "user__username"), what, "user__username")
    looks = _during(PersonalDataLook.objects.all(), query, "at")
    return _counted(_of_own_people(looks, query, "actor"), what, "actor")


def _counted(
    rows: QuerySet[Any],
    what: What,
    person: str,
    currency: Combinable | None = None,
    amount: Any = None,
    *,
    number: str = "",
) -> QuerySet[Any]:
    keys = (Cast(F(person), CharField()), Cast(currency or Value(""), CharField()))
    counted: QuerySet[Any] = (
        rows.order_by()
        .values_list(*keys)
        .annotate(
            what=Value(str(what), CharField()),
            number=Sum(number) if number else Count("pk"),
            amount=Value(ZERO, AMOUNT) if amount is None else amount,
        )
    )
    return counted


def _during(rows: QuerySet[Any], query: Query, at: str) -> QuerySet[Any]:
    span = span_of_days(query)
    return rows.filter(**{f"{at}__gte": span.start, f"{at}__lt": span.end})


def _of_own_people(rows: QuerySet[Any], query: Query, actor: str) -> QuerySet[Any]:
    person = query.asker
    if isinstance(person, ApiCaller) or person.is_everywhere:
        return rows
    own: QuerySet[User] = visible_people(person)
    return rows.filter(**{f"{actor}__in": own.values("username")})
