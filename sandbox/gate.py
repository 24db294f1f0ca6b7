"""The gate: a card tap at Amazon's side (the trip is staged), then the finished cart to the retailer's connector."""

import json
from dataclasses import dataclass
from time import sleep
from typing import Any

import requests

from sandbox.control_client import ControlClient
from sandbox.random_carts import Cart
from sandbox.shops import shop_of

ROUTE = "/v1/order/purchases"
# Amazon's caller tries three times on a 5xx (Amazon: the FAQ quotes "SDK Attempt Count: 3"); API Gateway waits 29 s.
ATTEMPTS = 3
TIMEOUT = 29
PREAUTHORIZED = "50.00"
DEFAULT_CURRENCY = "USD"


class ConnectorError(Exception):
    """The text is a plain sentence with the cure. Worth another try later only when `may_pass`."""

    def __init__(self, message: str, *, may_pass: bool) -> None:
        super().__init__(message)
        self.may_pass = may_pass


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


class Gate:
    def __init__(self, connector_url: str, key: str, sandbox_url: str, *, pause: float = 0.3) -> None:
        self._connector_url = connector_url.rstrip("/")
        self._sandbox = ControlClient(sandbox_url)
        self._pause = pause
        self._session = requests.Session()
        # Nothing but the addresses given is contacted: no proxy from the environment, no .netrc.
        self._session.trust_env = False
        self._session.headers.update({"x-api-key": key, "Content-Type": "application/json"})

    def send(self, cart: Cart) -> Delivery:
        """Raises ConnectorError, or SandboxUnreachableError."""
        if _is_card_entry(cart):
            self._sandbox.stage([_tapped_card(cart)])
        answer = self._post(json.dumps(cart).encode())
        self._check(answer, cart)
        return Delivery(
            trip_id=str(cart["idempotentShoppingTripId"]),
            store_id=str(cart.get("storeId", "")),
            items=len(cart.get("cartItems") or []),
            status=answer.status_code,
            purchase_id=_purchase_id(answer),
        )

    def _post(self, body: bytes) -> requests.Response:
        """The same body each time; the last answer counts."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._session.post(self._connector_url + ROUTE, data=body, timeout=TIMEOUT)
            except requests.RequestException as error:
                if attempt == ATTEMPTS:
                    raise self._unreachable() from error
            else:
                if answer.status_code < 500 or attempt == ATTEMPTS:
                    return answer
            sleep(self._pause * attempt)
        raise self._unreachable()

    def _unreachable(self) -> ConnectorError:
        cure = "Start it (manage.py runserver), or give its address with --connector-url."
        return ConnectorError(f"No connector answers at {self._connector_url}. {cure}", may_pass=True)

    def _check(self, answer: requests.Response, cart: Cart) -> None:
        status = answer.status_code
        if status < 300:
            return
        said = answer.text.strip()[:300]
        if status in (401, 403):
            sentence = f"The connector refused the key ({status}). Give one of its CONNECTOR_API_KEYS with --key."
        elif status == 404:
            cure = "--connector-url is the address before /v1."
            sentence = f"The connector has no {ROUTE} at {self._connector_url} (404). {cure}"
        elif status == 400:
            cure = f"Does it know the store {cart.get('storeId')}? Create it there, or name another with --store."
            sentence = f"The connector refused the cart (400): {said} {cure}"
        else:
            sentence = f"The connector answered {status}: {said} Its log has the reason."
        raise ConnectorError(sentence, may_pass=status >= 500 or status == 429)


def _is_card_entry(cart: Cart) -> bool:
    """A loyalty scan inside the store is a SCAN_CODE too, so any FINANCIAL event tells."""
    events = (cart.get("shoppingTrip") or {}).get("authEvents") or []
    return any(event.get("payloadType") == "FINANCIAL" for event in events)


def _tapped_card(cart: Cart) -> dict[str, Any]:
    shop = shop_of(str(cart.get("storeId", "")))
    return {
        "shoppingTripId": cart["idempotentShoppingTripId"],
        "storeId": cart.get("storeId"),
        "preauthorized": {"amount": PREAUTHORIZED, "code": shop.currency if shop else DEFAULT_CURRENCY},
    }


def _purchase_id(answer: requests.Response) -> str:
    try:
        content = answer.json()
    except ValueError:
        return ""
    return str(content.get("purchaseId") or "") if isinstance(content, dict) else ""
