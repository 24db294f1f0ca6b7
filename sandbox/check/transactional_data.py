"""GetTransactionalData. Amazon: get_transactional_data, get_transactional_data_testing."""

from collections.abc import Sequence

from sandbox.check.cases import BAD_STORE, UNKNOWN_TRIP, Case, Section, each, refused, set_to
from sandbox.check.everywhere import UNKNOWN, door_cases, magic_trouble, trip_cases, trouble_cases
from sandbox.check.payments import CAPTURED, IDS, of_trip, with_both_ids
from sandbox.check.runner import CARD
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import TOO_LONG, edited, one, text_of, twice

ROUTE = "/v1/payment/transactional-data"
ENTRY_MODES = {f"EMV_9F39_{digits}" for digits in ("02", "05", "07", "80", "90")}
TEXTS = (
    "authorizationResponseCode",
    "cryptogramInformationData",
    "panSequenceNumber",
    "applicationId",
    "cardholderVerificationMethodResult",
    "terminalId",
    "reconciliationId",
    "cardStatementTransactionId",
)


def card_data(replies: Sequence[Reply]) -> str:
    """Amazon's page does not show which fields must be there. All are in its example, so all are wanted here."""
    for reply in replies:
        content = reply.content or {}
        if any(content.get(name) != value for name, value in (CARD | {"currency": "USD"}).items()):
            return f"brand, tail or currency is not that of the trip: {reply.said}"
        if content.get("posEntryMode") not in ENTRY_MODES:
            return f"posEntryMode is {content.get('posEntryMode')}"
        if fault := next(filter(None, (text_of(content, name) for name in TEXTS)), ""):
            return fault
        if not _is_date(content.get("expirationDate")):
            return f"expirationDate is {content.get('expirationDate')}"
    return ""


def _is_date(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name), str) and len(value[name]) == length
        for name, length in (("expirationYear", 4), ("expirationMonth", 2))
    )


TELLING_DATA = Section(
    "transactional-data",
    "GetTransactionalData",
    ROUTE,
    "transactional-data",
    (
        Case("1", "of a captured trip", twice(of_trip), (200,), card_data, before=CAPTURED),
        refused("2", "trip unknown", one(of_trip), UNKNOWN_TRIP, start=UNKNOWN),
        refused("3", f"storeId {BAD_STORE}", edited(of_trip, "storeId", BAD_STORE)),
        refused("4", "storeId missing", edited(of_trip, "storeId")),
        refused("5", "shoppingTripId missing", edited(of_trip, "shoppingTripId")),
        refused("6", "wrong types", each(*(set_to(of_trip, name, 12345, True, None) for name in IDS))),
        refused("7", "storeId's format", set_to(of_trip, "storeId", "store id", "a.b", "a\n")),
        refused("8", "shoppingTripId's format", set_to(of_trip, "shoppingTripId", "trip/1", "a.b", "a\n")),
        refused("9", "over 255 characters", each(*(set_to(of_trip, name, TOO_LONG) for name in IDS))),
        refused("9-a", "empty texts", with_both_ids(of_trip, "")),
        *trouble_cases(of_trip, ("10", "11", "12")),
        *door_cases(of_trip),
        *trip_cases(of_trip, expires=False),
        *magic_trouble(of_trip),
    ),
)
