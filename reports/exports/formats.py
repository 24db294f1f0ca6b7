"""Rows written to a file as they come, as CSV or XLSX."""

from collections.abc import Callable, Iterable, Sequence
from csv import writer
from io import TextIOWrapper
from typing import IO, Any

from xlsxwriter import Workbook

from core.spreadsheets import guarded
from reports.cells import Column, Kind
from reports.files import WORKBOOK, forms_of, text_of, write_cell
from reports.models.exports import Extension
from reports.pages.page import Row

Notes = Sequence[tuple[str, str]]
# A sheet of Excel's holds 1,048,576.
MOST_ROWS_ON_A_SHEET = 1_000_000


def write_csv(output: IO[bytes], notes: Notes, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    text = TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
    lines = writer(text)
    lines.writerows([name, guarded(said)] for name, said in notes)
    lines.writerow([])
    lines.writerow([column.title for column in columns])
    for row in rows:
        currency = str(row["currency"])
        lines.writerow([text_of(row[column.key], column.kind, currency) for column in columns])
    text.detach()


def write_xlsx(output: IO[bytes], notes: Notes, columns: Sequence[Column], rows: Iterable[Row]) -> None:
    """Row by row onto the disk: none of them stays in memory. What does not fit on a sheet goes on on the next."""
    book = Workbook(output, WORKBOOK)
    formats: dict[str, dict[Kind, Any]] = {}
    bold = book.add_format({"bold": True})
    sheet, line = _begun(book, columns, notes, bold)
    for row in rows:
        currency = str(row["currency"])
        if currency not in formats:
            formats[currency] = {kind: book.add_format({"num_format": form}) for kind, form in forms_of(currency)}
        if line >= MOST_ROWS_ON_A_SHEET:
            sheet, line = _begun(book, columns, [], bold)
        for number, column in enumerate(columns):
            write_cell(sheet, (line, number), row[column.key], column, formats[currency])
        line += 1
    book.close()


def _begun(book: Any, columns: Sequence[Column], notes: Notes, bold: Any) -> tuple[Any, int]:
    """A sheet with its titles, and its first line for rows."""
    sheet, line = book.add_worksheet(), 0
    sheet.set_column(0, len(columns) - 1, 16)
    for name, said in notes:
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, said)
        line += 1
    line += 1 if notes else 0
    for number, column in enumerate(columns):
        sheet.write_string(line, number, column.title, bold)
    return sheet, line + 1


WRITERS: dict[str, Callable[[IO[bytes], Notes, Sequence[Column], Iterable[Row]], None]] = {
    Extension.CSV: write_csv,
    Extension.XLSX: write_xlsx,
}
