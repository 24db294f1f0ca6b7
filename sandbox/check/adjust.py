"""Adjust Charge. Amazon: payment_service_adjust_charge."""

from collections.abc import Sequence
from typing import Any

from sandbox.check.cases import (
    BAD_STORE,
    UNKNOWN_TRIP,
    Case,
    Section,
    Start,
    each,
    holds,
    left_out,
    refused,
    set_to,
    shown,
)
from sandbox.check.checkout import CHECKED_OUT
from sandbox.check.everywhere import UNKNOWN, door_cases, magic_trouble, thrice, trip_cases, trouble_cases
from sandbox.check.payments import (
    ADJUST,
    AMOUNT,
    BAD_CODES,
    CANCELLED,
    CAPTURED,
    IDS,
    VALID,
    adjusted,
    charge,
    money,
    out_of_order,
)
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import TOO_LONG, Check, edited, one, twice

PLAIN = charge(15.99)
UNTOUCHED = shown(authorized="0.00", captures=0)


def told(*statuses: str) -> Check:
    """In this order."""

    def check(replies: Sequence[Reply]) -> str:
        found = [str((reply.content or {}).get("status")) for reply in replies]
        return "" if found == list(statuses) else f"status was {', '.join(found)}"

    return check


def approved(number: str, title: str, amount: float, authorized: str, **others: Any) -> Case:
    check = holds(status="APPROVED", authorizedAmount=money(amount))
    return Case(number, title, one(charge(amount)), (200,), check, books=shown(authorized=authorized), **others)


def undecided(number: str, title: str, amount: float, status: str, authorized: float, magic: str = "") -> Case:
    check = holds(status=status, authorizedAmount=money(authorized))
    return Case(number, title, one(charge(amount)), (200,), check, start=Start(magic))


DECISIONS = (
    approved("1", "approved", 15.99, "15.99"),
    approved("1-a", "the total is absolute: up", 80.5, "80.50", before=(adjusted(20),)),
    approved("1-b", "the total is absolute: down", 12.34, "12.34", before=(adjusted(20),)),
    Case(
        "1-c", "the same total again", twice(PLAIN), (200,), holds(status="APPROVED"), books=shown(authorized="15.99")
    ),
    approved("1-d", "Amazon's valid-shopping-trip-uuid", 15.99, "15.99", start=VALID),
    undecided("2", "declined", 999999.99, "DECLINED", 0, "declined-payment-trip-uuid"),
    undecided("2-a", "999999.99 on any trip: declined", 999999.99, "DECLINED", 0),
    undecided("2-b", "declined, half of it authorized", 25, "DECLINED", 12.5, "partly-authorized-trip-uuid"),
    Case(
        "2-c",
        "declined once, then approved",
        twice(PLAIN),
        (200,),
        told("DECLINED", "APPROVED"),
        start=Start("declined-once-trip-uuid"),
        books=shown(authorized="15.99"),
    ),
    undecided("3", "pending", 25.5, "PENDING", 25.5, "pending-processing-trip-uuid"),
    Case(
        "3-a",
        "pending twice, then approved",
        thrice(charge(25.5)),
        (200,),
        told("PENDING", "PENDING", "APPROVED"),
        start=Start("pending-processing-trip-uuid"),
        books=shown(authorized="25.50"),
    ),
)
REFUSALS = (
    refused("4", "trip unknown", one(charge(10)), UNKNOWN_TRIP, start=UNKNOWN),
    refused("5", f"storeId {BAD_STORE}", edited(PLAIN, "storeId", BAD_STORE)),
    refused("6", "a field missing", left_out(PLAIN, *IDS, "amount", *AMOUNT)),
    refused(
        "7",
        "a wrong type",
        each(
            set_to(PLAIN, "storeId", 12345, None, True),
            set_to(PLAIN, "shoppingTripId", 12345, None, []),
            set_to(PLAIN, "amount", 15.99, "15.99", None, []),
            set_to(PLAIN, "amount.amount", "15.99", True, None),
            set_to(PLAIN, "amount.code", 840, None),
        ),
    ),
    refused("8", "a bad currency code", set_to(PLAIN, "amount.code", *BAD_CODES), start=VALID),
)
FORMATS = (
    refused("12", "storeId's format", set_to(PLAIN, "storeId", "store id", "a.b", "a\n", "ü")),
    refused("13", "shoppingTripId's format", set_to(PLAIN, "shoppingTripId", "trip/1", "a.b", "a\n", "")),
    refused("14", "over 255 characters", each(*(set_to(PLAIN, name, TOO_LONG) for name in IDS))),
)
OUT_OF_ORDER = (
    out_of_order("o-a", "after the cancel", PLAIN, CANCELLED, authorized="0.00", cancelled=True),
    out_of_order("o-b", "after the capture", PLAIN, CAPTURED, authorized="25.99", captured="25.99"),
    out_of_order("o-c", "another currency than the hold's", charge(15.99, "GBP"), (), authorized="0.00"),
    out_of_order("o-d", "after the checkout (our reading)", PLAIN, CHECKED_OUT, captured="0.99", authorized="0.99"),
)
ADJUSTING = Section(
    "adjust",
    "Adjust Charge",
    ADJUST,
    "adjust",
    (
        *DECISIONS,
        *REFUSALS,
        *trouble_cases(PLAIN, ("9", "10", "11"), untouched=UNTOUCHED),
        *FORMATS,
        *OUT_OF_ORDER,
        *door_cases(PLAIN, untouched=UNTOUCHED),
        *trip_cases(PLAIN),
        *magic_trouble(PLAIN),
    ),
)
