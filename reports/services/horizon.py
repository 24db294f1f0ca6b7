"""Up to which moment everything is committed: whoever has read it all may go on from there and misses nothing."""

from datetime import UTC, datetime, timedelta

from django.db import connection, transaction

# Between the moment a transaction notes as its beginning and the one at which others see it in the list of those that
# run. What lies in it is read twice, which changes nothing.
MARGIN = timedelta(seconds=2)

# The times of rows are those of their statements, so none is before the beginning of its transaction.
_OLDEST_THAT_RUNS = """
    SELECT least(statement_timestamp(), min(xact_start)) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


def horizon() -> datetime:
    """Ask for it before you read: what is committed later bears a later time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_OLDEST_THAT_RUNS)
            oldest: datetime = cursor.fetchone()[0]
    else:
        # SQLite has one writer: within a transaction of our own there is no other.
        with transaction.atomic():
            oldest = datetime.now(UTC)
    return oldest - MARGIN
