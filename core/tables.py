"""Tables for a terminal."""

from collections.abc import Sequence


def text_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: frozenset[str] = frozenset()) -> str:
    """Columns as wide as their longest cell, two spaces apart; those named in `numbers` stand to the right."""
    table = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        cells = zip(heads, row, widths, strict=True)
        return "  ".join(cell.rjust(width) if head in numbers else cell.ljust(width) for head, cell, width in cells)

    return "\n".join(line(row).rstrip() for row in table)
