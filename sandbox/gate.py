"""The gate: who comes is asked about at the retailer's, a tapped card is staged at Amazon's side, and the finished
cart goes to the retailer's connector."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sandbox.connector import Connector, fields
from sandbox.control_client import ControlClient
from sandbox.questions import Questions, RefusedError
from sandbox.random_carts import Cart, place_of
from sandbox.random_visits import Visit
from sandbox.shops import shop_of

ROUTE = "/v1/order/purchases"
PREAUTHORIZED = "50.00"
DEFAULT_CURRENCY = "USD"


@dataclass(frozen=True)
class Delivery:
    trip_id: str
    store_id: str
    items: int
    status: int
    purchase_id: str

    def __str__(self) -> str:
        things = f"{self.items} item{'' if self.items == 1 else 's'}"
        return f"{self.trip_id}  {self.store_id}  {things}  {self.status}  {self.purchase_id or '-'}"


@dataclass(frozen=True)
class NoDelivery:
    """Somebody was refused, or went in and left without a cart."""

    who: str
    store_id: str
    what: str

    def __str__(self) -> str:
        return f"{self.who}  {self.store_id}  {self.what}"


class Gate:
    def __init__(
        self, connector_url: str, key: str, sandbox_url: str, *, app_key: str = "", pause: float = 0.3
    ) -> None:
        self._connector = Connector(connector_url, key, app_key=app_key, pause=pause)
        self._questions = Questions(self._connector)
        self._sandbox = ControlClient(sandbox_url)
        self._delivered: Cart | None = None

    def close(self) -> None:
        self._connector.close()
        self._sandbox.close()

    def visit(self, visit: Visit) -> Delivery | NoDelivery:
        """From the gate to the cart. Raises ConnectorError, or SandboxUnreachableError."""
        if visit.is_replay and self._delivered and _trip_id(self._delivered) == _trip_id(visit.cart):
            return self.send(self._delivered)
        cart = deepcopy(visit.cart)
        who, store_id = str(visit.guest or _trip_id(cart)), str(cart["storeId"])
        try:
            hold = self._let_in(visit, cart)
        except RefusedError as reason:
            return NoDelivery(who, store_id, f"refused at the gate: {reason}")
        if visit.leaves_no_cart:
            return NoDelivery(who, store_id, "came in, no cart")
        self._scan_loyalty(cart)
        delivery = self.send(cart, hold)
        self._delivered = cart
        return delivery

    def send(self, cart: Cart, hold: dict[str, Any] | None = None) -> Delivery:
        """A cart whose shopper nobody asks about. Raises ConnectorError, or SandboxUnreachableError."""
        if _is_card_entry(cart):  # staged only now: a card that was refused leaves no hold in the books
            self._sandbox.stage([_tapped_card(cart, hold or _usual_hold(cart))])
        answer = self._connector.post(ROUTE, cart)
        self._connector.check(answer, ROUTE, cart.get("storeId"))
        return Delivery(
            trip_id=_trip_id(cart),
            store_id=str(cart.get("storeId", "")),
            items=len(cart.get("cartItems") or []),
            status=answer.status_code,
            purchase_id=str(fields(answer).get("purchaseId") or ""),
        )

    def _let_in(self, visit: Visit, cart: Cart) -> dict[str, Any] | None:
        """Fills in who came, and gives what is held on their card. Raises RefusedError, and ConnectorError."""
        entries = [event for event in cart["shoppingTrip"]["authEvents"] if place_of(event) == "ENTRY"]
        if visit.guest is None:
            return self._questions.may_enter(cart, entries[0]["id"], _usual_hold(cart), visit.risks)
        member = visit.guest.member
        code = (self._connector.scan_key(member) if member else None) or visit.guest.code
        for event in entries:  # a group shows one code, one after the other
            visitor = self._questions.who_enters(cart["storeId"], event["id"], code)
            if visitor is None:
                continue
            cart["shopperIdentity"] = {"id": visitor.id}
            if visitor.type == "ASSOCIATE":
                event["scanResult"] = {"id": visitor.id, "type": visitor.type}
        return None

    def _scan_loyalty(self, cart: Cart) -> None:
        """Every loyalty code in the cart becomes what it stands for; a rejected one leaves no trace."""
        kept = []
        for event in cart["shoppingTrip"]["authEvents"]:
            if place_of(event) == "MANUAL_IN_STORE":
                visitor = self._questions.whose_loyalty(cart["storeId"], event["id"], event["scanResult"]["id"])
                if visitor is None:
                    continue
                event["scanResult"] = {"id": visitor.id, "type": visitor.type}
            kept.append(event)
        cart["shoppingTrip"]["authEvents"] = kept


def _trip_id(cart: Cart) -> str:
    return str(cart["idempotentShoppingTripId"])


def _is_card_entry(cart: Cart) -> bool:
    """A loyalty scan inside the store is a SCAN_CODE too, so any FINANCIAL event tells."""
    events = (cart.get("shoppingTrip") or {}).get("authEvents") or []
    return any(event.get("payloadType") == "FINANCIAL" for event in events)


def _usual_hold(cart: Cart) -> dict[str, Any]:
    shop = shop_of(str(cart.get("storeId", "")))
    return {"amount": PREAUTHORIZED, "code": shop.currency if shop else DEFAULT_CURRENCY}


def _tapped_card(cart: Cart, hold: dict[str, Any]) -> dict[str, Any]:
    return {
        "shoppingTripId": cart["idempotentShoppingTripId"],
        "storeId": cart.get("storeId"),
        "preauthorized": hold,
    }
