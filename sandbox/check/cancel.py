"""Cancel Charge. Amazon: payment_service_cancel_charge."""

from sandbox.check.cases import BAD_STORE, UNKNOWN_TRIP, Case, Section, each, nothing_said, refused, set_to, shown
from sandbox.check.checkout import CHECKED_OUT
from sandbox.check.everywhere import UNKNOWN, door_cases, magic_trouble, trip_cases, trouble_cases
from sandbox.check.payments import ADJUSTED, CANCEL, CANCELLED, CAPTURED, IDS, of_trip, out_of_order, with_both_ids
from sandbox.connectivity.cases import TOO_LONG, edited, one

RELEASED = shown(cancelled=True, captures=0)
UNTOUCHED = shown(cancelled=False, captures=0)

CANCELLING = Section(
    "cancel",
    "Cancel Charge",
    CANCEL,
    "cancel",
    (
        Case("1", "cancelled: an empty body", one(of_trip), (200,), nothing_said, books=RELEASED),
        Case("1-a", "after an adjust", one(of_trip), (200,), nothing_said, before=ADJUSTED, books=RELEASED),
        refused("2", "trip unknown", one(of_trip), UNKNOWN_TRIP, start=UNKNOWN),
        refused("3", f"storeId {BAD_STORE}", edited(of_trip, "storeId", BAD_STORE)),
        refused("4", "storeId missing", edited(of_trip, "storeId")),
        refused("5", "shoppingTripId missing", edited(of_trip, "shoppingTripId")),
        refused("6", "wrong types", lambda _trip: [{"storeId": 12345, "shoppingTripId": True}]),
        refused("7", "storeId's format", set_to(of_trip, "storeId", "store id", "a.b", "a\n")),
        refused("8", "shoppingTripId's format", set_to(of_trip, "shoppingTripId", "trip/1", "a.b", "a\n")),
        refused("9", "over 255 characters", each(*(set_to(of_trip, name, TOO_LONG) for name in IDS))),
        *trouble_cases(of_trip, ("10", "11", "12"), untouched=UNTOUCHED),
        refused("13", "empty texts", each(with_both_ids(of_trip, ""), edited(of_trip, "storeId", ""))),
        refused("14", "nulls", each(with_both_ids(of_trip, None), edited(of_trip, "storeId", None))),
        refused("15", "blanks only", each(with_both_ids(of_trip, "   "), edited(of_trip, "storeId", " "))),
        out_of_order("o-a", "after the capture", of_trip, CAPTURED, cancelled=False, captured="25.99"),
        Case("o-b", "after another cancel: no harm", one(of_trip), (200, 400), before=CANCELLED, books=RELEASED),
        out_of_order("o-c", "after the checkout (our reading)", of_trip, CHECKED_OUT, cancelled=False, captured="0.99"),
        *door_cases(of_trip, untouched=UNTOUCHED),
        *trip_cases(of_trip),
        *magic_trouble(of_trip),
    ),
)
