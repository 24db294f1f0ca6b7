"""Amazon's own test cases, and an hour at its gates, against the real application behind a real socket."""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from itertools import islice
from random import Random
from threading import Lock
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connection

from conftest import TEST_KEYS
from loyalty.models import Code, Member, MemberKind, Promotion, Scan
from loyalty.services.blocking import block_member
from orders.models import Trip
from orders.tasks import price_due
from payments.models import Debt, GateDecision, GateRules, Recommendation
from payments.tasks import collect_due
from payments.tests.trips import a_store
from sandbox.gate import Delivery, Gate, NoDelivery
from sandbox.random_carts import random_cart
from sandbox.random_visits import Visit, random_visits
from sandbox.shops import SHOPS
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow, Product, Store

pytestmark = pytest.mark.django_db(transaction=True)

DEBTOR = "card-of-somebody-who-owes"
NEVER_PLAYED = {
    "identity 4",
    "identity 5",
    "identity 8",
    "identity 9",
    "loyalty 4",
    "details 4-m",
    "authorization 7a.15",
    "authorization 7a.16",
}


def member(external_id: str, code: str, kind: MemberKind = MemberKind.SHOPPER, **fields: Any) -> Member:
    found = Member.objects.create(external_id=external_id, kind=kind)
    Code.objects.create(member=found, value=code, **fields)
    return found


@pytest.fixture(autouse=True)
def shops(db: None) -> dict[str, Store]:
    """What the demo has: the same ids, codes and rules."""
    flows = {"card_flow": PaymentFlow.PAYMENT_SERVICE, "app_flow": PaymentFlow.PAYMENT_SERVICE}
    stores = {}
    for shop in SHOPS:
        store = a_store(shop.store_id, currency=shop.currency, loyalty_provider="Demo Rewards", **flows)
        stores[shop.store_id] = store
        for sku in shop.skus:
            unit = "kg" if sku == "BANANA-KG" else "unit"
            Product.objects.create(store=store, sku=sku, name=sku, price=Decimal("1.50"), unit=unit)
    Promotion.objects.create(store=stores["DEMO-COMBO"], promotion_id="PROMO-TEA")
    for name in ("DEMO-CARD", "DEMO-COMBO"):
        GateRules.objects.create(store=stores[name])
    member("DEMO-MEMBER-1", "1111-2222-3333-4444-5555-6666")
    member("DEMO-MEMBER-2", "LOY-DEMO-2", is_loyalty_only=True)
    member("DEMO-MEMBER-3", "DEMO-SHOPPER-CODE")
    member("DEMO-ASSOCIATE-1", "DEMO-ASSOCIATE-CODE", MemberKind.ASSOCIATE)
    block_member(member("DEMO-BLOCKED-1", "DEMO-BLOCKED-CODE"), reason="caught stealing")
    return stores


@pytest.fixture
def amazon(settings: Any) -> Iterator[SandboxProcess]:
    with SandboxProcess(**TEST_KEYS) as process:
        settings.AMAZON_PAYMENTS_URL = process.url
        yield process


@pytest.fixture(autouse=True)
def no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the tests sends headers and body apart; the second would wait 40 ms for the first."""
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)


@pytest.fixture(autouse=True)
def one_request_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite the server's threads share the tests' one connection, which no two of them may use at once."""
    if connection.vendor == "postgresql":
        return
    lock, handle = Lock(), WSGIHandler.get_response

    def get_response(self: WSGIHandler, request: Any) -> Any:
        with lock:
            return handle(self, request)

    monkeypatch.setattr(WSGIHandler, "get_response", get_response)


@pytest.fixture
def gate(live_server: Any, amazon: SandboxProcess) -> Iterator[Gate]:
    with closing(Gate(live_server.url, "test-connector-key", amazon.url, app_key="test-write-key")) as gate:
        yield gate


def a_worker_ticks() -> None:
    price_due()
    collect_due()


def somebody_owes(gate: Gate) -> None:
    tapped = card_visit(DEBTOR)
    trip_id = f"declined-payment-trip-uuid-{tapped.cart['idempotentShoppingTripId']}"
    assert isinstance(gate.visit(replace(tapped, cart=tapped.cart | {"idempotentShoppingTripId": trip_id})), Delivery)
    a_worker_ticks()
    assert Debt.objects.get().shopper_id == DEBTOR


def card_visit(shopper_id: str) -> Visit:
    water = {"id": "WATER-500", "type": "SKU", "quantity": {"value": "1.0", "unit": "unit"}}
    cart = random_cart(Random(), SHOPS[0], "FINANCIAL")
    return Visit(cart | {"cartItems": [water], "shopperIdentity": {"id": shopper_id}})


def test_every_case_of_amazons_pages_passes(live_server: Any, gate: Gate, shops: dict[str, Store]) -> None:
    somebody_owes(gate)
    GateRules.objects.create(store=a_store("OWN-RULES"), recommendation=Recommendation.IGNORE)
    GateRules.objects.create(store=a_store("HOLDS-LESS"), most_held=Decimal(20))
    states = {"--override-store": "OWN-RULES", "--holding-store": "HOLDS-LESS", "--debtor-shopper-id": DEBTOR}
    keys = {"--base-url": live_server.url, "--key": "test-connector-key", "--app-key": "test-write-key"}
    options = keys | states | {"--unconfigured-store": "DEMO-CHECKOUT"}
    arguments = [part for pair in options.items() for part in pair]
    output = StringIO()

    with suppress(SystemExit):
        call_command("connectivity_test", "--json", *arguments, stdout=output)

    cases = json.loads(output.getvalue())["cases"]
    assert [case for case in cases if case["outcome"] == "FAIL"] == []
    skipped = {f"{case['section']} {case['number']}" for case in cases if case["outcome"] == "SKIP"}
    assert skipped == NEVER_PLAYED


def test_who_owes_is_denied_at_the_gate_until_it_is_paid(gate: Gate) -> None:
    somebody_owes(gate)

    again = gate.visit(card_visit(DEBTOR))

    assert isinstance(again, NoDelivery)
    assert "refused at the gate: BadDebt" in str(again)
    assert Trip.objects.count() == 1
    assert not GateDecision.objects.latest("id").is_authorized

    Debt.objects.all().delete()
    assert isinstance(gate.visit(card_visit(DEBTOR)), Delivery)


def test_an_hour_at_the_gates(gate: Gate) -> None:
    outcomes = [(visit, gate.visit(visit)) for visit in islice(random_visits(Random(10)), 120)]
    price_due()

    delivered = {outcome.trip_id: visit for visit, outcome in outcomes if isinstance(outcome, Delivery)}
    refused = [visit for visit, outcome in outcomes if "refused at the gate" in str(outcome)]
    assert set(Trip.objects.values_list("amazon_trip_id", flat=True)) == set(delivered)
    assert {str(visit.guest) for visit in refused} >= {"DEMO-BLOCKED-CODE", "CODE-OF-NOBODY"}
    assert not any(str(visit.guest) in {"DEMO-BLOCKED-CODE", "CODE-OF-NOBODY"} for visit in delivered.values())
    for trip in Trip.objects.select_related("member"):
        guest = delivered[trip.amazon_trip_id].guest
        if guest is not None:
            assert trip.member is not None
            assert trip.member.external_id == trip.shopper_id
    scans = Scan.objects.filter(kind=Scan.Kind.IDENTITY)
    assert set(scans.values_list("is_accepted", flat=True)) == {True, False}
    assert scans.filter(member__kind=MemberKind.ASSOCIATE).exists()
    assert Scan.objects.filter(kind=Scan.Kind.LOYALTY, is_accepted=True).exists()
    assert GateDecision.objects.filter(is_authorized=True).exists()
