import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.progress import Progress
from reports.models import StoreDay
from reports.services.changes import note_as_folded
from reports.services.everywhere import Sums
from reports.services.members_everywhere import unpacked
from reports.services.rebuilding import (
    check,
    check_sums,
    days_to_rebuild,
    days_to_sum_up,
    rebuild,
    sum_up_again,
)
from reports.services.recounting_calls import Calls, Recount, days_of_calls, days_that_stay, recount
from reports.services.rollups import Difference
from reports.services.same_day import SameDay
from stores.models import Store


class Command(BaseCommand):
    help = (
        "Computes the reports' roll-ups anew from trips, lines and events, and counts the calls of days of which the "
        "journal still holds all. Workers do the same by themselves; by hand it is needed only after data were written "
        "past the application."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--store", metavar="ID", help="external id of the only store to rebuild")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="YYYY-MM-DD", help="included")
        parser.add_argument("--check", action="store_true", help="change nothing, say what differs and end with 1")

    def handle(self, *args: Any, **options: Any) -> None:
        stores = list(Store.objects.order_by("pk"))
        if options["store"]:
            stores = [store for store in stores if store.external_id == options["store"]]
            if not stores:
                raise CommandError(f"There is no store {options['store']}.")
        first, last = options["first"], options["last"]
        if first and last and last < first:
            raise CommandError("--to is before --from.")
        days = days_to_rebuild(stores, first, last)
        number = sum(len(same.store_ids) for same in days)
        progress = Progress(sys.stdout, "Roll-ups", number)
        with_none = not options["store"]
        sums = days_to_sum_up(days, first, last, are_all_stores=with_none)
        calls = days_of_calls(stores, first, last, with_none=with_none)
        stay = days_that_stay(stores, first, last, with_none=with_none)
        if stay:
            self.stdout.write(f"{stay} days of calls are older than the journal, and stay as they were counted.")
        if options["check"]:
            self._check(days, sums, calls, progress, {store.pk: store for store in stores})
            self.stdout.write(f"{number} days, and {len(calls)} of calls, agree with what happened.")
            return
        changed = summed = 0
        for same, (differed, have_sums_differed) in zip(days, rebuild(days), strict=True):
            changed += differed
            summed += have_sums_differed
            progress.advance(len(same.store_ids))
        summed += sum(sum_up_again(sorted(set(sums) - {same.day for same in days})))
        if first is None and last is None:
            note_as_folded(stores)
        self.stdout.write(f"{number} days of {len(stores)} stores, of which {changed} differed.")
        self.stdout.write(f"{len(sums)} days of all stores together, of which {summed} differed.")
        recounted = sum(found.differs for _, found in self._recount(calls, may_change=True))
        self.stdout.write(f"{len(calls)} days of calls, of which {recounted} differed.")

    def _recount(self, calls: list[Calls], *, may_change: bool) -> Iterator[tuple[Calls, Recount]]:
        progress = Progress(sys.stdout, "Calls", len(calls))
        for each in recount(calls, may_change=may_change):
            progress.advance()
            yield each

    def _check(
        self, days: list[SameDay], sums: list[date], calls: list[Calls], progress: Progress, stores: dict[int, Store]
    ) -> None:
        told = []
        differing: set[tuple[date, type[StoreDay]]] = set()
        for same, found in zip(days, check(days), strict=True):
            told += [_tell(stores[difference.store_id], same.day, difference) for difference in found]
            differing.update((same.day, difference.model) for difference in found)
            progress.advance(len(same.store_ids))
        told += [_tell_sums(wrong) for wrong in check_sums(sums, differing)]
        told += [_tell_calls(*each) for each in self._recount(calls, may_change=False) if each[1].differs]
        if told:
            self.stdout.write("\n".join(told))
            raise CommandError(f"{len(told)} tables of a day differ. manage.py rebuild_rollups puts them right.")


def _tell(store: Store, day: date, difference: Difference) -> str:
    stands, wanted = ({_row(difference.model, row) for row in rows} for rows in (difference.stands, difference.wanted))
    return _tell_rows(f"{store} {day} {difference.model.__name__}", stands, wanted)


def _tell_sums(found: Sums) -> str:
    names = (*found.model.kinds, *found.model.measures)
    stands, wanted = ({_words(names, row) for row in rows} for rows in (found.stands, found.wanted))
    return _tell_rows(f"all stores {found.day} {found.model.__name__}", stands, wanted)


def _tell_rows(what: str, stands: set[str], wanted: set[str]) -> str:
    lines = [what]
    lines += [f"  stands: {row}" for row in sorted(stands - wanted)]
    lines += [f"  should: {row}" for row in sorted(wanted - stands)]
    return "\n".join(lines)


def _tell_calls(each: Calls, found: Recount) -> str:
    lines = [f"{each} CallDay"]
    for key in sorted(found.stands.keys() | found.wanted.keys(), key=str):
        stands, wanted = found.stands[key], found.wanted[key]
        if stands != wanted:
            lines.append(f"  {key.name} {key.outcome} bucket {key.bucket}: stands {stands}, should be {wanted}")
    return "\n".join(lines)


def _row(model: type[StoreDay], row: StoreDay) -> str:
    names = model.values_in()
    return _words(names, [getattr(row, name) for name in names])


def _words(names: Iterable[str], values: Iterable[object]) -> str:
    """`currency=USD entry=CARD … gross=4.2`."""
    return " ".join(f"{name}={_plain(value)}" for name, value in zip(names, values, strict=True))


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return f"{len(unpacked(value))} of them"
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
