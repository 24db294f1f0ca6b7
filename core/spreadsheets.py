"""CSV files that end up in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Sequence

# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@")
_GUARD = "'"


def guarded(text: str) -> str:
    return _GUARD + text if text.startswith(_FORMULA) else text


def unguarded(cell: str) -> str:
    """Without the apostrophe that an export of ours put in front."""
    return cell[1:] if cell.startswith(_GUARD) and cell[1:].startswith(_FORMULA) else cell


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Line by line, to be sent as they come."""
    writer = csv.writer(_Echo())
    for row in rows:
        yield writer.writerow(row)


class _Echo:
    """Gives back what is written, for csv.writer, whose `writerow` returns it."""

    def write(self, line: str) -> str:
        return line
