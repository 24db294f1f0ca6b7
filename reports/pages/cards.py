"""The cards on top of a page: totals that stand out, how each changed, and what is behind it."""

from collections.abc import Iterable

from reports.cells import Column, change, shown
from reports.pages.links import Links
from reports.pages.page import Card, Row


def cards_of(links: Links, columns: Iterable[Column], currency: str, total: Row, before: Row | None) -> list[Card]:
    """One for each column, whose values are those of `total` and of the days before."""
    return [
        Card(
            key=column.key,
            title=column.title,
            value=shown(total[column.key], column.kind, currency),
            change=change(total[column.key], before[column.key], column.kind) if before else "",
            before=shown(before[column.key], column.kind, currency) if before else "",
            help=column.help,
            url=links.behind(column.key),
        )
        for column in columns
    ]
