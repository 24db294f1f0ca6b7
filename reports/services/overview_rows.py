"""A day at a glance: what its rows of trips, refunds and debts come to."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from orders.states import Entry, TripState
from payments.models import PaymentEvent
from reports.figures import Figures
from reports.models import DayRow, DebtDay, OverviewDay, RefundDay, TripDay
from reports.services.same_day import SameDay

_UNPRICED = (TripState.RECEIVED, TripState.REVIEW)
_OF_TRIPS = ("trips", "baskets", "items", "gross", "tax", "unpaid", "dwell_seconds", "charged", "charged_seconds")


def overview_days(same: SameDay, rows: Iterable[DayRow]) -> Iterator[OverviewDay]:
    found: dict[tuple[int, str], Figures] = {}
    for row in rows:
        if part := part_of(row):
            found.setdefault((row.store_id, row.currency), Figures(row.currency)).add(part)
    for (store, _), figures in found.items():
        yield OverviewDay(store_id=store, day=same.day, **asdict(figures))


def part_of(row: DayRow) -> Figures | None:
    """What it adds to the day. None: nothing."""
    if isinstance(row, TripDay):
        return Figures(
            row.currency,
            **{name: getattr(row, name) for name in _OF_TRIPS},
            members=row.trips if row.is_member else 0,
            apps=row.trips if row.entry == Entry.APP else 0,
            unpriced=row.trips if row.state in _UNPRICED else 0,
            uncollected=row.trips if _is_being_collected(row) else 0,
        )
    if isinstance(row, RefundDay):
        return Figures(row.currency, refunds=row.refunds, refunded=row.amount, adjusted=row.adjusted)
    if isinstance(row, DebtDay) and row.phase == PaymentEvent.Phase.PAID:
        return Figures(row.currency, recovered=row.amount)
    return None


def _is_being_collected(row: TripDay) -> bool:
    """What a Dash Cart pays for has no flow, and stays priced."""
    return row.state == TripState.COLLECTING or (row.state == TripState.PRICED and bool(row.flow))
