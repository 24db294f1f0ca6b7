"""Writing the demo's past: planned visits become rows, inserted table by table in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TextIO

from django.db import models, transaction

from amazon.models import OutboundCall
from core.progress import Progress
from demo.accounts import PastAccounts
from demo.assortment import create_stores
from demo.calls import past_calls, report_call
from demo.charges import PastCharge, past_charge
from demo.corrections import make_corrections
from demo.debts import past_settlements
from demo.feedback import past_reports
from demo.gate import create_gate_rules
from demo.members import create_members
from demo.past_loyalty import past_points
from demo.receipts import past_receipt
from demo.refunds import past_refund
from demo.trips import PastTrip, past_trip
from demo.visits import DAYS, Visit, plan
from loyalty.models import PointsEntry, Scan
from orders.models import Cart, Line, Trip, TripEvent, TripIdentity
from payments.models import (
    AccountEntry,
    CardDetails,
    Charge,
    Debt,
    DebtSettlement,
    FeedbackReport,
    HouseAccount,
    PaymentEvent,
    Receipt,
    Refund,
    RefundLine,
)
from stores.models import Product

BATCH = 500
# Calls of older trips would only fill the table.
CALLS_KEPT = timedelta(days=10)

# Each table after those that it points to.
TABLES: tuple[type[models.Model], ...] = (
    Trip,
    Cart,
    TripIdentity,
    Scan,
    Line,
    TripEvent,
    Charge,
    PaymentEvent,
    Debt,
    DebtSettlement,
    CardDetails,
    Receipt,
    Refund,
    RefundLine,
    PointsEntry,
    HouseAccount,
    AccountEntry,
    OutboundCall,
    FeedbackReport,
)


@dataclass(slots=True)
class History:
    """Unsaved rows by table."""

    now: datetime
    accounts: PastAccounts = field(default_factory=PastAccounts)
    rows: dict[type[models.Model], list[models.Model]] = field(default_factory=lambda: {table: [] for table in TABLES})

    def add(self, rows: Sequence[models.Model | None]) -> None:
        for row in rows:
            if row is not None:
                self.rows[type(row)].append(row)

    def add_visit(self, visit: Visit, past: PastTrip) -> None:
        self.add([past.trip, past.cart, *past.identities, *past.scans, *past.lines, *past.events])
        if past.priced_at is None:
            return
        charge = past_charge(visit, past.trip, past.priced_at, self.now)
        self._add_charge(visit, past, charge)

    def _add_charge(self, visit: Visit, past: PastTrip, charge: PastCharge) -> None:
        settlements = past_settlements(visit, charge, self.now)
        refund = past_refund(visit, past.lines, charge, self.now)
        reports = past_reports(visit, charge, self.now)
        self.add([charge.charge, *charge.events, charge.card, past_receipt(visit, charge.charge)])
        self.add([charge.debt, *settlements])
        if refund is not None:
            self.add([refund.refund, *refund.lines])
        self.add(past_points(past.trip, charge, refund))
        self.accounts.add(charge, refund)
        if visit.ended_at > self.now - CALLS_KEPT:
            self.add(list(past_calls(visit, charge, refund, past.lines)))
            self.add([report_call(visit, report) for report in reports])
        self.add(reports)


def write_history(seed: int, now: datetime, output: TextIO) -> int:
    """Stores, products, members and trips, all or nothing. Returns the number of trips."""
    visits = plan(seed, now)
    with transaction.atomic():
        stores = create_stores()
        create_gate_rules(stores)
        members = create_members(now - timedelta(days=DAYS + 30))
        products: dict[str, dict[str, Product]] = {name: {} for name in stores}
        for product in Product.objects.select_related("store"):
            products[product.store.external_id][product.sku] = product
        history = History(now)
        for visit in visits:
            past = past_trip(visit, stores[visit.store], products[visit.store], members, now)
            history.add_visit(visit, past)
        history.add(history.accounts.rows(members, now))
        _insert(history, output)
        make_corrections(seed, now)
    return len(visits)


def _insert(history: History, output: TextIO) -> None:
    progress = Progress(output, "Demo data", sum(len(rows) for rows in history.rows.values()))
    for table, rows in history.rows.items():
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            table._default_manager.bulk_create(batch)
            progress.advance(len(batch))
