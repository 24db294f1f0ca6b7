"""Refund. Amazon: payment_service_refund_charge, refund_charge.

Amazon's own key is in no case: a key may be used once for all time, and the cases are played again and again.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sandbox.check.cases import (
    BAD_STORE,
    REFUND_WINDOW,
    UNKNOWN_TRIP,
    Bodies,
    Case,
    Section,
    Trip,
    each,
    left_out,
    refused,
    set_to,
    shown,
)
from sandbox.check.checkout import CHECKED_OUT
from sandbox.check.everywhere import UNKNOWN, door_cases, trip_cases, trouble_cases
from sandbox.check.payments import (
    ADJUSTED,
    AMOUNT,
    BAD_CODES,
    CANCELLED,
    CAPTURED,
    IDS,
    PRICE,
    REFUND,
    out_of_order,
    refund,
    refunded,
)
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import TOO_LONG, Body, edited, one, same_answers, says_why, text_of, twice

ALL = refund(PRICE)
FIVE = refund(5)
REASONS = ("DAMAGED_ITEM", "EXPIRED_ITEM", "UNWANTED_ITEM", "JWO_TECH_ERROR", "OTHER")
A_KEY = "550e8400-e29b-41d4-a716-446655440000"
BAD_KEYS = (
    "not-a-uuid",
    "",
    A_KEY.upper(),
    f"{A_KEY}0",
    A_KEY.replace("-", ""),
    "0190163d-8694-739b-aea5-966c26f8ad91",  # version 7
    "550e8400-e29b-41d4-c716-446655440000",  # another variant than 0, 8, 9, a, b
    f"{A_KEY}\n",
)
LATE = REFUND_WINDOW + timedelta(hours=1)
UNTOUCHED = shown(refunds=0, refunded="0.00")
FIVE_ONCE = shown(refunds=1, refunded="5.00")


def reconcilable(replies: Sequence[Reply]) -> str:
    """An empty 200, too, is documented."""
    for reply in replies:
        if reply.body and (fault := text_of(reply.content or {}, "reconciliationId")):
            return fault
    return ""


def same_refund(replies: Sequence[Reply]) -> str:
    return "" if not any(reply.body for reply in replies) else reconcilable(replies) or same_answers(replies)


def every_reason(trip: Trip) -> Sequence[Body]:
    return [refund(1, reason, nth)(trip) for nth, reason in enumerate(REASONS)]


def with_odd_key(trip: Trip) -> Sequence[Body]:
    """Amazon's pattern takes version 0, and variant 0 beside 8, 9, a and b."""
    key = FIVE(trip)["refundRequestId"]
    return edited(FIVE, "refundRequestId", f"{key[:14]}0{key[15:19]}0{key[20:]}")(trip)


def done(number: str, title: str, amount: float, shown_as: str, count: int = 1, **others: Any) -> Case:
    body = one(refund(amount, nth=count))
    others = {"before": CAPTURED} | others
    return Case(number, title, body, (200,), reconcilable, books=shown(refunds=count, refunded=shown_as), **others)


def kept(number: str, title: str, bodies: Bodies) -> Case:
    """Of a captured trip; refused, and nothing is given back."""
    return refused(number, title, bodies, before=CAPTURED, books=UNTOUCHED)


REFUNDS = (
    done("1", "all of it", PRICE, "25.99"),
    done("1-a", "a part", 0.01, "0.01"),
    done("1-b", "a second part, the rest", 5.99, "25.99", 2, before=(*CAPTURED, refunded(20))),
    Case(
        "1-c",
        "every reason",
        every_reason,
        (200,),
        reconcilable,
        before=CAPTURED,
        books=shown(refunds=len(REASONS), refunded="5.00"),
    ),
    Case("1-d", "a key of version 0", with_odd_key, (200,), reconcilable, before=CAPTURED, books=FIVE_ONCE),
    done("1-e", "after the token's 46 hours", 5, "5.00", later=timedelta(hours=47)),
    done("1-f", "an hour before the 7 days end", 5, "5.00", later=REFUND_WINDOW - timedelta(hours=1)),
)
REPLAYS = (
    Case("1-g", "the same request again: once", twice(FIVE), (200,), same_refund, before=CAPTURED, books=FIVE_ONCE),
    Case(
        "1-h",
        "the same request twice at once: once",
        twice(FIVE),
        (200,),
        same_refund,
        before=CAPTURED,
        is_at_once=True,
        books=FIVE_ONCE,
    ),
    Case(
        "1-i",
        "the key again with another amount: once",
        one(refund(6)),
        (200, 400),
        before=(*CAPTURED, refunded(5)),
        books=FIVE_ONCE,
    ),
)
REFUSALS = (
    refused("2", "trip unknown", one(refund(10)), UNKNOWN_TRIP, start=UNKNOWN),
    kept("3", f"storeId {BAD_STORE}", edited(ALL, "storeId", BAD_STORE)),
    kept(
        "4",
        "a field missing",
        left_out(ALL, *IDS, "amount", *AMOUNT, "refundRequestId", "refundReasonCode"),
    ),
    kept("5", "amount of a wrong type", set_to(ALL, "amount.amount", "25.99", True, None)),
    kept("5-a", "more than two decimals", edited(ALL, "amount.amount", 5.001)),
    kept("5-b", "nothing, and below (our reading)", set_to(ALL, "amount.amount", 0, -5)),
    kept("6", "currency's format", set_to(ALL, "amount.code", *BAD_CODES)),
    kept("7", "a bad refundRequestId", set_to(ALL, "refundRequestId", *BAD_KEYS, 12345, None)),
    kept("8", "a bad refundReasonCode", set_to(ALL, "refundReasonCode", "BROKEN", "other", "", "OTHER ", None)),
    kept("9", "storeId's format", set_to(ALL, "storeId", "store id", "a.b")),
    kept("10", "shoppingTripId's format", set_to(ALL, "shoppingTripId", "trip id", "a.b")),
    kept("11", "over 255 characters", each(*(set_to(ALL, name, TOO_LONG) for name in IDS))),
)
OUT_OF_ORDER = (
    out_of_order("o-a", "before the capture", FIVE, ADJUSTED, refunds=0),
    out_of_order("o-b", "of a cancelled trip", FIVE, CANCELLED, refunds=0),
    out_of_order("o-c", "more than captured", refund(26), CAPTURED, refunds=0),
    out_of_order("o-d", "together more than captured", refund(6, nth=2), (*CAPTURED, refunded(20)), refunded="20.00"),
    Case("o-e", "an hour after the 7 days", one(FIVE), (400,), says_why, before=CAPTURED, later=LATE, books=UNTOUCHED),
    out_of_order("o-f", "after the checkout (our reading)", refund(0.5), CHECKED_OUT, refunds=0),
)
REFUNDING = Section(
    "refund",
    "Refund",
    REFUND,
    "refund",
    (
        *REFUNDS,
        *REPLAYS,
        *REFUSALS,
        *trouble_cases(FIVE, ("12", "13", "14"), before=CAPTURED, untouched=UNTOUCHED),
        *OUT_OF_ORDER,
        *door_cases(FIVE, before=CAPTURED, untouched=UNTOUCHED),
        *trip_cases(FIVE, before=CAPTURED, expires=False),
    ),
)
