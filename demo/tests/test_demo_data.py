"""The demo's past: what documentation relies on, and that it is a past that the application could have had."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from amazon.models import OutboundCall
from demo.people import LOGINS
from demo.sandbox_books import stage_past
from demo.visits import DAYS
from orders.models import Adjustment, Trip
from orders.states import TripState
from payments.models import (
    CardDetails,
    Charge,
    ContestedCart,
    Debt,
    DebtSettlement,
    FeedbackReport,
    PaymentEvent,
    Receipt,
    Refund,
)
from payments.services.debts import paid
from payments.services.trips import balances_of, with_money
from payments.states import ChargeState, ContestState, DebtState, FeedbackState, RefundState, SettlementMeans
from sandbox.testing import SandboxProcess
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
    assert set(FeedbackReport.objects.values_list("state", flat=True)) == set(FeedbackState.values)
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
            assert (trip.state == TripState.PAID) == (paid(charge) == charge.amount and charge.amount > 0)


def test_some_trips_were_adjusted_and_some_carts_contested_in_the_last_days() -> None:
    assert set(ContestedCart.objects.values_list("state", flat=True)) == set(ContestState.values)
    for adjustment in Adjustment.objects.select_related("trip__charge"):
        trip = adjustment.trip
        assert trip.total == adjustment.total_after < trip.charge.captured == trip.charge.amount
        assert trip.charge.committed == trip.charge.captured - trip.total
        assert trip.received_at < adjustment.at < timezone.now()
    assert Adjustment.objects.count() == 3


def test_debts_of_every_kind_add_up() -> None:
    assert set(Debt.objects.values_list("state", flat=True)) == set(DebtState.values)
    assert set(DebtSettlement.objects.values_list("means", flat=True)) == set(SettlementMeans.values)
    for trip in with_money(Trip.objects.filter(charge__debt__isnull=False)):
        charge, debt = trip.charge, trip.charge.debt
        settled = sum((row.amount for row in debt.settlements.all()), Decimal(0))
        assert charge.captured + settled + debt.owed == charge.amount
        assert (charge.settled, debt.owed) == (settled, balances_of(trip).outstanding.amount)


def test_what_amazons_checkout_collects_has_an_order_and_is_amazons_to_refund() -> None:
    charges = Charge.objects.filter(flow=PaymentFlow.CHECKOUT_SERVICE)

    assert {charge.trip.store.external_id for charge in charges.select_related("trip__store")} == {"DEMO-CHECKOUT"}
    assert set(charges.values_list("state", flat=True)) == {"pending", "captured", "cancelled", "expired", "failed"}
    assert not charges.filter(state=ChargeState.CAPTURED, remote_id="").exists()
    for left_to_amazon in (Refund, CardDetails, Receipt, FeedbackReport):
        assert not left_to_amazon.objects.filter(charge__in=charges).exists()


def test_large_refunds_were_decided_by_a_second_person() -> None:
    for refund in Refund.objects.select_related("charge__trip__store"):
        is_large = refund.amount > refund.charge.trip.store.refund_approval_above
        awaits = refund.state == RefundState.PENDING_APPROVAL
        assert bool(refund.decided_by) == (is_large and not awaits), refund
        assert refund.decided_by != refund.requested_by
        assert is_large or not awaits


def test_amazon_was_not_asked_for_refunds_that_were_not_approved() -> None:
    unsent = Refund.objects.filter(state__in=[RefundState.PENDING_APPROVAL, RefundState.REJECTED])
    trips = unsent.values_list("charge__trip__amazon_trip_id", flat=True)
    assert trips
    assert not OutboundCall.objects.filter(operation="refund", amazon_trip_id__in=trips)


def test_amazon_was_told_what_is_settled_of_every_outcome() -> None:
    without_outcome = {ChargeState.ADJUSTING, ChargeState.UNKNOWN, ChargeState.FAILED}
    charges = Charge.objects.exclude(flow=PaymentFlow.CHECKOUT_SERVICE)
    charges = charges.select_related("trip").prefetch_related("feedback", "events")
    for charge in charges:
        reports = list(charge.feedback.all())
        if charge.state in without_outcome:
            assert not reports
            continue
        total = charge.trip.total
        assert (reports[-1].total, reports[-1].settled) == (total, min(total, charge.captured + charge.settled)), charge
        ended = [report for report in reports if report.state in {"accepted", "rejected", "failed"}]
        assert sum(event.kind == "feedback" for event in charge.events.all()) == len(ended)
        assert all(report.next_attempt_at for report in reports if report not in ended)


def test_the_three_logins_see_what_their_work_needs(client: Client) -> None:
    trip, elsewhere = (
        Trip.objects.filter(state=TripState.PAID, store__external_id=store).first()
        for store in ("DEMO-CARD", "DEMO-CHECKOUT")
    )
    assert trip is not None
    assert elsewhere is not None

    for name in LOGINS:
        assert client.login(username=name, password="demo-password")
        assert client.get("/admin/orders/trip/").status_code == 200
        assert client.get(f"/admin/orders/trip/{trip.pk}/change/").status_code == 200
    assert client.get("/admin/staff/user/").status_code == 200
    client.login(username="associate", password="demo-password")
    assert client.get("/admin/staff/user/").status_code == 403
    assert client.get(f"/admin/orders/trip/{elsewhere.pk}/change/").status_code == 404


def test_the_sandboxs_books_agree_with_it(settings: Any) -> None:
    days = ["--from", str(timezone.now().date() - timedelta(days=DAYS + 2)), "--to", str(timezone.now().date())]
    with SandboxProcess() as sandbox:
        settings.RECONCILE_BOOKS_URL = f"{sandbox.url}/books"
        stage_past(sandbox.url)

        call_command("reconcile", *days, stdout=StringIO())

        PaymentEvent.objects.filter(kind="capture", phase="succeeded").update(amount=F("amount") + 1)
        with pytest.raises(CommandError, match=r"\d,\d{3} differences"):
            call_command("reconcile", *days, stdout=StringIO())
