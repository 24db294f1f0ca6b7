"""One trip with all that staff are shown of it: the read side, a fixed number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from amazon.outbound.advice import Reading
from amazon.services.trip_calls import calls_of_trip
from core.money import Money
from loyalty.models import Scan
from orders.models import AdjustmentLine, DivergentCart, Line, Trip, TripEvent
from orders.services.members import other_trips
from orders.wire import create_purchases_decoder
from payments.balances import Balances
from payments.models import CardDetails, Charge, ContestedCart, GateDecision, PaymentEvent, Refund, RefundLine
from payments.services.attention import is_late
from payments.services.cart_difference import differences
from payments.services.dash_cart_holds import charge_of
from payments.services.refund_terms import RefundableLine, RefundTerms, refund_terms
from payments.services.refundable import NOT_FAILED
from payments.services.story_words import COLLECTING
from payments.services.trip_story import Beside, Entry, story
from payments.services.trips import balances_of, changes_of_lines, contests_of_trips
from payments.states import ChargeState, RefundState
from staff.models import User

MOST_OTHER_TRIPS = 5
_ASKED = {ChargeState.ADJUSTING, ChargeState.CAPTURING, ChargeState.CANCELLING}


@dataclass(frozen=True, slots=True)
class OtherCart:
    """A later cart for the same trip and what it says differently."""

    cart: DivergentCart
    differences: list[str]


@dataclass(frozen=True, slots=True)
class TripPage:
    trip: Trip
    charge: Charge | None
    card: CardDetails | None
    refunds: list[Refund]
    balances: Balances
    refund_terms: RefundTerms
    other_carts: list[OtherCart]
    other_trips: list[Trip]
    story: list[Entry]
    now: datetime
    is_paid_by_dash_cart: bool

    @property
    def currency(self) -> str:
        currency: str = self.trip.currency or self.trip.store.currency
        return currency

    @property
    def lines(self) -> list[RefundableLine]:
        return self.refund_terms.lines

    def parts_of(self, refund: Refund) -> list[RefundLine]:
        """What it gives back, by line."""
        parts = [part for row in self.lines for part in row.line.refund_lines.all()]
        return [part for part in parts if part.refund_id == refund.pk]

    @property
    def unpriced(self) -> list[RefundableLine]:
        return [row for row in self.lines if row.line.problem]

    @property
    def is_near_deadline(self) -> bool:
        return not self.is_paid_by_dash_cart and is_late(self.trip, self.now)

    @property
    def is_past_deadline(self) -> bool:
        return self.is_near_deadline and self.now >= self.trip.deadline

    @property
    def not_collected(self) -> Money:
        """What is neither taken nor settled otherwise."""
        return Money(self.charge.outstanding, self.currency) if self.charge else Money.zero(self.currency)

    @property
    def advice(self) -> Reading | None:
        """What the last answer means that was given to whoever collects."""
        told = (entry.attempts for entry in self.story if entry.attempts)
        return next((attempts.last.reading for attempts in told if attempts.operation in COLLECTING), None)

    @property
    def is_being_asked(self) -> bool:
        """A call for its money is on its way, so that an answer is near; not where the one before has failed."""
        asked: list[Charge | Refund] = [self.charge] if self.charge and self.charge.state in _ASKED else []
        asked += [refund for refund in self.refunds if refund.state == RefundState.SENT]
        return any(not row.failed_attempts and row.next_attempt_at for row in asked)

    @property
    def next_attempt_at(self) -> datetime | None:
        """When something more will happen by itself; None when the page can change by a person's act only."""
        rows = [self.trip, self.charge, self.card, getattr(self.charge, "receipt", None), *self.refunds]
        rows += self.charge.feedback.all() if self.charge else []
        rows += [getattr(refund, "notice", None) for refund in self.refunds]
        return min((row.next_attempt_at for row in rows if row and row.next_attempt_at), default=None)


def trips_with_page(trips: QuerySet[Trip]) -> QuerySet[Trip]:
    """As `trip_page` takes them: with all of which there is one for each trip."""
    return trips.select_related("store", "cart", "member", "charge__card", "charge__debt", "charge__receipt")


def trip_page(trip: Trip, *, seen_by: User) -> TripPage:
    """The trip comes from `trips_with_page`."""
    charge: Charge | None = getattr(trip, "charge", None)
    currency = trip.currency or trip.store.currency
    _fetch_rows(trip)
    balances = balances_of(trip)
    now = datetime.now(UTC)
    dash_cart = charge_of(trip)
    calls, inbound = calls_of_trip(trip.amazon_trip_id)
    beside = Beside(
        calls=calls,
        inbound=inbound,
        scans=_scans_of(trip),
        decisions=GateDecision.objects.filter(amazon_trip_id=trip.amazon_trip_id, store=trip.store_id),
        dash_cart=dash_cart,
    )
    return TripPage(
        trip=trip,
        charge=charge,
        card=getattr(charge, "card", None),
        refunds=list(charge.refunds.all()) if charge else [],
        balances=balances,
        refund_terms=refund_terms(trip, charge, balances, now, given=_given_quantities(trip)),
        other_carts=[_other_cart(trip, cart) for cart in trip.divergent_carts.all()],
        other_trips=list(other_trips(trip, MOST_OTHER_TRIPS, seen_by=seen_by)),
        story=story(trip, currency, beside),
        now=now,
        is_paid_by_dash_cart=dash_cart is not None and dash_cart.pays,
    )


def _fetch_rows(trip: Trip) -> None:
    """All that there are several of: a fixed number of statements, and of what no event tells none."""
    prefetch_related_objects([trip], "events", "charge__events", "charge__feedback")
    charge = getattr(trip, "charge", None)
    told = {event.kind for event in [*trip.events.all(), *(charge.events.all() if charge else ())]}
    parts = RefundLine.objects.select_related("refund")
    refunds = Prefetch("refunds", _if(PaymentEvent.Kind.REFUND in told, Refund.objects.select_related("notice")))
    lines = Line.objects.select_related("product").prefetch_related(
        Prefetch("refund_lines", _if(PaymentEvent.Kind.REFUND in told, parts)),
        changes_of_lines() if TripEvent.Kind.ADJUSTED in told else Prefetch("changes", AdjustmentLine.objects.none()),
    )
    other_carts = _if(TripEvent.Kind.DIVERGED in told, DivergentCart.objects.all())
    contests = contests_of_trips() if TripEvent.Kind.CONTESTED in told else None
    prefetch_related_objects(
        [trip],
        Prefetch("lines", lines),
        Prefetch("divergent_carts", other_carts),
        contests or Prefetch("contests", ContestedCart.objects.none()),
    )
    if charge is not None:
        prefetch_related_objects([charge], refunds)


def _if(is_told: bool, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows if is_told else rows.none()


def _given_quantities(trip: Trip) -> Mapping[int, Decimal]:
    """As payments.services.refundable.refunded_quantities, of what is fetched already."""
    given: defaultdict[int, Decimal] = defaultdict(Decimal)
    for line in trip.lines.all():
        for part in line.refund_lines.all():
            if part.refund.state in NOT_FAILED:
                given[line.pk] += part.quantity
    return given


def _scans_of(trip: Trip) -> Iterable[Scan]:
    """The codes that were presented, which the cart names by the ids of their events."""
    try:
        cart = create_purchases_decoder.decode(bytes(trip.cart.body))
    except msgspec.DecodeError:  # taken in by an older version, which read it otherwise
        return ()
    ids = [event.id for event in cart.shopping_trip.auth_events if event.payload_type == "SCAN_CODE"]
    if not ids:
        return ()
    # Each way has an index of its own.
    of_trip = Q(kind=Scan.Kind.IDENTITY, event_id__in=ids) | Q(member=trip.member_id, event_id__in=ids)
    return Scan.objects.filter(of_trip, store=trip.store_id)


def _other_cart(trip: Trip, cart: DivergentCart) -> OtherCart:
    return OtherCart(cart, differences(bytes(trip.cart.body), bytes(cart.body)))
