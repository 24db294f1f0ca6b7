"""GetShopperIdentity. Amazon: get_shopper_identity, get_shopper_identity_testing."""

import string
from collections.abc import Sequence

from sandbox.check.cases import BAD_STORE, Case, Section, Start, Trip, each, holds, refused, set_to
from sandbox.check.everywhere import door_cases, trouble_cases
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import TOO_LONG, Body, edited, one

ROUTE = "/v1/identity/shopper"
EMAIL = "shopper@example.com"
REGISTERED = Start(email=EMAIL)
# Every character that an id may have.
EVERY_CHARACTER = f"{string.digits}{string.ascii_letters}_.-"


def of_shopper(trip: Trip) -> Body:
    return {"storeId": trip.store, "shopperId": {"id": trip.shopper}}


def nobody(replies: Sequence[Reply]) -> str:
    """Amazon shows the 200, not its body; our reading: no e-mail, in any spelling of that."""
    email = (replies[0].content or {}).get("shopperEmail")
    return f"shopperEmail is {email}" if email else ""


TELLING_SHOPPER = Section(
    "shopper-identity",
    "GetShopperIdentity",
    ROUTE,
    "shopper-identity",
    (
        Case("1", "the e-mail from the kiosk", one(of_shopper), (200,), holds(shopperEmail=EMAIL), start=REGISTERED),
        refused("2", f"storeId {BAD_STORE}", edited(of_shopper, "storeId", BAD_STORE)),
        refused("3", "storeId missing", edited(of_shopper, "storeId")),
        refused("4", "shopperId missing", edited(of_shopper, "shopperId")),
        refused("5", "shopperId {}", edited(of_shopper, "shopperId", {})),
        refused("6", "wrong types", lambda _trip: [{"storeId": 12345, "shopperId": {"id": True}}]),
        refused("6-a", "shopperId is no object", set_to(of_shopper, "shopperId", "S1", 12345, [])),
        refused("7", "storeId's format", set_to(of_shopper, "storeId", "store id", "a.b", "a\n")),
        refused("8", "the id's format", set_to(of_shopper, "shopperId.id", "a b", "a@b", "a/b", "a\n")),
        refused("9", "storeId over 255 characters", edited(of_shopper, "storeId", TOO_LONG)),
        refused("10", "the id over 255 characters", edited(of_shopper, "shopperId.id", TOO_LONG)),
        *trouble_cases(of_shopper, ("11", "12", "13")),
        refused("14", "empty texts", each(edited(of_shopper, "storeId", ""), edited(of_shopper, "shopperId.id", ""))),
        refused("15", "nulls", each(edited(of_shopper, "storeId", None), edited(of_shopper, "shopperId.id", None))),
        refused("16", "blanks only", each(edited(of_shopper, "storeId", " "), edited(of_shopper, "shopperId.id", " "))),
        Case("17", "every allowed character", edited(of_shopper, "shopperId.id", EVERY_CHARACTER), (200,), nobody),
        Case("18", "nobody with this id: 200", one(of_shopper), (200,), nobody),
        *door_cases(of_shopper),
    ),
)
