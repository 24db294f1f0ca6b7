"""SQL for the few places where Amazon waits at a gate: written by hand, and planned once per connection."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection


def fetch_all(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of one statement, which must be complete in itself: it opens no transaction."""
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        # Past Django's cursor, which binds on the client and so cannot use a prepared statement.
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(statement.encode(), values, prepare=True, binary=True).fetchall()
    plain = [
        connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value for value in values
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, plain)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
