"""What the operations of the payments host share: their bodies, and the calls that bring a trip into a state."""

from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sandbox.check.cases import Bodies, Case, Make, Start, Step, Trip, shown
from sandbox.connectivity.cases import Body, one, says_why

ADJUST = "/v1/adjust/charge"
CANCEL = "/v1/cancel/charge"
CAPTURE = "/v1/capture/charge"
REFUND = "/v1/refund"
# Amazon's name for an ordinary trip. Nobody announced its currency, so that only the form of a code is judged.
VALID = Start("valid-shopping-trip-uuid")
PRICE = 25.99
IDS = ("storeId", "shoppingTripId")
AMOUNT = ("amount.amount", "amount.code")
BAD_CODES = ("usd", "US", "USDX", "U1D", "")


def of_trip(trip: Trip) -> Body:
    return {"storeId": trip.store, "shoppingTripId": trip.id}


def money(amount: float, code: str = "USD") -> dict[str, Any]:
    return {"amount": amount, "code": code}


def charge(amount: float, code: str = "USD") -> Make:
    return lambda trip: of_trip(trip) | {"amount": money(amount, code)}


def refund(amount: float, reason: str = "DAMAGED_ITEM", nth: int = 1) -> Make:
    """The nth refund of a trip always has the same key."""

    def make(trip: Trip) -> Body:
        key = str(uuid5(NAMESPACE_OID, f"{trip.id} {nth}"))
        return charge(amount)(trip) | {"refundRequestId": key, "refundReasonCode": reason}

    return make


def adjusted(amount: float = PRICE) -> Step:
    return Step(ADJUST, charge(amount))


ADJUSTED = (adjusted(),)
CAPTURED = (*ADJUSTED, Step(CAPTURE, charge(PRICE)))
CANCELLED = (Step(CANCEL, of_trip),)


def refunded(amount: float, nth: int = 1) -> Step:
    return Step(REFUND, refund(amount, nth=nth))


def with_both_ids(make: Make, value: object) -> Bodies:
    return lambda trip: [make(trip) | dict.fromkeys(IDS, value)]


def out_of_order(number: str, title: str, make: Make, before: tuple[Step, ...], **books: object) -> Case:
    """Amazon documents no answer to it: a 400 of any name, which changes nothing, is our reading."""
    return Case(number, title, one(make), (400,), says_why, before=before, books=shown(**books))
