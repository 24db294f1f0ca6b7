"""The gates: shoppers come and leave, and Amazon sends each cart until it is acknowledged."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from random import Random
from uuid import UUID

from sandbox.control_client import ControlClient
from tests.races.deliveries import HEADERS, PATH
from tests.races.processes import HERE

GATE = "/v1/fraudandabuse/shopperauthorization"
PRICES = ["0.99", "1.50", "2.35", "6.25", "12.00"]
MEMBER = "MEMBER-1"
CARD, CHECKOUT = "SOAK-CARD", "SOAK-CHECKOUT"
PREPARE = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
from loyalty.models import Member
from payments.models import GateRules
from stores.models import PaymentFlow, Product, Store
Member.objects.create(external_id="{MEMBER}")
for name, region, flow in (("{CARD}", "us-east-1", "PAYMENT_SERVICE"), ("{CHECKOUT}", "us-west-2", "CHECKOUT_SERVICE")):
    store = Store.objects.create(external_id=name, name=name, region=region, time_zone="America/New_York",
                                 currency="USD", card_flow=flow)
    GateRules.objects.create(store=store)
    for price in {PRICES}:
        Product.objects.create(store=store, sku="AT-" + price, name=price, price=price)
"""
SECONDS_TO_ACKNOWLEDGE = 45.0
PAUSE_AFTER_FAILURE = 0.1
SHARE_SENT_AGAIN = 0.1
SHARE_OF_OTHER_BODIES = 0.05


@dataclass(frozen=True)
class Kind:
    """How a trip's id begins, where it goes, and where it ends unless its cart is empty."""

    share: int
    state: str
    beginning: str = ""
    store: str = CARD
    entry: str = "FINANCIAL"


KINDS = [
    Kind(50, "paid"),
    Kind(6, "unpaid", "declined-payment-trip-uuid-"),
    Kind(6, "partly_paid", "partly-authorized-trip-uuid-"),
    Kind(6, "paid", "pending-processing-trip-uuid-"),
    Kind(15, "paid", store=CHECKOUT),
    Kind(15, "paid", entry="SCAN_CODE"),
]


@dataclass(frozen=True)
class Acknowledged:
    body: bytes
    purchase_id: str
    state: str
    is_amazons: bool  # Amazon collects, so that its books know of it


class Gate:
    """One stream of visits, drawn from the seed."""

    def __init__(self, seed: int, sandbox_url: str, port: Callable[[], int]) -> None:
        self._dice = Random(f"{seed}/gate")
        self._sandbox = ControlClient(sandbox_url)
        self._port = port
        self.acknowledged: dict[str, Acknowledged] = {}
        self.broken_promises: list[str] = []
        self.answers: Counter[int] = Counter()

    def visit(self) -> None:
        dice = self._dice
        kind = dice.choices(KINDS, [kind.share for kind in KINDS])[0]
        trip_id = f"{kind.beginning}{UUID(int=dice.getrandbits(128), version=4)}"
        prices = dice.sample(PRICES, dice.choice([0, 1, 1, 2, 3]))
        body = self._cart(kind, trip_id, prices)
        is_amazons = kind.entry == "FINANCIAL"
        if is_amazons:
            self._ask(kind.store, trip_id)
            hold = {"amount": "50.00", "code": "USD"}
            self._sandbox.stage([{"shoppingTripId": trip_id, "storeId": kind.store, "preauthorized": hold}])
        purchase_id = self._until_acknowledged(body)
        state = kind.state if prices else "no_charge"
        self.acknowledged[trip_id] = Acknowledged(body, purchase_id, state, is_amazons)
        if dice.random() < SHARE_SENT_AGAIN:
            self._send_again(dice.choice(sorted(self.acknowledged)))
        if dice.random() < SHARE_OF_OTHER_BODIES:
            self._until_acknowledged(self._cart(kind, trip_id, [*prices, PRICES[0]]))

    def _ask(self, store: str, trip_id: str) -> None:
        question = {
            "storeId": store,
            "shopperIdentity": {"id": "amzn1.card.1"},
            "shopperInteraction": {"shoppingTripId": trip_id, "gateAuthenticationEvent": {"id": trip_id[-36:]}},
        }
        self._send(GATE, json.dumps(question).encode())

    def _send_again(self, trip_id: str) -> None:
        known = self.acknowledged[trip_id]
        purchase_id = self._until_acknowledged(known.body)
        if purchase_id != known.purchase_id:
            self.broken_promises.append(f"{trip_id}: first {known.purchase_id}, then {purchase_id}")

    def _until_acknowledged(self, body: bytes) -> str:
        until = time.monotonic() + SECONDS_TO_ACKNOWLEDGE
        while time.monotonic() < until:
            status, answer = self._send(PATH, body)
            if status == 201:
                purchase_id: str = json.loads(answer)["purchaseId"]
                return purchase_id
            time.sleep(PAUSE_AFTER_FAILURE)
        raise TimeoutError(f"not acknowledged within {SECONDS_TO_ACKNOWLEDGE:.0f} seconds: {answer.decode()[:300]}")

    def _send(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status 0 where nobody answers."""
        line = HTTPConnection(HERE, self._port(), timeout=30)
        try:
            line.request("POST", path, body, HEADERS)
            response = line.getresponse()
            status, answer = response.status, response.read()
        except (OSError, HTTPException):
            status, answer = 0, b""
        finally:
            line.close()
        self.answers[status] += 1
        return status, answer

    def _cart(self, kind: Kind, trip_id: str, prices: list[str]) -> bytes:
        cart = {
            "requestId": str(UUID(int=self._dice.getrandbits(128), version=4)),
            "idempotentShoppingTripId": trip_id,
            "storeId": kind.store,
            "shoppingTrip": {
                "startTime": "2022-11-29T16:13:26Z",
                "endTime": "2022-11-29T16:13:28Z",
                "authEvents": [{"id": trip_id[-36:], "authLocation": "ENTRY", "payloadType": kind.entry}],
            },
            "shopperIdentity": {"id": MEMBER if kind.entry == "SCAN_CODE" else trip_id[-36:]},
            "cartItems": [
                {"id": f"AT-{price}", "type": "SKU", "quantity": {"value": "1.0", "unit": "unit"}} for price in prices
            ],
        }
        return json.dumps(cart).encode()
