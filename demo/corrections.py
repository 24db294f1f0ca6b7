"""Adjusted trips and contested carts of the demo's past days: made by the services themselves, then dated back.

Their refunds and reports are still to be sent, so that a newcomer sees them go out.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from django.db.models import F, QuerySet

from demo.assortment import CARD, COMBO
from orders.adjusting import Change
from orders.models import Adjustment, Line, Trip, TripEvent
from orders.services.adjusting import Wanted
from orders.states import TripState
from payments.models import ContestedCart, PaymentEvent, Refund
from payments.services.adjustments import adjust_trip, plan_adjustment
from payments.services.contests import (
    Claims,
    Decision,
    adjust_contested,
    open_contest,
    refund_contested,
    reject_contest,
)
from payments.states import ReasonCode

ASSOCIATE, MANAGER = "associate", "manager"
# Long enough ago to be somebody's complaint; in time for a refund by Amazon, and too late.
IN_TIME = (timedelta(days=6), timedelta(hours=20))
TOO_LATE = (timedelta(days=20), timedelta(days=8))
CONTESTED = (TripEvent.Kind.CONTESTED,)
DECIDED = (TripEvent.Kind.CONTEST_DECIDED, TripEvent.Kind.ADJUSTED)


def make_corrections(seed: int, now: datetime) -> None:
    """A few of each kind, the same for the same seed."""
    random = Random(f"{seed}/corrections")
    card, combo = _complained_of(CARD, now, *IN_TIME), _complained_of(COMBO, now, *IN_TIME)
    late_card, late_combo = _complained_of(CARD, now, *TOO_LATE), _complained_of(COMBO, now, *TOO_LATE)

    trip = next(card)
    _adjust(random, trip, "not_taken", "Seen on video: put back on the shelf.")
    _date_back(trip, trip.received_at + timedelta(hours=9), DECIDED)
    trip = next(combo)
    _adjust(random, trip, "spoilt", "Shown at the counter.")
    _date_back(trip, trip.received_at + timedelta(hours=2), DECIDED)

    _contest(random, next(late_card), "I put one of these back before I left. Please look again.", hours=12)
    _contest(random, next(late_combo), "I was charged for something that I did not take.", hours=7)
    contest = _contest(random, next(late_card), "That is not what I bought!", hours=3)
    reject_contest(contest, decision=Decision(MANAGER, "On video: taken.", "We have looked again: it was taken."))
    _date_back(contest.trip, contest.trip.received_at + timedelta(hours=8), DECIDED)
    contest = _contest(random, next(combo), "One too many on my receipt.", hours=4)
    _adjust(random, contest.trip, "not_taken", "On video: put back.", contest)
    _date_back(contest.trip, contest.trip.received_at + timedelta(hours=6), DECIDED)
    contest = _contest(random, next(card), "It was stale.", hours=2)
    refund_contested(
        contest,
        {_dearest(contest.trip).pk: Decimal(1)},
        key=_key(random),
        reason=ReasonCode.EXPIRED_ITEM,
        decision=Decision(MANAGER, "", "We are sorry, and give you your money back."),
    )
    _date_back(contest.trip, contest.trip.received_at + timedelta(hours=5), DECIDED)


def _complained_of(store: str, now: datetime, oldest: timedelta, newest: timedelta) -> Iterator[Trip]:
    """Trips between these ages that the card paid in full, with more than one item, of which nothing was refunded."""
    trips = Trip.objects.filter(store__external_id=store, state=TripState.PAID, item_count__gt=1)
    trips = trips.filter(charge__captured__gt=0, charge__captured=F("total"))
    trips = trips.filter(received_at__range=(now - oldest, now - newest), charge__refunds__isnull=True)
    return iter(trips.select_related("store").order_by("received_at", "amazon_trip_id"))


def _dearest(trip: Trip) -> Line:
    """That is counted, so that one of it can be contested."""
    lines: QuerySet[Line] = trip.lines.exclude(unit="kg")
    return lines.order_by("-unit_price", "position")[0]


def _adjust(random: Random, trip: Trip, reason: str, note: str, contest: ContestedCart | None = None) -> None:
    line = _dearest(trip)
    wanted = Wanted({line.pk: Change(line.quantity - 1)})
    shown = plan_adjustment(trip, wanted, actor=MANAGER).fingerprint
    if contest is None:
        adjust_trip(trip, wanted, key=_key(random), reason=reason, note=note, actor=MANAGER, shown=shown)
    else:
        decision = Decision(MANAGER, note, "You are right, and the difference is on its way back to you.")
        adjust_contested(contest, wanted, key=_key(random), reason=reason, shown=shown, decision=decision)


def _contest(random: Random, trip: Trip, message: str, *, hours: float) -> ContestedCart:
    line = _dearest(trip)
    claims = Claims({line.pk: line.quantity - 1})
    contest = open_contest(trip, claims, key=_key(random), message=message, actor=random.choice([ASSOCIATE, "API"]))
    _date_back(trip, trip.received_at + timedelta(hours=hours), CONTESTED)
    return contest


def _date_back(trip: Trip, at: datetime, kinds: tuple[TripEvent.Kind, ...]) -> None:
    TripEvent.objects.filter(trip=trip, kind__in=kinds).update(at=at)
    contests = ContestedCart.objects.filter(trip=trip)
    if kinds == CONTESTED:
        contests.update(opened_at=at)
        return
    contests.update(decided_at=at)
    Adjustment.objects.filter(trip=trip).update(at=at)
    Refund.objects.filter(charge__trip=trip).update(requested_at=at)
    PaymentEvent.objects.filter(charge__trip=trip, kind="refund").update(at=at)


def _key(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
