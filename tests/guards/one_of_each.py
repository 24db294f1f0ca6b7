"""One row of everything that happens at a store."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from amazon.models import InboundCall
from loyalty.models import Promotion
from loyalty.tests.people import a_member, a_scan
from payments.models import AccountEntry, BlockedShopper, ContestedCart, DashCartCharge, GateDecision, GateRules
from payments.tests.admin_rows import (
    a_call,
    a_product,
    a_receipt,
    a_refund,
    a_report,
    a_store,
    paid_trip,
)
from stores.models import Store


def rows_at(store: Store) -> dict[type[Model], Any]:
    """By model, of each that the admin shows and that belongs to a store."""
    name = store.external_id
    member = a_member(f"member-of-{name}", email="someone@shopper.example")
    trip = paid_trip("10.00", captured="6.00", store=store, member=member, shopper_id="card-1")
    trip.charge.debt.shopper_id = "card-1"
    trip.charge.debt.save()
    rows = [
        store,
        a_product(store),
        trip,
        trip.charge.debt,
        a_refund(trip, "1.00", "failed"),
        a_receipt(trip, "sent", email="someone@shopper.example"),
        a_report(trip, "rejected"),
        ContestedCart.objects.create(trip=trip, store=store, opened_by="clerk"),
        a_call(trip, "capture", 200),
        InboundCall.objects.create(
            at=datetime.now(UTC),
            endpoint="/v1/order/purchases",
            caller="key 1",
            store_external_id=store.external_id,
            amazon_trip_id=trip.amazon_trip_id,
            body="{}",
            is_whole=True,
            status=201,
            answer="{}",
            duration_ms=3,
        ),
        a_scan(member, store),
        Promotion.objects.create(store=store, promotion_id="SPRING"),
        GateRules.objects.create(store=store),
        GateDecision.objects.create(store=store, shopper_id="card-1", is_authorized=True),
        BlockedShopper.objects.create(store=store, shopper_id="card-2", reason="Took a trolley.", blocked_by="clerk"),
        DashCartCharge.objects.create(store=store, amazon_trip_id=f"dash-{name}", member=member),
        AccountEntry.objects.create(
            member=member, store=store, amount=Decimal(3), currency="USD", reference=f"trip/{name}"
        ),
    ]
    return {type(row): row for row in rows}


def two_stores() -> tuple[dict[type[Model], Any], dict[type[Model], Any]]:
    return rows_at(a_store("Here")), rows_at(a_store("There"))
