"""The rows of a day, computed from what happened; replaced where they differ from those that stand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from reports.models import TABLES, DayRow, StoreDay
from reports.services.entry_rows import entry_days, visit_days
from reports.services.everywhere import sum_up
from reports.services.journal_rows import journal_days
from reports.services.money_rows import money_days, moved_money, refunds_of
from reports.services.overview_rows import overview_days
from reports.services.points_rows import points_days
from reports.services.product_rows import product_days
from reports.services.same_day import SameDay
from reports.services.shares import shares_of_moved
from reports.services.trip_rows import hours, trip_days


@dataclass(frozen=True, slots=True)
class Difference:
    """A table whose rows of a store's day are not those that were computed."""

    model: type[StoreDay]
    store_id: int
    stands: list[StoreDay]
    wanted: list[StoreDay]


def fold_days(same: SameDay) -> tuple[int, bool]:
    """Compute the day's rows and put them in the place of those that stand, and so the sums of all stores once the last
    rows of the day stand. Returns in how many stores any differed, and whether the sums did.

    Call it while nobody else folds (reports.services.folding).
    """
    differing: defaultdict[type[StoreDay], list[Difference]] = defaultdict(list)
    with transaction.atomic():
        for difference in differences(same):
            differing[difference.model].append(difference)
        for model, found in differing.items():
            stores = [difference.store_id for difference in found]
            model._default_manager.filter(store__in=stores, day=same.day).delete()
            model._default_manager.bulk_create([row for difference in found for row in difference.wanted])
        have_sums_differed = same.is_last and sum_up(same.day)
    return len({difference.store_id for found in differing.values() for difference in found}), have_sums_differed


def differences(same: SameDay) -> Iterator[Difference]:
    wanted: defaultdict[type[StoreDay], list[StoreDay]] = defaultdict(list)
    for row in rows_of(same):
        wanted[type(row)].append(row)
    for model in TABLES:
        stand = _by_store(model._default_manager.filter(store__in=same.store_ids, day=same.day))
        want = _by_store(wanted[model])
        for store in sorted(stand.keys() | want.keys()):
            if _content(model, stand[store]) != _content(model, want[store]):
                yield Difference(model, store, stand[store], want[store])


def _by_store(rows: Iterable[StoreDay]) -> defaultdict[int, list[StoreDay]]:
    found: defaultdict[int, list[StoreDay]] = defaultdict(list)
    for row in rows:
        found[row.store_id].append(row)
    return found


def _content(model: type[StoreDay], rows: Iterable[StoreDay]) -> set[tuple[object, ...]]:
    names = model.values_in()
    return {tuple(getattr(row, name) for name in names) for row in rows}


def rows_of(same: SameDay) -> Iterator[StoreDay]:
    """What stands in trips, events, scans and points, added up by the database, rounded to the currency's decimals."""
    moved = moved_money(same)
    refunds = refunds_of(moved)
    shares = shares_of_moved(moved)
    of_money: list[DayRow] = [*trip_days(same), *money_days(same, moved, refunds, shares)]
    yield from of_money
    yield from overview_days(same, of_money)
    yield from hours(same)
    yield from product_days(same, refunds)
    yield from journal_days(same, moved, shares)
    yield from entry_days(same)
    yield from visit_days(same)
    yield from points_days(same, refunds)
