import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from import_export.results import Result, RowResult

from core.errors import Invalid
from core.progress import Progress
from loyalty.resources import COLUMNS, MemberResource, read_table

MOST_ERRORS_SHOWN = 50


class Command(BaseCommand):
    help = (
        "Creates and updates members from a CSV file, all of them or, should one row be wrong, none. "
        f"Columns: {', '.join(COLUMNS)}; codes are separated by “|”, and “loyalty:” marks one that opens no gate."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            table = read_table(options["file"].read_bytes())
        except (OSError, Invalid) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        progress = Progress(sys.stderr, "Members", max(len(table), 1))
        resource = MemberResource(on_row=progress.advance)
        is_dry = options["dry_run"]
        result = resource.import_data(table, dry_run=is_dry, raise_errors=False, rollback_on_validation_errors=True)
        if result.has_errors() or result.has_validation_errors():
            raise CommandError("\n".join([*_errors(result), "Nothing was imported."]))
        totals = result.totals
        self.stdout.write(
            f"{totals[RowResult.IMPORT_TYPE_NEW]} created, {totals[RowResult.IMPORT_TYPE_UPDATE]} updated, "
            f"{totals[RowResult.IMPORT_TYPE_SKIP]} unchanged." + (" Nothing was written: dry run." if is_dry else "")
        )


def _errors(result: Result) -> list[str]:
    """One line for each wrong row, the header not counted."""
    lines = [str(error.error) for error in result.base_errors]
    lines += [
        f"Row {row.number}: {field}: {' '.join(messages)}"
        for row in result.invalid_rows
        for field, messages in row.field_specific_errors.items()
    ]
    more = len(lines) - MOST_ERRORS_SHOWN
    return [*lines[:MOST_ERRORS_SHOWN], *([f"… and {more} more."] if more > 0 else [])]
