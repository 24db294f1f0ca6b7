import sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.template.defaultfilters import pluralize

from core.errors import DomainError
from core.money import Money
from core.progress import Progress
from core.tables import text_table
from payments.reconciliation.books import read_books
from payments.reconciliation.compare import Difference
from payments.reconciliation.days import Days
from payments.reconciliation.report_file import read_report
from payments.reconciliation.report_mapping import PRESETS, Mapping, read_mapping
from payments.reconciliation.run import Result, prepare
from payments.reconciliation.theirs import CannotRead, Theirs
from stores.models import Store

COULD_NOT_RUN = 2


class Command(BaseCommand):
    help = (
        "Compares our money with the books of whoever took it, trip by trip. "
        "Exit status: 0 no difference, 1 differences, 2 could not run."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--store", metavar="EXTERNAL_ID", help="only this store (default: all)")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DAY", help="such as 2026-11-24")
        parser.add_argument(
            "--to", dest="last", type=date.fromisoformat, metavar="DAY", help="(default: yesterday in the store)"
        )
        parser.add_argument(
            "--csv", type=Path, metavar="FILE", help="a processor's report (default: the books at RECONCILE_BOOKS_URL)"
        )
        parser.add_argument(
            "--mapping",
            default="plain",
            metavar="FILE",
            help=f"what its columns mean, in TOML or JSON; or {' or '.join(PRESETS)} (default: plain)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(options)
        except (DomainError, DatabaseError) as error:
            raise CommandError(str(error), returncode=COULD_NOT_RUN) from error

    def _run(self, options: dict[str, Any]) -> None:
        days = [Days.of(store, options["first"], options["last"]) for store in _stores(options["store"])]
        theirs = _report(options) if options["csv"] else read_books(settings.RECONCILE_BOOKS_URL)
        run = prepare(theirs, days, are_all_stores=options["store"] is None)
        result = run.compare(Progress(sys.stderr, "Trips", max(run.size, 1)).advance)
        for part in days:
            self.stdout.write(f"{part}")
        self.stdout.write(f"{_counted(result.trips, 'trip')} compared with {theirs.name}.\n\n{_sums(result)}\n")
        if result.differences:
            self.stdout.write(_differences(result.differences))
            raise CommandError(f"{_counted(len(result.differences), 'difference')}.", returncode=1)
        self.stdout.write("No difference.")


def _stores(external_id: str | None) -> list[Store]:
    stores = list(Store.objects.filter(external_id=external_id) if external_id else Store.objects.all())
    if not stores:
        known = ", ".join(Store.objects.values_list("external_id", flat=True)) or "none"
        raise CannotRead(f"There is no such store. Known: {known}.")
    return stores


def _report(options: dict[str, Any]) -> Theirs:
    path: Path = options["csv"]
    try:
        mapping = _mapping(options["mapping"])
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return read_report(lines, path.name, mapping)
    except OSError as error:
        raise CannotRead(f"{error.filename}: {error.strerror}.") from error


def _mapping(name: str) -> Mapping:
    return PRESETS[name] if name in PRESETS else read_mapping(Path(name).read_bytes(), name)


def _sums(result: Result) -> str:
    heads = ("currency", "", "captured", "refunded")
    rows = []
    for sums in result.sums:
        rows.append((sums.currency, "here", sums.ours_captured.plain, sums.ours_refunded.plain))
        rows.append(("", "there", sums.theirs_captured.plain, sums.theirs_refunded.plain))
    return text_table(heads, rows, numbers=frozenset(heads[2:])) + "\n"


def _differences(differences: list[Difference]) -> str:
    heads = ("trip", "difference", "here", "there")
    rows = [(found.trip_id, found.kind, _worth(found.ours), _worth(found.theirs)) for found in differences]
    advice = dict.fromkeys(f"{found.kind}: {found.suggestion}" for found in differences)
    return "\n".join([text_table(heads, rows, numbers=frozenset(heads[2:])), "", "What to do", *advice])


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{pluralize(count)}"


def _worth(amount: Money | None) -> str:
    return "–" if amount is None else str(amount)
