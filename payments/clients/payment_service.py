"""Amazon's payment service: one function per operation, typed answers.

Every request is checked against Amazon's documented rules before it leaves. Each function returns its answer and the
unsaved journal row of the call, or raises amazon.outbound.transport.Failure.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from amazon.models import OutboundCall
from amazon.outbound.transport import Address, send, unreadable
from core.money import Money, decimals
from payments.clients.validation import CENT, NotAllowed, checked, number, store_id, trip_id

_SHOPPER_ID = re.compile(r"[0-9a-zA-Z_.-]{1,255}")
_EMAIL = re.compile(r"[A-Z0-9a-z._%+-]+@[A-Za-z0-9.-]+[.]+[A-Za-z]+")
_LONGEST_EMAIL = 128


class AdjustStatus(StrEnum):
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Amazon: payment_service_adjust_charge. `authorized` is what may be captured."""

    status: AdjustStatus
    authorized: Money


@dataclass(frozen=True, slots=True)
class Refunded:
    """Amazon: payment_service_refund_charge; empty where Amazon answers without a body (refund_charge)."""

    reconciliation_id: str = ""


@dataclass(frozen=True, slots=True)
class CardData:
    """Amazon: get_transactional_data. A statement id exists only for a trip whose money was taken."""

    brand: str
    last_four: str
    emv: dict[str, Any] = field(default_factory=dict)

    @property
    def proves_capture(self) -> bool:
        return bool(self.emv.get("cardStatementTransactionId"))


class _Amount(msgspec.Struct):
    amount: Decimal
    code: str


class _AdjustAnswer(msgspec.Struct, rename="camel"):
    status: AdjustStatus
    authorized_amount: _Amount


class _RefundAnswer(msgspec.Struct, rename="camel"):
    reconciliation_id: str | None = None


class _CardAnswer(msgspec.Struct):
    brand: str | None = None
    tail: str | None = None


class _ShopperAnswer(msgspec.Struct, rename="camel"):
    shopper_email: str | None = None


# Made here, not by the threads that call: two that decode a shape for the first time at the same moment end the process
# (tests/guards/test_decoders.py).
_adjust_answer = msgspec.json.Decoder(_AdjustAnswer)
_refund_answer = msgspec.json.Decoder(_RefundAnswer)
_card_answer = msgspec.json.Decoder(_CardAnswer)
_emv = msgspec.json.Decoder(dict[str, Any])
_shopper_answer = msgspec.json.Decoder(_ShopperAnswer | None)


def adjust_charge(address: Address, amount: Money) -> tuple[Adjusted, OutboundCall]:
    """Move the hold to the cart's total. Absolute, so sending it again is harmless. Amazon: adjust_charge."""
    body, call = _send(address, "adjust", "/v1/adjust/charge", {}, amount)
    try:
        answer = _adjust_answer.decode(body)
    except msgspec.DecodeError as error:
        raise unreadable(call) from error
    authorized = Money(answer.authorized_amount.amount, answer.authorized_amount.code)
    if authorized.currency != amount.currency or not authorized.amount.is_finite() or authorized.amount < 0:
        raise unreadable(call)
    return Adjusted(answer.status, _in_whole_units(min(authorized, amount))), call


def cancel_charge(address: Address) -> tuple[None, OutboundCall]:
    """Release the hold, as for an empty cart. Amazon: cancel_charge."""
    body, call = _send(address, "cancel", "/v1/cancel/charge", {})
    _check_may_be_empty(body, call)
    return None, call


def capture_charge(address: Address, amount: Money) -> tuple[None, OutboundCall]:
    """Take the money. Amazon documents no idempotency here: never send it again unasked. Amazon: capture_charge."""
    body, call = _send(address, "capture", "/v1/capture/charge", {}, amount)
    _check_may_be_empty(body, call)
    return None, call


def refund(address: Address, amount: Money, *, refund_request_id: UUID, reason: str) -> tuple[Refunded, OutboundCall]:
    """Give money back. The same refundRequestId never refunds twice. Amazon: refund_charge."""
    payload = {"refundRequestId": str(refund_request_id), "refundReasonCode": reason}
    body, call = _send(address, "refund", "/v1/refund", payload, amount)
    if not body.strip():
        return Refunded(), call
    try:
        answer = _refund_answer.decode(body)
    except msgspec.DecodeError as error:
        raise unreadable(call) from error
    return Refunded((answer.reconciliation_id or "")[:255]), call


def transactional_data(address: Address) -> tuple[CardData, OutboundCall]:
    """Brand, last four and EMV data of the trip's card. Amazon: get_transactional_data."""
    body, call = _send(address, "transactional-data", "/v1/payment/transactional-data", {})
    try:
        answer = _card_answer.decode(body)
        emv = _emv.decode(body)
    except msgspec.DecodeError as error:
        raise unreadable(call) from error
    return CardData((answer.brand or "")[:40], (answer.tail or "")[-4:], emv), call


def shopper_email(address: Address, shopper_id: str) -> tuple[str, OutboundCall]:
    """The e-mail that a shopper left at the receipt kiosk; empty when Amazon knows none. Amazon: get_shopper_identity.

    `shopper_id` is the cart's shopperIdentity.id. That an unknown shopper's 200 has no e-mail, in whichever shape, is
    our reading: no page shows its body.
    """
    operation = "shopper-identity"
    with checked(address, operation):
        # It may be a member's code, so the message does not repeat it.
        if not _SHOPPER_ID.fullmatch(shopper_id):
            raise NotAllowed("the shopper's id is none that Amazon takes: 1 to 255 letters, digits, “_”, “.” or “-”.")
        payload = {"storeId": store_id(address), "shopperId": {"id": shopper_id}}
    body, call = send(address, operation, "/v1/identity/shopper", payload)
    if not body.strip():
        return "", call
    try:
        answer = _shopper_answer.decode(body)
    except msgspec.DecodeError as error:
        raise unreadable(call) from error
    email = (answer and answer.shopper_email) or ""
    if email and (len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email)):
        raise unreadable(call)
    return email, call


def _send(
    address: Address, operation: str, path: str, payload: dict[str, Any], amount: Money | None = None
) -> tuple[bytes, OutboundCall]:
    """Raises Failure, without sending, what breaks Amazon's rules of ids and amounts."""
    with checked(address, operation):
        ids = {"storeId": store_id(address), "shoppingTripId": trip_id(address)}
        charged = {"amount": number(amount, least=CENT)} if amount is not None else {}
    return send(address, operation, path, {**ids, **charged, **payload})


def _check_may_be_empty(body: bytes, call: OutboundCall) -> None:
    """Amazon shows no body of these answers; a page of HTML comes from somebody in between."""
    if body.strip() and not body.lstrip().startswith(b"{"):
        raise unreadable(call)


def _in_whole_units(authorized: Money) -> Money:
    """Without what lies below the currency's decimals: never more than was authorized."""
    unit = Decimal(1).scaleb(-decimals(authorized.currency))
    return Money(authorized.amount // unit * unit, authorized.currency)
