"""Cells and charts of reports."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django import template

from reports.cells import Column, shown
from reports.pages.page import Block, Chart, Row

register = template.Library()
SHADES = 5


@register.simple_tag
def cell(row: Row, column: Column, currency: str) -> str:
    """A total says nothing of what cannot be added up: a dash is for what is not known."""
    if column.key not in row:
        return ""
    return shown(row[column.key], column.kind, currency)


@register.simple_tag
def shade(block: Block, row: Row, column: Column) -> str:
    """` rp-shade-1` to ` rp-shade-5`, the most, or ` rp-nothing`; empty where it is not shaded."""
    value = row.get(column.key)
    if not column.is_shaded:
        return ""
    if not value or not block.deepest:
        return " rp-nothing"
    part = Decimal(str(value)) / Decimal(str(block.deepest))
    return f" rp-shade-{min(int(part * SHADES) + 1, SHADES)}"


@register.filter
def of_block(columns: list[Column], block: Block) -> list[Column]:
    """Those that the block says something of. A file has all of them, so that it is one table."""
    said = set(block.total).union(*block.rows)
    return [column for column in columns if column.key in said]


@register.filter
def drawn(chart: Chart) -> dict[str, Any]:
    """For json_script."""
    return asdict(chart)
