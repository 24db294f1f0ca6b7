"""The demo's past: what documentation relies on, and that it is a past that the application could have had."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from demo.people import LOGINS
from orders.models import Trip
from orders.states import TripState
from payments.models import Refund
from payments.services.trips import balances_of, with_money
from payments.states import RefundState
from stores.models import PaymentFlow, Product, Store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("filled")]


def test_stores_and_prices_are_those_that_documentation_names() -> None:
    stores = {store.external_id: store for store in Store.objects.all()}
    card, combo, checkout = stores["DEMO-CARD"], stores["DEMO-COMBO"], stores["DEMO-CHECKOUT"]
    assert (card.currency, card.region, card.prices_include_tax) == ("USD", "us-east-1", False)
    assert (combo.currency, combo.region, combo.prices_include_tax) == ("GBP", "eu-west-1", True)
    assert (checkout.currency, checkout.region) == ("USD", "us-west-2")
    assert (card.card_flow, checkout.card_flow) == (PaymentFlow.PAYMENT_SERVICE, PaymentFlow.CHECKOUT_SERVICE)

    def price(store: Store, sku: str) -> tuple[Decimal, Decimal]:
        return Product.objects.values_list("price", "tax_rate").get(store=store, sku=sku)

    for store in (card, checkout):
        assert price(store, "WATER-500") == (Decimal("1.50"), 0)
        assert price(store, "SANDWICH-BLT") == (Decimal("6.25"), 10)
    assert price(combo, "SANDWICH-BLT") == (Decimal("4.00"), 20)
    assert price(combo, "CRISPS") == (Decimal("1.20"), 20)


def test_sixty_days_of_trips_in_every_state() -> None:
    trips = Trip.objects.all()
    assert set(trips.values_list("state", flat=True)) == set(TripState.values)
    assert set(Refund.objects.values_list("state", flat=True)) == set(RefundState.values)
    assert 1900 < trips.count() < 2100
    days = {received_at.date() for received_at in trips.values_list("received_at", flat=True)}
    assert len(days) >= 60
    assert timezone.now() - min(trips.values_list("received_at", flat=True)) < timedelta(days=62)


def test_its_money_adds_up_as_if_it_had_happened() -> None:
    for trip in with_money(Trip.objects.all()):
        lines = list(trip.lines.all())
        if trip.total is not None:
            assert sum((line.total for line in lines), Decimal(0)) == trip.total
        if charge := getattr(trip, "charge", None):
            balances = balances_of(trip)
            committed = balances.refunded + balances.refund_pending
            assert (charge.captured, charge.committed) == (balances.captured.amount, committed.amount)
            assert (trip.state == TripState.PAID) == (charge.captured == charge.amount and charge.amount > 0)


def test_the_three_logins_see_what_their_work_needs(client: Client) -> None:
    trip = Trip.objects.filter(state=TripState.PAID).first()
    assert trip is not None

    for name in LOGINS:
        assert client.login(username=name, password="demo-password")
        assert client.get("/admin/orders/trip/").status_code == 200
        assert client.get(f"/admin/orders/trip/{trip.pk}/change/").status_code == 200
    assert client.get("/admin/auth/user/").status_code == 200
    client.login(username="associate", password="demo-password")
    assert client.get("/admin/auth/user/").status_code == 403
