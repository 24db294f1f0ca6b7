"""What Amazon takes, checked before anything leaves. Amazon: adjust_charge and its siblings, checkout_service."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from amazon.models import OutboundCall
from amazon.outbound.errors import Refused
from amazon.outbound.transport import Address, Failure
from core import money
from core.money import Money

CENT = Decimal("0.01")

_ID = re.compile(r"[0-9a-zA-Z_-]{1,255}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class NotAllowed(Exception):
    """Amazon would refuse this; the text says what is wrong with it."""


@contextmanager
def checked(address: Address, operation: str) -> Iterator[None]:
    """Where a request is put together: NotAllowed becomes the Failure of a call that was not sent."""
    try:
        if not address.base_url:
            raise NotAllowed(f"Amazon has no host for this in {address.region}, or none for tests.")
        yield
    except NotAllowed as error:
        raise _not_sent(address, operation, str(error)) from error


def store_id(address: Address) -> str:
    return _id("storeId", address.store_external_id)


def trip_id(address: Address, name: str = "shoppingTripId") -> str:
    return _id(name, address.amazon_trip_id)


def number(amount: Money, *, least: Decimal) -> dict[str, Any]:
    """The amount as a JSON number with its currency. Amazon: adjust_charge, refund_charge, fraud_abuse_feedback_api."""
    check_amount(amount.amount, amount.currency, least=least)
    return {"amount": Decimal(amount.plain), "code": amount.currency}


def check_amount(amount: Decimal, currency: str, *, least: Decimal = money.ZERO) -> None:
    """Amazon asks for at most two decimals in refunds and checkout; that it does so elsewhere is our reading."""
    if not _CURRENCY.fullmatch(currency):
        raise NotAllowed(f"“{currency}” is no currency that Amazon takes: three capital letters.")
    if not amount.is_finite() or not least <= amount <= money.LARGEST or not _has_two_decimals(amount, currency):
        raise NotAllowed(
            f"{amount} {currency} is no amount that Amazon takes: not below {least}, "
            f"at most two decimals and no more than the currency has."
        )


def _has_two_decimals(amount: Decimal, currency: str) -> bool:
    return money.is_exact(amount, currency) and not amount % CENT


def _id(name: str, value: str) -> str:
    if not _ID.fullmatch(value):
        raise NotAllowed(f"{name} “{value}” is no id that Amazon takes: 1 to 255 letters, digits, “_” or “-”.")
    return value


def _not_sent(address: Address, operation: str, message: str) -> Failure:
    call = OutboundCall(
        operation=operation,
        url=address.base_url,
        store_external_id=address.store_external_id,
        amazon_trip_id=address.amazon_trip_id,
        request="",
        error=message,
        duration_ms=0,
    )
    return Failure(Refused(f"Not sent: {message}"), call)
