"""Stripe: a member's saved card is charged while they are away. Stripe: payments/save-and-reuse, off_session.

Stripe repeats what came of an Idempotency-Key for 24 hours at least, then it may forget the key (Stripe:
api/idempotent_requests). So that a later try takes nothing twice either, a payment is first looked for, by the key in
its metadata, in the list of the customer's payments, and a refund in that of the payment's refunds. A list shows what
was made before; Stripe's search may lag behind.
"""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import stripe

from amazon.outbound.errors import OutcomeUnknown, Refused
from payments.models import PaymentMethod
from payments.processors import stripe_client
from payments.processors.processor import Declined, Order, RefundOrder, Taken
from payments.processors.stripe_amounts import from_minor_units, minor_units
from stores.models import Processor

NO_CARD = "No card of this member is known at Stripe: enter it under “Payment methods”, then have it tried again."
PAGE = 100

# Stripe: payments/paymentintents/lifecycle. Nobody takes such a payment up again.
_NOT_TAKEN = {"requires_payment_method", "canceled"}


def charge(order: Order) -> Taken | Declined:
    method = _method_of(order)
    if method is None:
        raise Refused(NO_CARD)
    payment = {
        "amount": minor_units(order.amount),
        "currency": order.amount.currency.lower(),
        "customer": method.customer,
        "payment_method": method.method,
        "payment_method_types": ["card"],
        "confirm": True,
        "off_session": True,
        "error_on_requires_action": True,
        "description": f"{order.store}: {order.amazon_trip_id}",
        "metadata": {"key": order.key},
    }
    # A trip's id may be longer than a key at Stripe.
    key = sha256(order.key.encode()).hexdigest()
    try:
        return _outcome(stripe_client.create(order, "payment_intents", payment, key=key))
    except stripe.CardError as error:
        return Declined(_reason(error.code, error.user_message))


def look_up(order: Order) -> Taken | Declined | None:
    method = _method_of(order)
    if method is None:
        raise OutcomeUnknown("It cannot be looked up: no card of this member is known at Stripe any more.")
    found = _with_key(order, "payment_intents", {"customer": method.customer}, order.key)
    return _outcome(found) if found else None


def refund(order: RefundOrder) -> str:
    found = _with_key(order, "refunds", {"payment_intent": order.remote_id}, order.key)
    if found is None:
        payment = {
            "payment_intent": order.remote_id,
            "amount": minor_units(order.amount),
            "metadata": {"key": order.key},
        }
        try:
            found = stripe_client.create(order, "refunds", payment, key=order.key)
        except stripe.CardError as error:
            raise Refused(f"Stripe: {_reason(error.code, error.user_message)}") from error
    if found["status"] in {"failed", "canceled"}:
        raise Refused(f"Stripe's refund {found['id']} is {found['status']}.")
    return str(found["id"])


def _method_of(order: Order) -> PaymentMethod | None:
    return PaymentMethod.objects.filter(member=order.member, processor=Processor.STRIPE).first()


def _outcome(payment: dict[str, Any]) -> Taken | Declined:
    """Raises OutcomeUnknown for a payment that Stripe is still working on."""
    status = payment["status"]
    if status == "succeeded":
        taken = from_minor_units(payment["amount_received"], payment["currency"].upper())
        return Taken(payment["id"], taken)
    if status in _NOT_TAKEN:
        error = payment.get("last_payment_error") or {}
        return Declined(_reason(error.get("code"), error.get("message")))
    raise OutcomeUnknown(f"Stripe says of its payment {payment['id']}: {status}.")


def _reason(code: str | None, message: str | None) -> str:
    return f"{message or 'The card was declined.'} ({code or 'no code'})"


def _with_key(order: Order | RefundOrder, kind: str, whose: dict[str, str], key: str) -> dict[str, Any] | None:
    """The newest payment or refund with this key in its metadata; one that was taken before all others."""
    newest = None
    for row in _all(order, kind, whose):
        if (row.get("metadata") or {}).get("key") == key:
            if row["status"] == "succeeded":
                return row
            newest = newest or row
    return newest


def _all(order: Order | RefundOrder, kind: str, whose: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Newest first, page by page, as far as somebody reads on."""
    params: dict[str, Any] = {"limit": PAGE, **whose}
    has_more = True
    while has_more:
        page = stripe_client.read(order, kind, params)
        yield from page["data"]
        has_more = bool(page["has_more"] and page["data"])
        if has_more:
            params = params | {"starting_after": page["data"][-1]["id"]}
