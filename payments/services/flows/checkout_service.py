"""Amazon's checkout service: one call with the priced cart takes the money. Amazon: checkout_service.

By the name of its key, idempotentShoppingTripId, Amazon charges a trip once however often its cart comes, and the cart
is built from priced lines, which never change. So a call without a usable answer is sent again as it was (our reading).
Whatever Amazon says after such a call, it may have acted on it: then only an order id is an outcome.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects

from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, TripExpired
from amazon.outbound.hosts import checkout_url
from core import money
from orders.models import Line
from payments.checkout_cart import CheckoutCart, Price, PricedLine, checkout_cart
from payments.clients.checkout_service import check_out
from payments.models import Charge
from payments.services import outcomes
from payments.services.addresses import address_of
from payments.services.calls import Answer, call_of, try_later
from payments.services.ledger import Kind, Phase, record, recorded
from payments.states import ChargeState

NOTHING_TO_CHECK_OUT = "The cart is empty: there is nothing to check out."


class Step(StrEnum):
    LEAVE = "leave"
    CHECK_OUT = "check out"


def next_step(charge: Charge) -> Step | None:
    match charge.state:
        case ChargeState.PENDING:
            return Step.CHECK_OUT if _cart_of(charge).lines else Step.LEAVE
        case ChargeState.CAPTURING | ChargeState.UNKNOWN:
            return Step.CHECK_OUT
        case _:
            return None


def begin(charge: Charge, step: str) -> None:
    if step == Step.LEAVE:
        return
    if charge.state == ChargeState.CAPTURING:
        _record_silence(charge, "A worker ended before it recorded an answer.")
    charge.start_taking()
    record(charge, Kind.CAPTURE, Phase.REQUESTED, amount=charge.amount)


def ask(charge: Charge, step: str) -> Callable[[], Answer]:
    """The answer is Amazon's order id, empty where there is nothing to check out."""
    if step == Step.LEAVE:
        return lambda: Answer("", None)
    address, cart = address_of(charge, checkout_url), _cart_of(charge)
    return call_of(address, lambda: check_out(address, cart))


def take(charge: Charge, step: str, answer: Any) -> None:
    if isinstance(answer, AmazonError):
        _take_failure(charge, answer)
    elif step == Step.LEAVE:
        # The answer to the cart was an empty purchase id, which cancels. Amazon: cc_checkout_service_store_war.
        record(charge, Kind.CANCEL, Phase.SUCCEEDED, detail=NOTHING_TO_CHECK_OUT)
        outcomes.cancelled(charge)
    else:
        charge.remote_id = answer
        charge.authorized = charge.amount
        outcomes.captured(charge, charge.amount, detail=f"Order {answer}")


def cart_of(lines: Iterable[Line], currency: str) -> CheckoutCart:
    """The trip's priced lines as Amazon takes them, each named as Amazon named it: it knows no other SKU."""
    return checkout_cart(
        (
            PricedLine(line.sku, line.quantity, line.unit, Price(line.net or money.ZERO, line.tax or money.ZERO))
            for line in lines
        ),
        currency,
    )


def _cart_of(charge: Charge) -> CheckoutCart:
    """Reads the lines once: the call itself needs no database."""
    prefetch_related_objects([charge.trip], "lines")
    return cart_of(charge.trip.lines.all(), charge.currency)


def _take_failure(charge: Charge, error: AmazonError) -> None:
    if isinstance(error, OutcomeUnknown):
        _record_silence(charge, str(error))
        charge.lose_sight()
        # Not while it may still be on its way: what Amazon makes of two at once, nobody knows.
        charge.retry(str(error), after=settings.CAPTURE_LOOKUP_DELAY_SECONDS)
    elif recorded(charge, Kind.CAPTURE, Phase.UNKNOWN):
        # Some call of this round was sent and stayed without an answer.
        charge.lose_sight()
        try_later(charge, error)
    elif isinstance(error, NotSent):
        charge.put_taking_off()
        try_later(charge, error)
    elif isinstance(error, TripExpired):
        record(charge, Kind.CAPTURE, Phase.EXPIRED, actor="Amazon", detail=str(error))
        outcomes.expired(charge, str(error), is_owed=bool(charge.amount))
    else:
        record(charge, Kind.CAPTURE, Phase.FAILED, actor="Amazon", detail=str(error))
        outcomes.failed(charge, str(error))


def _record_silence(charge: Charge, detail: str) -> None:
    record(charge, Kind.CAPTURE, Phase.UNKNOWN, amount=charge.amount, detail=detail)
