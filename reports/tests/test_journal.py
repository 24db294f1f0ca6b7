"""The accountant's journal: each thing that happens to money is booked, and debits equal credits."""

from collections import defaultdict
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DomainError
from core.tests.staff import staff_with
from orders.models import Trip
from orders.pricing import Price
from payments.models import Charge, Debt, HouseAccount, Refund
from payments.services.debts import paid, settle, write_off
from payments.services.house_accounts import pay_in
from payments.tests.adjusting import adjust
from payments.tests.app_trips import a_member, app_trip
from payments.tests.trips import captured_trip, collected, fresh, priced_trip, queued_refund, sent
from reports.checks import check_ledger_accounts
from reports.models import Fold, JournalDay, RefundDay, TripDay
from reports.refund_shares import Given, Sold, shares_of
from reports.tasks import fold_due
from reports.tests.rows import a_paid_trip, a_store, counted
from sandbox.testing import SandboxProcess
from stores.models import Product

DAY = date(2026, 3, 10)
ZERO = Decimal(0)


def fold() -> None:
    Fold.objects.update(next_attempt_at=datetime(2020, 1, 1, tzinfo=UTC))
    fold_due()


def booked(*bookings: str) -> dict[str, str]:
    """What was booked on each account, debits positive: `{"sales 10": "-6.25", …}`; of these bookings, or of all."""
    sums: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in JournalDay.objects.all():
        if not bookings or row.booking in bookings:
            name = row.account if row.tax_rate is None else f"{row.account} {row.tax_rate.normalize():f}"
            sums[name] += row.debit - row.credit
    return {name: f"{amount:.2f}" for name, amount in sums.items() if amount}


def assert_balanced() -> None:
    """Each day of each store by itself; and what stands there is what the command would make of it."""
    sums: defaultdict[tuple[object, ...], Decimal] = defaultdict(lambda: ZERO)
    for row in JournalDay.objects.all():
        sums[row.store_id, row.booked_on, row.currency] += row.debit - row.credit
    assert set(sums.values()) <= {ZERO}, sums
    call_command("rebuild_rollups", "--check", stdout=StringIO())


def declined(*items: tuple[str, str]) -> Trip:
    return collected(priced_trip(*items, trip_id=f"declined-payment-trip-uuid-{uuid4()}"))


def debt_of(trip: Trip) -> Debt:
    return Debt.objects.get(charge__trip=trip)


def pay(trip: Trip, amount: str, means: str = "cash") -> None:
    settle(debt_of(trip), key=uuid4(), amount=Decimal(amount), means=means, actor="clerk", note="At the counter.")


@pytest.fixture
def two_rates(sandbox: SandboxProcess, db: None) -> Trip:
    """A sandwich for 6.25 and 10 % of tax, and water for 1.50 without: 8.38 in all."""
    store = a_store("TEST-CARD")
    Product.objects.create(store=store, sku="AT-6.25", name="Sandwich", price=Decimal("6.25"), tax_rate=Decimal(10))
    return captured_trip(sandbox, ("6.25", "1"), ("1.50", "1"), store=store)


class TestSales:
    def test_each_rate_and_its_tax_and_who_took_the_money(self, two_rates: Trip) -> None:
        fold()

        assert booked("sale") == {"shoppers": "8.38", "sales 10": "-6.25", "tax 10": "-0.63", "sales 0": "-1.50"}
        assert booked("taken") == {"PAYMENT_SERVICE": "8.38", "shoppers": "-8.38"}
        assert set(JournalDay.objects.values_list("flow", "count")) == {("PAYMENT_SERVICE", 1)}
        assert_balanced()

    @pytest.mark.django_db
    def test_what_is_taken_after_midnight_counts_then(self) -> None:
        trip = a_paid_trip(a_store(), DAY, "10.00", hour=23)
        Charge.objects.filter(trip=trip).update(captured_at=trip.received_at + timedelta(hours=1))
        counted()

        days = {(row.booking, row.booked_on) for row in JournalDay.objects.all()}
        assert days == {("sale", DAY), ("taken", DAY + timedelta(days=1))}
        assert_balanced()

    @pytest.mark.django_db
    def test_what_nobody_has_paid_is_owed(self, sandbox: SandboxProcess) -> None:
        declined(("6.00", "1"))
        fold()

        assert booked() == {"shoppers": "6.00", "sales 0": "-6.00"}
        assert_balanced()


class TestRefunds:
    def test_of_an_item_take_back_its_rate(self, two_rates: Trip) -> None:
        sandwich = two_rates.lines.get(sku="AT-6.25")
        sent(queued_refund(two_rates, quantities={sandwich.pk: 1}))
        fold()

        assert booked("refund") == {"sales 10": "6.25", "tax 10": "0.63", "PAYMENT_SERVICE": "-6.88"}
        assert_balanced()

    def test_of_an_amount_take_back_all_rates_and_in_the_end_all_of_the_tax(self, two_rates: Trip) -> None:
        for amount in ("3.00", "2.35", "3.03"):
            sent(queued_refund(fresh(two_rates), amount, reason_label="Wrong price"))
            fold()
            assert_balanced()

        assert booked("refund") == {
            "sales 10": "6.25",
            "tax 10": "0.63",
            "sales 0": "1.50",
            "PAYMENT_SERVICE": "-8.38",
        }
        assert booked() == {}

    def test_what_came_of_an_adjustment_takes_back_no_sale_for_that_is_lower_already(self, two_rates: Trip) -> None:
        adjustment = adjust(two_rates, (2, "0"))
        fold()
        assert booked() == {"PAYMENT_SERVICE": "8.38", "shoppers": "-1.50", "sales 10": "-6.25", "tax 10": "-0.63"}

        sent(fresh(two_rates).charge.refunds.get(refund_request_id=adjustment.key))
        fold()

        assert booked("paid_back") == {"shoppers": "1.50", "PAYMENT_SERVICE": "-1.50"}
        assert booked() == {"PAYMENT_SERVICE": "6.88", "sales 10": "-6.25", "tax 10": "-0.63"}
        assert_balanced()

    def test_one_before_an_adjustment_is_split_anew(self, two_rates: Trip) -> None:
        """All but 1.00 was given back; then the sandwich is taken out, and only that is left to give."""
        sent(queued_refund(two_rates, "7.38", reason_label="Goodwill"))
        fold()
        yesterday = datetime.now(UTC) - timedelta(days=1)
        two_rates.charge.events.filter(kind="refund").update(at=yesterday)
        call_command("rebuild_rollups", stdout=StringIO())

        adjustment = adjust(fresh(two_rates), (1, "0"))
        sent(fresh(two_rates).charge.refunds.get(refund_request_id=adjustment.key))
        fold()

        assert booked("paid_back") == {"shoppers": "6.88", "PAYMENT_SERVICE": "-6.88"}
        assert booked() == {}
        assert_balanced()


@pytest.mark.django_db
class TestDebts:
    def test_are_paid_in_the_store(self, sandbox: SandboxProcess) -> None:
        trip = declined(("6.00", "1"))
        pay(trip, "2.50")
        pay(trip, "3.50", "terminal")
        fold()

        assert booked("paid_in_store") == {"cash": "2.50", "terminal": "3.50", "shoppers": "-6.00"}
        assert_balanced()

    def test_are_waived(self, sandbox: SandboxProcess) -> None:
        pay(declined(("6.00", "1")), "6.00", "waived")
        fold()

        assert booked() == {"waived": "6.00", "sales 0": "-6.00"}
        assert_balanced()

    def test_what_was_written_off_and_comes_after_all_is_no_loss(self, sandbox: SandboxProcess) -> None:
        trip = declined(("6.00", "1"), ("2.00", "1"))
        write_off(debt_of(trip), actor="manager", note="Nobody answers.")
        fold()
        assert booked() == {"bad_debts": "8.00", "sales 0": "-8.00"}

        pay(trip, "2.50")
        pay(trip, "1.00", "waived")
        adjust(fresh(trip), (2, "0"))
        fold()

        assert booked() == {"bad_debts": "2.50", "cash": "2.50", "waived": "1.00", "sales 0": "-6.00"}
        assert_balanced()

    def test_what_was_waived_and_is_not_owed_any_more_is_no_loss(self, sandbox: SandboxProcess) -> None:
        trip = declined(("6.00", "1"), ("4.00", "1"))
        pay(trip, "9.00", "waived")
        adjust(fresh(trip), (1, "0"))
        fold()

        assert booked() == {"waived": "4.00", "sales 0": "-4.00"}
        assert_balanced()

    def test_a_card_that_pays_after_all_is_a_capture(self) -> None:
        trip = a_paid_trip(a_store(), DAY, "10.00")
        charge = trip.charge
        for phase, key in (("opened", "1"), ("paid", "card/2")):
            charge.events.create(kind="debt", phase=phase, key=key, amount=Decimal(10), currency="USD")
        counted()

        assert booked() == {"PAYMENT_SERVICE": "10.00", "sales 0": "-10.00"}
        assert_balanced()


@pytest.mark.django_db
class TestDashCarts:
    """Paid from a member's house account, without a charge of the trip's own."""

    @pytest.fixture
    def trip(self, client: Client) -> Trip:
        a_member("MEMBER-1")
        store = a_store("Dash store", has_dash_cart=True)
        about = {"storeId": store.external_id, "shoppingTripId": "DASH-1"}
        held = self.call(client, "authorize", about | {"paymentSources": [{"id": "MEMBER-1"}]})
        trip = priced_trip(("6.25", "1"), ("1.50", "1"), store=store, trip_id="DASH-1")
        fold()
        assert booked() == {"shoppers": "7.75", "sales 0": "-7.75"}
        self.call(client, "capture", about | held)
        return trip

    def call(self, client: Client, what: str, body: dict[str, Any]) -> dict[str, Any]:
        body |= {"requestOrigin": {"id": "cart-7", "type": "DASH_CART"}}
        headers = {"x-api-key": "test-connector-key"}
        answer = client.post(f"/v1/order/{what}/charges", body, "application/json", headers=headers)
        assert answer.status_code == 200, answer.content
        told: dict[str, Any] = answer.json()
        return told

    def test_what_they_pay_is_taken_from_the_house_account(self, trip: Trip) -> None:
        fold()

        assert booked("taken") == {"house_account": "7.75", "shoppers": "-7.75"}
        assert booked() == {"house_account": "7.75", "sales 0": "-7.75"}
        assert_balanced()

    def test_what_they_pay_counts_on_the_day_of_the_capture(self, trip: Trip) -> None:
        Trip.objects.update(received_at=F("received_at") - timedelta(days=2))
        call_command("rebuild_rollups", stdout=StringIO())

        days = dict(JournalDay.objects.values_list("booking", "booked_on"))
        assert days["taken"] - days["sale"] == timedelta(days=2)
        assert_balanced()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_to_a_trip_its_accounts_say_where_its_money_is(sandbox: SandboxProcess, seed: int) -> None:
    """Some of it is refused, and that changes nothing."""
    random, store = Random(seed), a_store("TEST-CARD")
    for price, rate in (("6.25", "10"), ("1.50", "0"), ("3.33", "8.875")):
        Product.objects.create(store=store, sku=f"AT-{price}", name=price, price=Decimal(price), tax_rate=Decimal(rate))
    items = [(price, str(random.randint(1, 4))) for price in ("6.25", "1.50", "3.33")]
    trip = declined(*items) if random.random() < 0.5 else captured_trip(sandbox, *items, store=store)
    for _ in range(7):
        with suppress(DomainError):
            random.choice([_refund_amount, _refund_item, _adjust, _settle, _write_off])(random, fresh(trip))
        if random.random() < 0.6:
            for refund in Refund.objects.filter(charge=trip.charge, state="queued"):
                sent(refund)
        fold()
        assert_balanced()

    charge = fresh(trip).charge
    total, done = charge.trip.total, charge.events.filter(kind="refund", phase="succeeded")
    given = sum((event.amount for event in done), ZERO)
    overpaid = max(paid(charge) - total, ZERO)
    debt = Debt.objects.filter(charge=charge).first()
    owed = debt.owed if debt and debt.state == "open" else ZERO
    accounts = {name: Decimal(amount) for name, amount in booked().items()}
    assert accounts.get("shoppers", ZERO) == owed - max(overpaid - given, ZERO)
    assert accounts.get("PAYMENT_SERVICE", ZERO) == charge.captured - given
    sold = sum((amount for name, amount in accounts.items() if name.startswith(("sales", "tax"))), ZERO)
    assert -sold == total - (given - min(given, overpaid))
    in_store = accounts.get("cash", ZERO) + accounts.get("terminal", ZERO)
    assert in_store == paid(charge) - charge.captured
    assert accounts.get("waived", ZERO) >= 0
    assert accounts.get("bad_debts", ZERO) >= 0


def _refund_amount(random: Random, trip: Trip) -> None:
    queued_refund(trip, f"{random.uniform(0.01, 8):.2f}", reason_label="Goodwill")


def _refund_item(random: Random, trip: Trip) -> None:
    queued_refund(trip, quantities={random.choice(trip.lines.all()).pk: 1})


def _adjust(random: Random, trip: Trip) -> None:
    line = random.choice(trip.lines.all())
    adjust(trip, (line.position, str(max(int(line.quantity) - random.randint(1, 2), 0))))


def _settle(random: Random, trip: Trip) -> None:
    if debt := Debt.objects.filter(charge=trip.charge, owed__gt=0).first():
        part = random.choice([debt.owed, round(debt.owed / 3, 2)])
        pay(trip, f"{part:.2f}", random.choice(["cash", "terminal", "waived"]))


def _write_off(random: Random, trip: Trip) -> None:
    if debt := Debt.objects.filter(charge=trip.charge).first():
        write_off(debt, actor="manager", note="Nobody answers.")


AMOUNTS = st.integers(1, 5_000).map(lambda cents: Decimal(cents) / 100)
RATES = st.sampled_from([ZERO, Decimal(7), Decimal("8.875"), Decimal(19)])


def priced(totals: dict[Decimal, Decimal]) -> dict[Decimal, Price]:
    return {rate: Price(tax=round(total * rate / (100 + rate), 2), total=total) for rate, total in totals.items()}


SALES = st.dictionaries(RATES, AMOUNTS, min_size=1).map(priced)


@given(rates=SALES, overpaid=st.one_of(st.just(ZERO), AMOUNTS), parts=st.lists(st.integers(0, 100), max_size=6))
def test_however_it_is_given_back_nothing_is_off_by_a_cent(
    rates: dict[Decimal, Price], overpaid: Decimal, parts: list[int]
) -> None:
    paid = sum((price.total for price in rates.values()), overpaid)
    amounts = [round(paid * part / max(sum(parts), 1), 2) for part in parts]
    amounts = [*amounts, paid - sum(amounts)] if sum(amounts) <= paid else [paid]
    refunds = [Given(UUID(int=number), amount) for number, amount in enumerate(amounts) if amount]

    shares = shares_of(Sold("USD", rates, overpaid), refunds)

    for refund in refunds:
        share = shares[refund.id]
        assert share.overpaid + sum(price.total for price in share.sales.values()) == refund.amount
    assert sum(share.overpaid for share in shares.values()) == overpaid
    for rate, price in rates.items():
        given_back = [share.sales[rate] for share in shares.values() if rate in share.sales]
        assert sum(part.total for part in given_back) == price.total
        assert sum(part.tax for part in given_back) == price.tax


# --- The page --------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(client: Client, db: None) -> Client:
    client.force_login(staff_with("reports.view_reports", username="reader"))
    return client


def test_the_page_ties_out_with_the_overview(manager: Client, two_rates: Trip) -> None:
    sent(queued_refund(two_rates, "2.00", reason_label="Wrong price"))
    fold()

    blocks = {
        group: manager.get(f"/reports/journal/?period=7-days&group={group}").context["report"].blocks
        for group in ("account", "day", "entry")
    }

    for (block,) in blocks.values():
        assert block.total["debit"] == block.total["credit"]
    (by_account,) = blocks["account"]
    sold = sum(row["credit"] for row in by_account.rows if row["account"] in {"Sales", "Tax payable"})
    assert sold == sum(TripDay.objects.values_list("gross", flat=True)) == Decimal("8.38")
    (amazon,) = [row for row in by_account.rows if row["account"] == "Amazon's payment service"]
    assert (amazon["debit"], amazon["credit"]) == (Decimal("8.38"), RefundDay.objects.get().amount)
    (entries,) = blocks["entry"]
    assert {row["booking"] for row in entries.rows} == {"sale", "money taken", "refund"}
    assert {row["way"] for row in entries.rows} == {"Amazon's payment service"}
    assert {row["store"] for row in entries.rows} == {two_rates.store.name}


@pytest.mark.django_db
class TestHouseAccounts:
    """What members pay in belongs to no store."""

    @pytest.fixture(autouse=True)
    def payments(self, sandbox: SandboxProcess) -> None:
        store = a_store("TEST-HOUSE", processor="house_account")
        assert collected(app_trip(store=store)).state == "paid"
        account = HouseAccount.objects.get()
        for amount in ("30.00", "-4.00", "-1.00"):
            pay_in(account, amount=Decimal(amount), key=uuid4(), actor="manager", note="At the till.")
        fold()

    def rows(self, client: Client, group: str, also: str = "") -> list[dict[str, Any]]:
        (block,) = client.get(f"/reports/journal/?period=7-days&group={group}{also}").context["report"].blocks
        assert block.total["debit"] == block.total["credit"]
        rows: list[dict[str, Any]] = block.rows
        return rows

    def test_is_booked_for_who_sees_all_stores(self, client: Client) -> None:
        client.force_login(staff_with("reports.view_reports"))

        lines = [
            (row["store"], row["booking"], row["account"], row.get("debit"), row.get("credit"), row["count"])
            for row in self.rows(client, "entry")
            if row["booking"].startswith("paid")
        ]
        assert lines == [
            ("no store", "paid into a house account", "Payments into house accounts", 30, None, 1),
            ("no store", "paid into a house account", "House account", None, 30, 1),
            ("no store", "paid out of a house account", "House account", 5, None, 2),
            ("no store", "paid out of a house account", "Payments into house accounts", None, 5, 2),
        ]
        (account,) = [row for row in self.rows(client, "account") if row["account"] == "House account"]
        assert (account["debit"], account["credit"], account["count"]) == (15, 30, 4)
        assert len(self.rows(client, "day")) == 4

    def test_is_not_booked_where_a_store_was_chosen_or_hidden(self, client: Client) -> None:
        client.force_login(staff_with("reports.view_reports", username="everywhere"))
        store = Trip.objects.get().store
        chosen = self.rows(client, "account", f"&store={store.external_id}")
        local = staff_with("reports.view_reports", sees_all_stores=False)
        local.stores.add(store)
        client.force_login(local)
        hidden = self.rows(client, "account")

        for rows in (chosen, hidden):
            (account,) = [row for row in rows if row["account"] == "House account"]
            assert (account["debit"], account.get("credit")) == (10, None)


def test_accounts_have_the_retailers_own_numbers(manager: Client, two_rates: Trip, settings: Any) -> None:
    settings.LEDGER_ACCOUNTS = {"sales": "8000", "sales/10": "8400", "PAYMENT_SERVICE": "1360", "sale": "1"}
    fold()

    (block,) = manager.get("/reports/journal/?period=7-days&group=account").context["report"].blocks

    assert {(row["account"], row.get("tax_rate"), row.get("number")) for row in block.rows} == {
        ("Amazon's payment service", None, "1360"),
        ("Sales", Decimal(10), "8400"),
        ("Sales", Decimal(0), "8000"),
        ("Shoppers' debts", None, None),
        ("Tax payable", Decimal(10), None),
    }
    (warning,) = check_ledger_accounts()
    assert warning.msg == "LEDGER_ACCOUNTS: the journal has no account “sale”."


def test_entries_are_of_some_months_at_most(manager: Client) -> None:
    a_store()
    answer = manager.get("/reports/journal/?from=2026-01-01&to=2026-12-31&group=entry")
    assert "Each entry of at most 93 days: choose fewer, or another group." in answer.content.decode()
    assert manager.get("/reports/journal/csv/?from=2026-01-01&to=2026-12-31&group=entry").status_code == 400
    assert manager.get("/reports/journal/csv/?from=2026-01-01&to=2026-12-31").status_code == 200
