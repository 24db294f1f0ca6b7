"""Capture Charge. Amazon: payment_service_capture_charge."""

from collections.abc import Mapping, Sequence

from sandbox.check.cases import (
    BAD_STORE,
    UNKNOWN_TRIP,
    Case,
    Section,
    Start,
    each,
    left_out,
    nothing_said,
    refused,
    set_to,
    shown,
)
from sandbox.check.checkout import CHECKED_OUT
from sandbox.check.everywhere import UNKNOWN, door_cases, trip_cases, trouble_cases
from sandbox.check.payments import (
    ADJUSTED,
    CANCELLED,
    CAPTURE,
    CAPTURED,
    IDS,
    PRICE,
    adjusted,
    charge,
    out_of_order,
    with_both_ids,
)
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import TOO_LONG, edited, one, says_why

TAKE = charge(PRICE)
TAKEN = shown(captures=1, captured="25.99")
UNTOUCHED = shown(captures=0, captured="0.00")
PARTLY = Start("partly-authorized-trip-uuid")
HALF = charge(12.5)


def as_often_as_answered(replies: Sequence[Reply]) -> Mapping[str, object]:
    """Amazon does not say what a second capture does. Whatever it is, answer and books agree."""
    captures = 1 + [reply.status for reply in replies].count(200)
    return {"captures": captures, "captured": f"{PRICE * captures:.2f}"}


CAPTURES = (
    Case("1", "captured: an empty body", one(TAKE), (200,), nothing_said, before=ADJUSTED, books=TAKEN),
    Case("1-a", "less than authorized", one(TAKE), (200,), nothing_said, before=(adjusted(30),), books=TAKEN),
    Case(
        "1-b",
        "what a declined adjust left",
        one(HALF),
        (200,),
        nothing_said,
        start=PARTLY,
        before=(adjusted(25),),
        books=shown(captures=1, captured="12.50"),
    ),
)
REFUSALS = (
    refused("2", "trip unknown", one(TAKE), UNKNOWN_TRIP, start=UNKNOWN),
    refused("3", f"storeId {BAD_STORE}", edited(TAKE, "storeId", BAD_STORE), before=ADJUSTED, books=UNTOUCHED),
    refused("4", "storeId missing", edited(TAKE, "storeId")),
    refused("5", "shoppingTripId missing", edited(TAKE, "shoppingTripId")),
    refused("6", "amount missing", left_out(TAKE, "amount", "amount.amount", "amount.code")),
    refused("7", "amount of a wrong type", set_to(TAKE, "amount.amount", "25.99", True, None, []), before=ADJUSTED),
    refused("8", "currency's format", set_to(TAKE, "amount.code", "usd", "U1D", "US"), before=ADJUSTED),
    refused("9", "currency too long", edited(TAKE, "amount.code", "USDX"), before=ADJUSTED),
    refused("10", "storeId's format", set_to(TAKE, "storeId", "store id", "a#b", "a\n")),
    refused("11", "shoppingTripId's format", set_to(TAKE, "shoppingTripId", "trip id", "a#b", "a\n")),
    refused("12", "over 255 characters", each(*(set_to(TAKE, name, TOO_LONG) for name in IDS))),
)
ODD_AMOUNTS = (
    refused("16", "nothing", edited(TAKE, "amount.amount", 0), before=ADJUSTED, books=UNTOUCHED),
    refused("17", "below nothing", edited(TAKE, "amount.amount", -PRICE), before=ADJUSTED, books=UNTOUCHED),
    refused("18", "empty texts", each(with_both_ids(TAKE, ""), edited(TAKE, "amount.code", ""))),
    refused("19", "nulls", each(with_both_ids(TAKE, None), edited(TAKE, "amount", None))),
)
OUT_OF_ORDER = (
    out_of_order("o-a", "before any adjust", TAKE, (), captures=0),
    out_of_order("o-b", "more than authorized", charge(26), ADJUSTED, captures=0),
    out_of_order("o-c", "after the cancel", TAKE, (*ADJUSTED, *CANCELLED), captures=0),
    out_of_order("o-d", "another currency than the adjust's", charge(PRICE, "GBP"), ADJUSTED, captures=0),
    Case("o-e", "a second time", one(TAKE), (200, 400), before=CAPTURED, books=as_often_as_answered),
    Case(
        "o-f",
        "after a declined adjust",
        one(charge(10)),
        (400,),
        says_why,
        start=Start("declined-payment-trip-uuid"),
        before=(adjusted(10),),
        books=shown(captures=0),
    ),
    out_of_order("o-g", "after the checkout (our reading)", charge(0.99), CHECKED_OUT, captures=1, captured="0.99"),
)
CAPTURING = Section(
    "capture",
    "Capture Charge",
    CAPTURE,
    "capture",
    (
        *CAPTURES,
        *REFUSALS,
        *trouble_cases(TAKE, ("13", "14", "15"), before=ADJUSTED, untouched=UNTOUCHED),
        *ODD_AMOUNTS,
        *OUT_OF_ORDER,
        *door_cases(TAKE, before=ADJUSTED, untouched=UNTOUCHED),
        *trip_cases(TAKE, before=ADJUSTED),
    ),
)
