"""Which trips a person should look at, and why.

Each cause is a short index scan over the rows that have it; a trip may have several. What is marked as seen (`Seen`)
is a cause no more.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from core.languages import Words
from orders.models import DivergentCart, Trip
from orders.states import TripState
from payments.models import Charge, ContestedCart, Receipt, Refund
from payments.services.deadlines import uncollected_near_deadline, unpriced_near_deadline
from payments.services.feedback import not_taken
from payments.services.resolution import TRIES_BEFORE_A_PERSON
from payments.states import ChargeState, ContestState, ReceiptState, RefundState
from staff.models import User
from stores.models import PaymentFlow


class Why(NamedTuple):
    """A cause in words: `key` in addresses, `label` on a row, `title` over many."""

    key: str
    label: Words
    title: Words
    tone: str


REVIEW = Why("review", _("in review"), _("Carts that cannot be priced"), "warning")
FAILED = Why("failed", _("refused"), _("Money that was refused"), "danger")
UNKNOWN = Why("unknown", _("outcome unknown"), _("Money whose outcome stays unknown"), "danger")
STUCK = Why("stuck", _("asked in vain"), _("An own processor that is asked in vain"), "danger")
DEADLINE = Why("deadline", _("deadline"), _("Money that is still out near its deadline"), "danger")
APPROVAL = Why("approval", _("awaits approval"), _("Refunds that await approval"), "warning")
REFUND = Why("refund", _("refund failed"), _("Refunds that failed"), "danger")
OTHER_CART = Why("other_cart", _("other cart"), _("Carts that came twice and differ"), "warning")
REPORT = Why("report", _("report not taken"), _("Reports that Amazon did not take"), "warning")
CONTEST = Why("contest", _("contested"), _("Carts that shoppers contest"), "warning")
RECEIPT = Why("receipt", _("receipt failed"), _("Receipts that could not be sent"), "warning")

# The waiting rows are few, and an index finds them.
_KEEPS_FAILING = Q(next_attempt_at__isnull=False, failed_attempts__gte=TRIES_BEFORE_A_PERSON)
_UNSEEN = Q(seen_at__isnull=True)
_Rows = Callable[[datetime], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows that have the cause. `trip` is the way from a row to its trip, empty for the trips themselves; `since` the
    time from which it counts; `worth` the money that it is about, if it is about money; `order` puts the oldest first
    where many may have it and an index says so."""

    why: Why
    rows: _Rows
    trip: str
    since: str
    worth: Combinable | None = None
    currency: str = "currency"
    order: tuple[str, ...] = ()

    @property
    def trip_pk(self) -> str:
        return self.trip or "pk"

    @property
    def store(self) -> str:
        """What belongs to a charge bears its store itself."""
        return "trip__store" if self.trip == "trip" else "store"


_OUTSTANDING = F("amount") - F("captured") - F("settled")
_OUTSTANDING_OF_TRIP = F("charge__amount") - F("charge__captured") - F("charge__settled")


def _trips(state: TripState) -> _Rows:
    return lambda now: Trip.objects.filter(state=state)


def _of_charges(why: Why, *conditions: Q) -> Cause:
    """That were asked about in vain."""
    rows = Charge.objects.filter(_KEEPS_FAILING, *conditions)
    return Cause(why, lambda now: rows, "trip", "trip__received_at", _OUTSTANDING)


def _of_refunds(why: Why, *conditions: Q, order: tuple[str, ...] = ()) -> Cause:
    rows = Refund.objects.filter(*conditions)
    return Cause(why, lambda now: rows, "charge__trip", "requested_at", F("amount"), order=order)


def _other_carts(now: datetime) -> QuerySet[Any]:
    return DivergentCart.objects.filter(_UNSEEN)


def _contests(now: datetime) -> QuerySet[Any]:
    return ContestedCart.objects.filter(state=ContestState.OPEN)


def _reports(now: datetime) -> QuerySet[Any]:
    return not_taken().filter(_UNSEEN)


def _receipts(now: datetime) -> QuerySet[Any]:
    return Receipt.objects.filter(_UNSEEN, state=ReceiptState.FAILED)


# In the order in which they are told. Of Amazon's passing failures the deadline warns; a processor of our own has none.
CAUSES = (
    Cause(FAILED, _trips(TripState.FAILED), "", "received_at", _OUTSTANDING_OF_TRIP, order=("received_at",)),
    _of_charges(UNKNOWN, Q(state=ChargeState.UNKNOWN)),
    _of_refunds(UNKNOWN, _KEEPS_FAILING, Q(state=RefundState.UNKNOWN)),
    _of_charges(STUCK, Q(flow=PaymentFlow.OWN_PROCESSOR), ~Q(state=ChargeState.UNKNOWN)),
    Cause(DEADLINE, unpriced_near_deadline, "", "started_at"),
    Cause(DEADLINE, uncollected_near_deadline, "trip", "trip__started_at", _OUTSTANDING),
    _of_refunds(REFUND, Q(state=RefundState.FAILED), _UNSEEN, order=("pk",)),
    _of_refunds(APPROVAL, Q(state=RefundState.PENDING_APPROVAL), order=("pk",)),
    Cause(REVIEW, _trips(TripState.REVIEW), "", "received_at", order=("received_at",)),
    Cause(CONTEST, _contests, "trip", "opened_at", currency="trip__currency", order=("opened_at",)),
    Cause(OTHER_CART, _other_carts, "trip", "received_at", currency="trip__currency", order=("pk",)),
    Cause(REPORT, _reports, "charge__trip", "at", order=("pk",)),
    Cause(RECEIPT, _receipts, "charge__trip", "charge__trip__received_at", currency="charge__currency", order=("pk",)),
)
WHYS = {cause.why.key: cause.why for cause in CAUSES}


def needs_a_look(now: datetime | None = None, *, key: str = "", seen_by: User | None = None) -> QuerySet[Trip]:
    """The trips with a cause: any, or the one with this key; at all stores, or at those that a person sees.

    A union of short index scans: an OR over the trips, or their stores asked for afterwards, would walk through all of
    them.
    """
    now = now or datetime.now(UTC)
    parts = []
    for cause in CAUSES:
        if key in ("", cause.why.key):
            rows = seen_by.visible(cause.rows(now), cause.store) if seen_by else cause.rows(now)
            parts.append(rows.order_by().values(cause.trip_pk))
    return Trip.objects.filter(pk__in=union(parts))


def whys_of(trip_pks: Collection[int], now: datetime | None = None) -> dict[int, list[Why]]:
    """Why each of these trips needs a look, the gravest first: one statement. Trips that need none are left out."""
    now = now or datetime.now(UTC)
    found: defaultdict[int, set[str]] = defaultdict(set)
    if trip_pks:
        of_these = ((cause, cause.rows(now).filter(**{f"{cause.trip_pk}__in": trip_pks})) for cause in CAUSES)
        for key, pk in union([named(cause, rows).values_list("cause_key", "cause_trip") for cause, rows in of_these]):
            found[pk].add(key)
    return {pk: [why for key, why in WHYS.items() if key in keys] for pk, keys in found.items()}


def with_whys(trips: QuerySet[Trip], now: datetime | None = None) -> QuerySet[Trip]:
    """Each with what `whys_in` reads: for a single trip, in the statement that reads it anyway."""
    now = now or datetime.now(UTC)
    return trips.annotate(
        **{
            f"has_cause_{number}": Exists(cause.rows(now).filter(**{cause.trip_pk: OuterRef("pk")}))
            for number, cause in enumerate(CAUSES)
        }
    )


def whys_in(trip: Trip) -> list[Why]:
    keys = {cause.why.key for number, cause in enumerate(CAUSES) if getattr(trip, f"has_cause_{number}")}
    return [why for key, why in WHYS.items() if key in keys]


def named(cause: Cause, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows with the cause's key and the trip they belong to, ready for a union with those of other causes."""
    key = Value(cause.why.key, CharField())
    of_trip: QuerySet[Any] = rows.order_by().annotate(cause_key=key, cause_trip=F(cause.trip_pk))
    return of_trip


def union(parts: Sequence[QuerySet[Any]]) -> QuerySet[Any]:
    return parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]


def is_late(trip: Trip, now: datetime) -> bool:
    """Near or past the deadline, and it is Amazon that collects: the card's token ends, a member's account does not."""
    return trip.flow != PaymentFlow.OWN_PROCESSOR and trip.is_near_deadline(now)
