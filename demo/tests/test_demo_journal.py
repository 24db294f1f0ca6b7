"""The accountant's journal of the demo's 60 days, against what its trips and events say, added up in Python."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.test import Client

from core.tests.staff import staff_with
from orders.models import Line, Trip
from payments.models import Charge, Debt, DebtSettlement, PaymentEvent
from reports.models import JournalDay, RefundDay, TripDay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("filled")]

Sums = dict[tuple[Any, ...], Decimal]
ZERO = Decimal(0)


def summed(rows: Any, key: Callable[[Any], tuple[Any, ...]], amount: Callable[[Any], Decimal]) -> Sums:
    sums: Sums = defaultdict(Decimal)
    for row in rows:
        sums[key(row)] += amount(row)
    return {what: worth for what, worth in sums.items() if worth}


def balance(row: JournalDay) -> Decimal:
    return row.debit - row.credit


def on_day(row: JournalDay) -> tuple[int, date, str]:
    return row.store_id, row.booked_on, row.currency


def local(moment: datetime, charge: Charge) -> date:
    return moment.astimezone(ZoneInfo(charge.trip.store.time_zone)).date()


def events(kind: str, phase: str) -> list[PaymentEvent]:
    return list(PaymentEvent.objects.filter(kind=kind, phase=phase).select_related("charge__trip__store"))


def of_event(event: PaymentEvent) -> tuple[int, date, str]:
    return event.charge.trip.store_id, local(event.at, event.charge), event.currency


def worth(event: PaymentEvent) -> Decimal:
    return event.amount or ZERO


def test_debits_equal_credits_whichever_way_they_are_summed() -> None:
    rows = list(JournalDay.objects.all())
    assert {row.booking for row in rows} >= {"sale", "taken", "refund", "paid_in_store", "waived", "written_off"}

    assert summed(rows, on_day, balance) == {}
    assert summed(rows, lambda row: (*on_day(row), row.booking, row.flow, row.processor), balance) == {}


def test_sales_and_tax_are_those_of_the_overview_and_of_the_lines() -> None:
    sales = JournalDay.objects.filter(booking="sale")
    by_day = summed(sales.exclude(account="shoppers"), on_day, lambda row: -balance(row))
    tax = summed(sales.filter(account="tax"), on_day, lambda row: -balance(row))
    overview = list(TripDay.objects.all())

    def day(row: TripDay) -> tuple[Any, ...]:
        return row.store_id, row.day, row.currency

    assert by_day == summed(overview, day, lambda row: row.gross)
    assert tax == summed(overview, day, lambda row: row.tax)
    by_rate = summed(sales.filter(account="tax"), lambda row: (row.store_id, row.tax_rate), lambda row: -balance(row))
    lines = Line.objects.filter(trip__total__isnull=False).select_related("trip")
    assert by_rate == summed(lines, lambda line: (line.trip.store_id, line.tax_rate), lambda line: line.tax)


def test_what_was_taken_stands_on_the_day_of_the_capture() -> None:
    taken = summed(JournalDay.objects.filter(booking="taken", account="shoppers"), on_day, lambda row: row.credit)

    assert taken == summed(events("capture", "succeeded"), of_event, worth)


def test_refunds_are_those_of_the_overview_and_leave_whom_they_were_taken_by() -> None:
    rows = JournalDay.objects.filter(booking__in=["refund", "paid_back"], credit__gt=0)
    refunds = RefundDay.objects.all()

    assert summed(rows, on_day, lambda row: row.credit) == summed(
        refunds, lambda row: (row.store_id, row.day, row.currency), lambda row: row.amount
    )
    assert set(rows.values_list("account", flat=True)) == {"PAYMENT_SERVICE", "house_account"}
    assert all(row.account == (row.processor or row.flow) for row in rows)


def test_debts_are_paid_waived_and_lost_on_their_days() -> None:
    means = {str(key): how for key, how in DebtSettlement.objects.values_list("key", "means")}
    for account in ("cash", "terminal"):
        paid = [event for event in events("debt", "paid") if means[event.key] == account]
        rows = JournalDay.objects.filter(account=account)
        assert summed(rows, on_day, balance) == summed(paid, of_event, worth) != {}
    for account, phase in (("waived", "waived"), ("bad_debts", "written_off")):
        rows = JournalDay.objects.filter(account=account)
        assert summed(rows, on_day, balance) == summed(events("debt", phase), of_event, worth) != {}


def test_what_shoppers_owe_in_the_end_is_what_is_not_settled() -> None:
    """Less what goes back to them: the demo's adjustments wait for their refunds."""
    owed: Sums = defaultdict(Decimal)
    lost = set(Debt.objects.filter(state="written_off").values_list("charge", flat=True))
    for charge in Charge.objects.exclude(pk__in=lost).select_related("trip"):
        total = charge.trip.total
        owed[charge.trip.store_id, charge.currency] += total - charge.captured - charge.settled
    for trip in Trip.objects.filter(charge__isnull=True, total__isnull=False):
        owed[trip.store_id, trip.currency] += trip.total
    rows = JournalDay.objects.filter(account="shoppers")

    found = summed(rows, lambda row: (row.store_id, row.currency), balance)
    assert found == {key: amount for key, amount in owed.items() if amount}


def test_folding_anew_changes_nothing() -> None:
    output = StringIO()
    call_command("rebuild_rollups", "--check", stdout=output)
    assert "agree" in output.getvalue()


def test_the_page_of_all_days_is_balanced(client: Client) -> None:
    client.force_login(staff_with("reports.view_reports"))
    today = datetime.now(UTC).date()
    days = f"from={today - timedelta(days=80)}&to={today + timedelta(days=1)}"
    for group in ("account", "day", "entry"):
        report = client.get(f"/reports/journal/?{days}&group={group}")
        blocks = report.context["report"].blocks
        assert {block.currency for block in blocks} == {"USD", "GBP"}
        for block in blocks:
            assert block.total["debit"] == block.total["credit"] == sum(row.get("debit", 0) for row in block.rows) > 0
