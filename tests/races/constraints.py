"""The database as referee, sent off the field: for negative controls only."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models


@contextmanager
def without_constraint(model: type[models.Model], *, named: str = "", on: str = "") -> Iterator[None]:
    """The table without one of its constraints: the one of that name, or the unique key of one column.

    Afterwards the table is emptied and has its constraint again.
    """
    table = model._meta.db_table
    name, definition = _find(table, named, on)
    _execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        _execute(f'TRUNCATE "{table}" CASCADE')
        _execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')


def _find(table: str, name: str, column: str) -> tuple[str, str]:
    query = """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid = %s::regclass AND (conname = %s OR pg_get_constraintdef(oid) = %s)
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [table, name, f"UNIQUE ({column})"])
        [found] = cursor.fetchall()
    return found


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
