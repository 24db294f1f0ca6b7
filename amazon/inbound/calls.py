"""A call as the journal keeps it, and the rows that are made of it."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.db import DataError, IntegrityError, connection

from amazon.inbound.redaction import mask_text, redact
from amazon.models import InboundCall

REFUSED = "refused"  # stands for the caller where no key of ours came

# Enough for a cart of hundreds of lines; what is longer is cut, and cannot be replayed.
KEPT_CHARACTERS = 256 * 1024
_LONGEST_NAME = 255
_LONGEST_PATH = 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """What the frame knows when it has answered. `is_cut`: the body is only the beginning of what came."""

    at: float  # seconds of the epoch
    seconds: float
    path: str
    caller: str
    body: bytes
    is_cut: bool
    status: int
    answer: bytes
    is_replay: bool

    @property
    def size(self) -> int:
        return len(self.body) + len(self.answer)


class _Names(msgspec.Struct, rename="camel"):
    """Where bodies say what they are about. The types are open: a name of the wrong kind is none."""

    request_id: Any = None
    store_id: Any = None
    idempotent_shopping_trip_id: Any = None
    shopping_trip_id: Any = None
    shopper_interaction: Any = None

    @property
    def trip_id(self) -> Any:
        inside = self.shopper_interaction
        nested = inside.get("shoppingTripId") if isinstance(inside, dict) else None
        return self.idempotent_shopping_trip_id or self.shopping_trip_id or nested


_NOTHING = _Names()
_decode_names = msgspec.json.Decoder(_Names).decode

_FIELDS = [field for field in InboundCall._meta.concrete_fields if not field.primary_key]
_COLUMNS = ", ".join(field.name for field in _FIELDS)
_COPY = f"COPY {InboundCall._meta.db_table} ({_COLUMNS}) FROM STDIN"
_INSERT = f"INSERT INTO {InboundCall._meta.db_table} ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(_FIELDS))})"  # noqa: S608

Row = list[Any]


def rows_of(calls: Iterable[Call]) -> list[Row]:
    """In the order of the table's columns. A call that cannot be shown is left out, and never holds up the others."""
    rows = []
    for call in calls:
        try:
            rows.append(_row(call))
        except Exception as error:  # whatever bytes came; its text might repeat what is not redacted yet
            logger.error("a call of %s could not be journalled: %s", mask_text(call.path), type(error).__name__)
    return rows


def write(rows: list[Row]) -> None:
    """In one statement; rows that the database will not have are left out."""
    try:
        _write(rows)
    except (DataError, IntegrityError):
        if len(rows) == 1:
            logger.exception("a call could not be journalled")
            return
        for row in rows:
            write([row])


def _write(rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A tenth of the processor time that INSERT takes here, and of the database's.
            with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(_INSERT, rows)


def _row(call: Call) -> Row:
    names = _names_in(call.body)
    body = redact(call.body)
    answer = redact(call.answer, secrets=body.secrets)
    values = {
        "at": connection.ops.adapt_datetimefield_value(datetime.fromtimestamp(call.at, UTC)),
        "endpoint": _text(call.path, _LONGEST_PATH),
        "caller": call.caller,
        "store_external_id": _text(names.store_id),
        "request_id": _text(names.request_id),
        "amazon_trip_id": _text(names.trip_id),
        "body": body.text[:KEPT_CHARACTERS],
        "is_whole": body.is_whole and not call.is_cut and len(body.text) <= KEPT_CHARACTERS,
        "status": call.status,
        "answer": answer.text[:KEPT_CHARACTERS],
        "duration_ms": round(call.seconds * 1000),
        "is_replay": call.is_replay,
    }
    return [values[field.name] for field in _FIELDS]


def _names_in(body: bytes) -> _Names:
    try:
        return _decode_names(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _NOTHING


def _text(value: Any, most: int = _LONGEST_NAME) -> str:
    return mask_text(value).replace("\0", "\N{REPLACEMENT CHARACTER}")[:most] if isinstance(value, str) else ""
