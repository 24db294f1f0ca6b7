"""Making the roll-ups anew, or saying where they are not what they should be."""

from collections.abc import Collection, Iterator
from datetime import date

from reports.models import EVERYWHERE, TABLES, DayEverywhere, MembersEverywhere, StoreDay
from reports.services.changes import all_days
from reports.services.everywhere import Sums, sum_up, wrong_sums
from reports.services.folding import ensure_fold, not_while_others_fold
from reports.services.rollups import Difference, differences, fold_days
from reports.services.same_day import SameDay, same_days
from stores.models import Store


def days_to_rebuild(stores: list[Store], first: date | None, last: date | None) -> list[SameDay]:
    """All days of these stores, or those from `first` to `last`."""
    wanted = ((store, day) for store, day in all_days(stores) if (first or day) <= day <= (last or day))
    return list(same_days(wanted, {store.pk: store for store in stores}))


def rebuild(days: list[SameDay]) -> Iterator[tuple[int, bool]]:
    """Day by day, beside workers that go on folding; yields in how many of its stores each had differed, and whether
    the sums of all stores had, which are made anew with the last stores of a day."""
    ensure_fold()
    for same in days:
        with not_while_others_fold():
            differed = fold_days(same)
        yield differed


def days_to_sum_up(days: list[SameDay], first: date | None, last: date | None, *, are_all_stores: bool) -> list[date]:
    """These, and with all stores also those of which nothing but the sums is left."""
    found = {same.day for same in days}
    tables: list[type[DayEverywhere]] = [*EVERYWHERE.values(), MembersEverywhere] if are_all_stores else []
    for model in tables:
        stand = model._default_manager.order_by().values_list("day", flat=True).distinct()
        found.update(day for day in stand if (first or day) <= day <= (last or day))
    return sorted(found)


def sum_up_again(days: list[date]) -> Iterator[bool]:
    """The sums of all stores on days of which no store is rebuilt; yields whether any of a day differed."""
    for day in days:
        with not_while_others_fold():
            differed = sum_up(day)
        yield differed


def check(days: list[SameDay]) -> Iterator[list[Difference]]:
    """Changes nothing. A difference may be what a worker is about to fold: look again after some seconds."""
    for same in days:
        yield list(differences(same))


def check_sums(days: list[date], differing: Collection[tuple[date, type[StoreDay]]]) -> Iterator[Sums]:
    """Without tables in which a store's rows of the day differ: there the sums cannot be compared."""
    for day in days:
        yield from wrong_sums(day, [table for table in TABLES if (day, table) not in differing])
