"""What is on the screen as a file: CSV for programs, XLSX for people. Numbers are numbers, no text is a formula."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from core import money
from core.spreadsheets import guarded
from reports.cells import Column, Kind, Value
from reports.pages.page import Block, Page, Report, Row

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Rows go to the disk one by one, and no text is taken for a formula or an address.
WORKBOOK = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
# The total of the days that are compared with.
BEFORE = "Before"


def head(page: Page, report: Report) -> list[tuple[str, str]]:
    """What the file says about itself."""
    notes = [("Report", page.title), *report.query.words()]
    if report.freshness.at:
        notes.append(("Counted up to", f"{report.freshness.at:%Y-%m-%d %H:%M:%S} UTC"))
    notes.append(("Generated at", f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"))
    if report.is_partial:
        notes.append(("Still partial", f"{report.unpriced} carts without a price, {report.uncollected} not collected"))
    return notes


def csv_rows(page: Page, report: Report) -> Iterator[list[str]]:
    yield from ([name, guarded(text)] for name, text in head(page, report))
    yield []
    yield [page.first_column, *(column.title for column in report.columns)]
    for block in report.blocks:
        for row in _rows(report, block):
            cells = (text_of(row.get(column.key), column.kind, block.currency) for column in report.columns)
            yield [block.name, *cells]


def _rows(report: Report, block: Block) -> Iterator[Row]:
    yield from block.rows
    yield block.total
    if block.before:
        yield {**block.before, report.columns[0].key: BEFORE}


def xlsx_bytes(page: Page, report: Report) -> bytes:
    output = BytesIO()
    book = Workbook(output, WORKBOOK)
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet(page.title)
    sheet.set_column(0, len(report.columns), 16)
    line = 0
    for name, text in head(page, report):
        sheet.write_string(line, 0, name, bold)
        sheet.write_string(line, 1, text)
        line += 1
    line += 1
    for number, title in enumerate([page.first_column, *(column.title for column in report.columns)]):
        sheet.write_string(line, number, title, bold)
    for block in report.blocks:
        formats = {kind: book.add_format({"num_format": form}) for kind, form in forms_of(block.currency)}
        for row in _rows(report, block):
            line += 1
            sheet.write_string(line, 0, block.name)
            for number, column in enumerate(report.columns, 1):
                write_cell(sheet, (line, number), row.get(column.key), column, formats)
    book.close()
    return output.getvalue()


def forms_of(currency: str) -> Iterable[tuple[Kind, str]]:
    """How Excel is to show each kind of cell."""
    places = money.decimals(currency)
    forms = {
        Kind.MONEY: f"#,##0.{'0' * places}" if places else "#,##0",
        Kind.COUNT: "#,##0",
        Kind.QUANTITY: "#,##0.###",
        Kind.SHARE: "0.0%",
        Kind.SECONDS: "#,##0",
        Kind.MILLISECONDS: "#,##0",
        Kind.DAY: "yyyy-mm-dd",
    }
    return forms.items()


def write_cell(sheet: Any, at: tuple[int, int], value: Value, column: Column, formats: dict[Kind, Any]) -> None:
    if value is None:
        return
    if isinstance(value, date):
        sheet.write_datetime(*at, value, formats[Kind.DAY])
    elif isinstance(value, int | Decimal) and column.is_number:
        sheet.write_number(*at, value, formats[column.kind])
    else:
        sheet.write_string(*at, str(value))


def text_of(value: Value, kind: Kind, currency: str) -> str:
    """A number as a program reads it: a point, no thousands. A share is one of 1."""
    if value is None:
        return ""
    if not isinstance(value, int | Decimal):
        return guarded(str(value))
    match kind:
        case Kind.MONEY:
            return money.text(Decimal(value), currency)
        case Kind.SHARE:
            return str(round(Decimal(value), 4))
        case Kind.SECONDS:
            return str(round(value))
        case _:
            return f"{Decimal(value).normalize():f}" if value else "0"
