"""A database connection that may have died since it was used last."""

from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

Result = TypeVar("Result")


def on_live_connection(act: Callable[[], Result]) -> Result:
    """Asking each time before whether the connection still lives would cost a round trip: find out by failing.

    `act` must be idempotent: where the connection has died it is called again, on a new one.
    """
    try:
        return act()
    except DatabaseError:
        if connection.connection is not None and connection.is_usable():
            raise
    connection.close()
    try:
        return act()
    except (OperationalError, InterfaceError):
        connection.close()
        raise
