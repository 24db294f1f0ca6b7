"""Which trips the demo's past consists of: pure planning, the same for the same seed but for the present moment."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

from demo.assortment import ARTICLES, CARD, CHECKOUT, COMBO, Article
from demo.members import Person, visitor_of
from orders.states import Entry
from payments.states import RefundState

DAYS = 60
VISITS = {CARD: 900, COMBO: 750, CHECKOUT: 340}
TIME_ZONES = {CARD: "America/New_York", COMBO: "Europe/London", CHECKOUT: "America/Los_Angeles"}

# The sandbox answers 500 for ever to a trip whose id begins so: what is open stays open, honestly.
STUCK_PREFIX = "server-error-trip-uuid-"
UNKNOWN_ARTICLE = Article("SEASONAL-042", "", "0")

OPENING_HOURS = range(7, 22)
RUSH = (6, 9, 5, 4, 5, 11, 10, 5, 4, 4, 6, 8, 5, 3, 2)


class Fate(StrEnum):
    """What becomes of a trip."""

    RECEIVED = "received"
    REVIEW = "review"
    PRICED = "priced"
    STUCK_ADJUSTING = "stuck adjusting"
    STUCK_CAPTURING = "stuck capturing"
    PAID = "paid"
    PARTLY_PAID = "partly paid"
    UNPAID = "unpaid"
    NO_CHARGE = "no charge"
    EXPIRED = "expired"
    FAILED = "failed"


# A house account has no card that expires or holds too little, and its refunds do not get lost on the way.
FATES_BY_APP = {Fate.RECEIVED, Fate.REVIEW, Fate.PAID, Fate.NO_CHARGE}
REFUNDS_BY_APP = {RefundState.QUEUED, RefundState.DONE}
SHARE_BY_APP = 0.48

COMMON = {Fate.PAID: 900, Fate.NO_CHARGE: 55, Fate.UNPAID: 18, Fate.PARTLY_PAID: 14, Fate.EXPIRED: 6, Fate.FAILED: 7}


@dataclass(frozen=True, slots=True)
class PlannedRefund:
    """`share` is what is given back: a line, an amount or all of it; it is asked for `delay` after the capture."""

    state: RefundState
    share: str
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Visit:
    amazon_trip_id: str
    store: str
    entry: Entry
    started_at: datetime
    ended_at: datetime
    basket: tuple[tuple[Article, Decimal], ...]
    fate: Fate
    refund: PlannedRefund | None
    member: Person | None
    random: Random


# Store, fate, minutes ago, refund: what a newcomer should find on the first page, whatever the seed.
RECENT: tuple[tuple[str, Fate, int, RefundState | None], ...] = (
    (CARD, Fate.RECEIVED, 1, None),
    (CARD, Fate.PAID, 18, RefundState.QUEUED),
    (CARD, Fate.STUCK_ADJUSTING, 25, None),
    (CARD, Fate.REVIEW, 35, None),
    (CARD, Fate.STUCK_CAPTURING, 41, None),
    (COMBO, Fate.PAID, 55, RefundState.SENT),
    (COMBO, Fate.REVIEW, 68, None),
    (CARD, Fate.PARTLY_PAID, 80, None),
    (COMBO, Fate.PAID, 95, RefundState.UNKNOWN),
    (CARD, Fate.FAILED, 125, None),
    (COMBO, Fate.UNPAID, 140, None),
    (CARD, Fate.PAID, 26 * 60, RefundState.FAILED),
    (COMBO, Fate.REVIEW, 37 * 60, None),
    (CHECKOUT, Fate.PRICED, 2, None),
    (CARD, Fate.PAID, 110, RefundState.PENDING_APPROVAL),
    (CARD, Fate.PAID, 28 * 60, RefundState.REJECTED),
    (CARD, Fate.PAID, 30 * 60, RefundState.WITHDRAWN),
)
ABOVE_THE_LIMIT = {RefundState.PENDING_APPROVAL, RefundState.REJECTED}


def plan(seed: int, now: datetime) -> list[Visit]:
    """Some 2,000 visits of the last 60 days, oldest first."""
    visits = [*_ordinary(seed, now), *_recent(seed, now)]
    return sorted(visits, key=lambda visit: (visit.ended_at, visit.amazon_trip_id))


def _ordinary(seed: int, now: datetime) -> Iterator[Visit]:
    for store, count in VISITS.items():
        for number in range(count):
            random = Random(f"{seed}/{store}/{number}")
            days_ago = random.randint(1, DAYS)
            fate = _fate(random, store, days_ago)
            ended_at = _moment(random, now, days_ago, TIME_ZONES[store])
            # Amazon refunds what its checkout service has collected.
            refund = None if store == CHECKOUT else _refund(random, fate, days_ago)
            yield _visit(random, store, fate, ended_at, refund=refund)


def _recent(seed: int, now: datetime) -> Iterator[Visit]:
    for number, (store, fate, minutes, state) in enumerate(RECENT):
        random = Random(f"{seed}/recent/{number}")
        share = "all" if state in ABOVE_THE_LIMIT else "line"
        refund = PlannedRefund(state, share, timedelta(minutes=minutes / 2)) if state else None
        yield _visit(random, store, fate, now - timedelta(minutes=minutes), refund=refund)


def _fate(random: Random, store: str, days_ago: int) -> Fate:
    fate = random.choices(list(COMMON), list(COMMON.values()))[0]
    if store == CHECKOUT and fate in {Fate.UNPAID, Fate.PARTLY_PAID}:
        return Fate.PAID  # what a card does not pay is Amazon's there
    # A token ends after two days: a younger trip cannot have expired.
    return Fate.PAID if fate == Fate.EXPIRED and days_ago < 4 else fate


def _moment(random: Random, now: datetime, days_ago: int, time_zone: str) -> datetime:
    hour = random.choices(OPENING_HOURS, RUSH)[0]
    day = now.astimezone(ZoneInfo(time_zone)).replace(hour=0, minute=0, second=0) - timedelta(days=days_ago)
    moment = day.replace(hour=hour, minute=random.randrange(60), second=random.randrange(60))
    return moment.astimezone(UTC)


def _refund(random: Random, fate: Fate, days_ago: int) -> PlannedRefund | None:
    if fate != Fate.PAID or days_ago < 2 or random.random() > 0.09:
        return None
    state = RefundState.FAILED if random.random() < 0.12 else RefundState.DONE
    hours = random.uniform(0.2, min(120, (days_ago - 1) * 24))
    return PlannedRefund(state, random.choice(["line", "line", "amount", "all"]), timedelta(hours=hours))


def _visit(random: Random, store: str, fate: Fate, ended_at: datetime, *, refund: PlannedRefund | None) -> Visit:
    is_stuck = fate in {Fate.STUCK_ADJUSTING, Fate.STUCK_CAPTURING}
    is_stuck |= refund is not None and refund.state == RefundState.UNKNOWN
    trip_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
    may_be_app = store == COMBO and fate in FATES_BY_APP and (refund is None or refund.state in REFUNDS_BY_APP)
    entry = Entry.APP if may_be_app and random.random() < SHARE_BY_APP else Entry.CARD
    return Visit(
        amazon_trip_id=STUCK_PREFIX * is_stuck + trip_id,
        store=store,
        entry=entry,
        started_at=ended_at - timedelta(seconds=random.randint(50, 900)),
        ended_at=ended_at,
        basket=_basket(random, store, fate, is_large=refund is not None and refund.state in ABOVE_THE_LIMIT),
        fate=fate,
        refund=refund,
        member=visitor_of(trip_id, entry),
        random=random,
    )


def _basket(random: Random, store: str, fate: Fate, *, is_large: bool) -> tuple[tuple[Article, Decimal], ...]:
    if fate == Fate.NO_CHARGE:
        return ()
    articles = ARTICLES[store]
    if is_large:
        dearest = sorted(articles, key=lambda article: Decimal(article.price))[-3:]
        return tuple((article, Decimal(6)) for article in dearest)
    size = random.choices([1, 2, 3, 4, 5, 6], [26, 28, 20, 13, 8, 5])[0]
    chosen = dict.fromkeys(random.choices(articles, [article.popularity for article in articles], k=size))
    basket = [(article, _quantity(random, article)) for article in chosen]
    if fate in {Fate.REVIEW, Fate.EXPIRED}:
        basket.append((UNKNOWN_ARTICLE if fate == Fate.REVIEW else articles[-1], Decimal(1)))
    return tuple(dict(basket).items())


def _quantity(random: Random, article: Article) -> Decimal:
    if article.unit == "kg":
        return Decimal(random.randint(150, 1600)) / 1000
    return Decimal(random.choices([1, 2, 3, 4], [76, 17, 5, 2])[0])
