"""One trip with all that staff are shown of it: the read side, a fixed number of statements."""

from dataclasses import dataclass
from datetime import UTC, datetime

from amazon.models import OutboundCall
from core.money import Money
from orders.models import DivergentCart, Trip
from orders.services.members import other_trips
from payments.balances import Balances
from payments.models import CardDetails, Charge, GateDecision, Refund
from payments.services.attention import is_late
from payments.services.cart_difference import differences
from payments.services.dash_cart_holds import charge_of
from payments.services.refund_terms import RefundableLine, RefundTerms, refund_terms
from payments.services.trip_story import Entry, story
from payments.services.trips import balances_of, with_money

MOST_OTHER_TRIPS = 5


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
    def next_attempt_at(self) -> datetime | None:
        """When something more will happen by itself; None when the page can change by a person's act only."""
        rows = [self.trip, self.charge, self.card, getattr(self.charge, "receipt", None), *self.refunds]
        rows += self.charge.feedback.all() if self.charge else []
        return min((row.next_attempt_at for row in rows if row and row.next_attempt_at), default=None)


def load_trip_page(pk: int) -> TripPage:
    """Raises Trip.DoesNotExist."""
    trip = with_money(Trip.objects.select_related("cart", "member")).prefetch_related("divergent_carts").get(pk=pk)
    charge: Charge | None = getattr(trip, "charge", None)
    currency = trip.currency or trip.store.currency
    balances = balances_of(trip)
    now = datetime.now(UTC)
    calls = OutboundCall.objects.filter(amazon_trip_id=trip.amazon_trip_id).order_by("at", "id")
    decisions = GateDecision.objects.filter(amazon_trip_id=trip.amazon_trip_id, store=trip.store_id)
    dash_cart = charge_of(trip)
    return TripPage(
        trip=trip,
        charge=charge,
        card=getattr(charge, "card", None),
        refunds=list(charge.refunds.prefetch_related("lines__line")) if charge else [],
        balances=balances,
        refund_terms=refund_terms(trip, charge, balances, now),
        other_carts=[_other_cart(trip, cart) for cart in trip.divergent_carts.all()],
        other_trips=list(other_trips(trip, MOST_OTHER_TRIPS)),
        story=story(trip, calls, currency, decisions=decisions, dash_cart=dash_cart),
        now=now,
        is_paid_by_dash_cart=dash_cart is not None and dash_cart.pays,
    )


def _other_cart(trip: Trip, cart: DivergentCart) -> OtherCart:
    return OtherCart(cart, differences(bytes(trip.cart.body), bytes(cart.body)))
