"""Which pages are asked for, and by whom: the lists of the admin, and the reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TRIPS = "/admin/orders/trip/"
WHYS = ("review", "failed", "deadline", "approval", "refund", "other_cart", "report")

# Name, stores (None: all of them). Store 299 closed long ago.
PEOPLE: dict[str, list[int] | None] = {
    "everywhere": None,
    "one store": [5],
    "three of 300": [5, 77, 299],
    "a closed store": [299],
    "forty of 300": list(range(10, 50)),
}


@dataclass(frozen=True)
class Page:
    name: str
    path: str
    person: str = "everywhere"
    leads_to_a_trip: bool = False

    @property
    def is_report(self) -> bool:
        return self.path.startswith("/reports/")


def pages(known: "Known") -> Iterator[Page]:
    yield Page("trips", TRIPS)
    yield Page("trips, page 100", f"{TRIPS}?p=100")
    yield Page("trips, last page", f"{TRIPS}?p=200")
    filters = {
        "busy store": "store__id__exact=1",
        "small store": "store__id__exact=5",
        "closed store": "store__id__exact=299",
        "store without trips": "store__id__exact=300",
        **{state: f"state__exact={state}" for state in ("paid", "unpaid", "expired", "review", "received")},
        "card": "entry__exact=CARD",
        "app": "entry__exact=APP",
        **{f"day: {day}": f"received={day}" for day in ("today", "yesterday", "7", "30")},
        "range of days": known.range_of_days,
        "refund under way": "refund=under_way",
        "refund failed": "refund=failed",
        "small store, unpaid": "store__id__exact=5&state__exact=unpaid",
        "closed store, app": "store__id__exact=299&entry__exact=APP",
        "needs a look": "attention=yes",
        **{f"why: {why}": f"attention={why}" for why in WHYS},
    }
    for name, query in filters.items():
        yield Page(f"trips, {name}", f"{TRIPS}?{query}")
    exact = {"whole trip id": known.trip_id, "purchase id": f"P{known.trip:09d}", "refund id": known.refund_id}
    for name, term in exact.items():
        yield Page(f"search, {name}", f"{TRIPS}?q={term}", leads_to_a_trip=True)
    searches = {"how a trip id begins": known.trip_id[:8], "last four": "4242", "nothing": "no-such-trip-anywhere"}
    for name, term in searches.items():
        yield Page(f"search, {name}", f"{TRIPS}?q={term}")
    yield Page("trip page", f"{TRIPS}{known.trip}/change/")
    yield Page("trip page from page 100", f"{TRIPS}{known.middle_trip}/change/?_changelist_filters=p%3D100")
    for person in list(PEOPLE)[1:]:
        yield Page(f"trips, {person}", TRIPS, person)
        yield Page(f"trips, {person}, unpaid", f"{TRIPS}?state__exact=unpaid", person)
        yield Page(f"trips, {person}, needs a look", f"{TRIPS}?attention=yes", person)
    yield Page("trips, forty of 300, page 3", f"{TRIPS}?p=3", "forty of 300")
    others = {
        "refunds": "/admin/payments/refund/",
        "refunds, failed": "/admin/payments/refund/?state__exact=failed",
        "debts": "/admin/payments/debt/",
        "debts, all": "/admin/payments/debt/?state=all",
        "reports": "/admin/payments/feedbackreport/",
        "reports, rejected": "/admin/payments/feedbackreport/?state__exact=rejected",
        "receipts": "/admin/payments/receipt/",
        "scans": "/admin/loyalty/scan/",
        "scans, refused": "/admin/loyalty/scan/?outcome=refused",
        "gate decisions": "/admin/payments/gatedecision/",
        "gate decisions, refused": "/admin/payments/gatedecision/?outcome=refused",
        "calls from Amazon": "/admin/amazon/inboundcall/",
        "calls from Amazon, failed": "/admin/amazon/inboundcall/?outcome=failed",
        "calls to Amazon": "/admin/amazon/outboundcall/",
    }
    for name, path in others.items():
        yield Page(name, path)
        yield Page(f"{name}, three of 300", path, "three of 300")
    yield from _reports()


def _reports() -> Iterator[Page]:
    today = datetime.now(UTC).date()
    ninety = f"from={today - timedelta(days=89)}&to={today}"
    for group in ("day", "week", "month", "store"):
        yield Page(f"overview, 90 days by {group}", f"/reports/?{ninety}&group={group}&compare=before")
    yield Page("overview, a week", "/reports/?period=last-week&compare=before")
    yield Page("overview, a day by hour", "/reports/?period=yesterday&group=hour&compare=before")
    yield Page("overview, 90 days and a year ago", f"/reports/?{ninety}&compare=year")
    for key in ("sales", "products", "payments", "refunds", "debts", "entries", "loyalty", "journal"):
        yield Page(f"{key}, 90 days", f"/reports/{key}/?{ninety}")
        yield Page(f"{key}, a week", f"/reports/{key}/?period=last-week")
    yield Page("products, 90 days by category", f"/reports/products/?{ninety}&group=category")
    yield Page("refunds, 90 days by store", f"/reports/refunds/?{ninety}&group=store")
    for person in ("one store", "forty of 300"):
        yield Page(f"overview, 90 days, {person}", f"/reports/?{ninety}&compare=before", person)
        yield Page(f"products, 90 days, {person}", f"/reports/products/?{ninety}", person)


@dataclass(frozen=True)
class Known:
    """What is searched for: the same in every size, but for its place."""

    trip: int
    middle_trip: int
    trip_id: str
    refund_id: str
    range_of_days: str


def range_of_days(newest: datetime, days: int) -> str:
    """Five days in the middle of all."""
    middle = newest - timedelta(days=days // 2)
    first, last = (middle + timedelta(days=shift) for shift in (0, 4))
    return f"received_at_from={first:%Y-%m-%d}&received_at_to={last:%Y-%m-%d}"
