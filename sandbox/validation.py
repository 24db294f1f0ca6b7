"""The rules that requests share; a violation is BadRequestException and nothing is said about which one.

Amazon: adjust_charge and its siblings, fraud_abuse_feedback_api. Unknown fields pass.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from sandbox.answers import BAD_REQUEST, RejectedError
from sandbox.money import Money

NAME = re.compile(r"[0-9a-zA-Z_-]{1,255}")
CURRENCY = re.compile(r"[A-Z]{3}")
# Amazon prints no pattern for texts; blanks alone and control characters are refused (our reading).
TEXT = re.compile(r"(?=.*\S)[^\x00-\x1f\x7f]{1,255}")

# Amazon prints no limit; without one, a number like 1e999999999 could not even be written down.
MOST_DIGITS = 15

Fields = dict[str, object]


@dataclass(frozen=True)
class TripRequest:
    store_id: str
    trip_id: str


def read_trip(body: object) -> TripRequest:
    fields = read_object(body)
    return TripRequest(store_id=read_text(fields, "storeId", NAME), trip_id=read_text(fields, "shoppingTripId", NAME))


def read_money(fields: Fields, name: str) -> Money:
    """{"amount": number, "code": "USD"}, as the payments and the feedback host spell it."""
    money = read_object(fields.get(name))
    return Money(read_number(money, "amount"), read_text(money, "code", CURRENCY))


def read_number(fields: Fields, name: str) -> Decimal:
    number = fields.get(name)
    if not isinstance(number, Decimal):
        raise RejectedError(BAD_REQUEST)
    exponent = number.as_tuple().exponent
    require(isinstance(exponent, int) and exponent >= -MOST_DIGITS and number.adjusted() < MOST_DIGITS)
    return number


def read_object(value: object) -> Fields:
    if not isinstance(value, dict):
        raise RejectedError(BAD_REQUEST)
    return value


def read_list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise RejectedError(BAD_REQUEST)
    return value


def read_text(fields: Fields, name: str, pattern: re.Pattern[str]) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise RejectedError(BAD_REQUEST)
    return value


def require(is_kept: bool, error_name: str = BAD_REQUEST) -> None:
    if not is_kept:
        raise RejectedError(error_name)
