"""The page of a receipt, as a shopper without a login opens it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Line, Trip
from payments.models import CardDetails, Charge, DebtSettlement, Receipt
from payments.tests.admin_rows import a_line, a_receipt, a_refund, a_store, paid_trip
from stores.models import PaymentFlow, Processor, Store

EMV = {
    "brand": "VISA",
    "posEntryMode": "EMV_9F39_07",
    "authorizationResponseCode": "00",
    "applicationId": "A0000000031010",
    "expirationDate": {"expirationYear": "2031", "expirationMonth": "12"},
    "terminalId": "12345678",
    "reconciliationId": "ABC123456789",
}

pytestmark = pytest.mark.django_db


def address(receipt: Receipt) -> str:
    return f"/receipts/{receipt.token}/"


def page(client: Client, trip: Trip) -> str:
    receipt = Receipt.objects.filter(charge__trip=trip).first() or a_receipt(trip)
    answer = client.get(address(receipt))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_names_store_time_items_and_card(client: Client) -> None:
    tokyo = a_store("Shibuya", time_zone="Asia/Tokyo", receipt_header="1 Main Street\nTax number 12-345")
    trip = paid_trip(store=tokyo, ended_at=datetime(2026, 11, 24, 20, 5, tzinfo=UTC))

    shown = page(client, trip)

    assert "<h1>Shibuya</h1>" in shown
    assert "1 Main Street<br>Tax number 12-345" in shown
    assert "25 Nov 2026, 05:05 JST" in shown
    assert 'Apple<br><span class="hint">2 units</span></td> <td class="number">$3.44</td>' in shown
    assert "Paid by VISA ending in 4242" in shown
    assert trip.amazon_trip_id in shown
    assert trip.purchase_id in shown


def taxed(trip: Trip, **taxes: str) -> None:
    """The trip's lines get these rates; each amount of tax is a tenth of its line's total."""
    Line.objects.filter(trip=trip).delete()
    for sku, rate in taxes.items():
        a_line(trip, sku, quantity="1", total="11.00", tax=Decimal("1.00"), tax_rate=Decimal(rate))


def test_taxes_are_shown_by_rate_and_prices_without_them(client: Client) -> None:
    trip = paid_trip("33.00", tax=Decimal(3), subtotal=Decimal(30))
    taxed(trip, apple="20", pear="5", fig="20")

    shown = page(client, trip)

    assert '<th scope="row" colspan="2">Subtotal</th><td class="number">$30.00</td>' in shown
    assert '<th scope="row" colspan="2">Total</th><td class="number">$33.00</td>' in shown
    low, high = shown.index("<td>5 %</td>"), shown.index("<td>20 %</td>")
    assert low < high
    sums = ['<td class="number">$20.00</td>', '<td class="number">$2.00</td>', '<td class="number">$22.00</td>']
    assert shown[high:].startswith("<td>20 %</td>" + "".join(sums))
    assert shown.count('<td class="number">$10.00</td> </tr>') == 3


def test_where_prices_hold_the_tax_items_cost_what_stands_on_the_shelf(client: Client) -> None:
    trip = paid_trip("11.00", store=a_store("Europe", prices_include_tax=True), tax=Decimal(1), subtotal=Decimal(10))
    taxed(trip, apple="10")

    shown = page(client, trip)

    assert "Total with tax" in shown
    assert "Subtotal" not in shown
    assert '<td class="number">$11.00</td> </tr>' in shown


def test_what_is_still_owed_and_how_a_part_was_settled(client: Client) -> None:
    trip = paid_trip("10.00", captured="4.00")
    assert '<tr class="owed"><td>Not paid yet</td><td class="number">$6.00</td>' in page(client, trip)

    for means, amount in (("cash", "3.00"), ("waived", "1.00")):
        DebtSettlement.objects.create(
            debt=trip.charge.debt, means=means, amount=Decimal(amount), currency="USD", actor="manager"
        )
    Charge.objects.update(settled=Decimal("4.00"))

    shown = page(client, trip)
    assert "Paid in the store: cash" in shown
    assert "Waived" in shown
    assert 'Not paid yet</td><td class="number">$2.00' in shown
    assert "manager" not in shown


def test_refunds_are_shown_when_they_are_done(client: Client) -> None:
    trip = paid_trip("10.00")
    a_refund(trip, "2.00", "done")
    a_refund(trip, "1.50", "done")
    a_refund(trip, "3.00", "unknown")
    a_refund(trip, "0.70", "failed")

    shown = page(client, trip)

    assert 'Given back in all</td><td class="number">$3.50' in shown
    assert "$3.00" not in shown
    assert "$0.70" not in shown


def test_the_card_block_has_no_expiration_date(client: Client) -> None:
    trip = paid_trip()
    CardDetails.objects.update(emv=EMV)

    shown = page(client, trip)

    for fact in ("contactless", "A0000000031010", "12345678", "ABC123456789", "Authorization response"):
        assert fact in shown
    assert "2031" not in shown


@pytest.mark.parametrize("value", [{"a": 1}, [1, 2], 7, True, "<b>x</b>", "x" * 1000, "EMV_9F39_99"])
def test_whatever_amazon_says_of_the_card_is_shown_as_text(client: Client, value: Any) -> None:
    trip = paid_trip()
    CardDetails.objects.update(emv={"posEntryMode": value, "terminalId": value})

    shown = page(client, trip)

    assert "<b>x</b>" not in shown
    assert "x" * 61 not in shown


def test_names_of_products_and_stores_are_text(client: Client) -> None:
    trip = paid_trip(store=a_store("<i>Shop</i>", receipt_header="<script>x</script>"))
    Line.objects.update(name="<script>y</script>")

    shown = page(client, trip)

    assert "<script>" not in shown
    assert "<i>" not in shown


def test_a_test_stores_receipt_says_that_nobody_was_charged(client: Client) -> None:
    assert "nobody was charged" not in page(client, paid_trip())

    assert "A test: nobody was charged." in page(client, paid_trip(store=a_store("Test shop", is_test_mode=True)))


def test_a_processor_of_our_own_charges_in_a_test_store_too(client: Client) -> None:
    """Test mode is Amazon's: a house account or a saved card is charged all the same."""
    trip = paid_trip(store=a_store("Test shop", is_test_mode=True))
    Charge.objects.update(flow=PaymentFlow.OWN_PROCESSOR, processor=Processor.HOUSE_ACCOUNT)

    assert "nobody was charged" not in page(client, trip)


@pytest.mark.parametrize("token", ["nonsense", "x" * 500, "ü", "a'b", "%2e%2e"])
def test_an_unknown_address_is_a_plain_404(client: Client, token: str) -> None:
    answer = client.get(f"/receipts/{token}/")

    assert answer.status_code == 404
    assert "There is no such receipt" in answer.content.decode()


@pytest.mark.parametrize("token", [None, "nonsense"])
def test_nothing_in_between_keeps_or_passes_on_the_address(client: Client, token: str | None) -> None:
    answer = client.get(f"/receipts/{token or a_receipt(paid_trip()).token}/")

    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies
    assert answer["Vary"] == "Accept-Language"  # and not on a session


def test_a_login_changes_nothing(client: Client, admin_client: Client) -> None:
    trip = paid_trip()

    assert page(client, trip) == page(admin_client, trip)


def test_it_can_only_be_read(client: Client) -> None:
    url = address(a_receipt(paid_trip()))

    assert client.head(url).status_code == 200
    assert client.post(url).status_code == client.delete(url).status_code == 405


def test_the_number_of_statements_does_not_grow(client: Client) -> None:
    trip = paid_trip("1000.00", captured="900.00")
    url = address(a_receipt(trip))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    before = statements()
    for number in range(10):
        a_line(trip, f"SKU-{number}")
        a_refund(trip, "1.00", "done")
        DebtSettlement.objects.create(
            debt=trip.charge.debt, means="cash", amount=Decimal(1), currency="USD", actor="manager"
        )
    assert statements() == before <= 4


def test_each_receipt_has_an_address_that_nobody_can_guess(client: Client) -> None:
    tokens = {a_receipt(paid_trip()).token for _ in range(20)}

    assert len(tokens) == 20
    assert all(len(token) == 32 for token in tokens)
    assert Store.objects.count() == 1


def test_a_code_to_scan_leads_to_it_where_the_servers_address_is_known(client: Client, settings: Any) -> None:
    trip = paid_trip()
    assert "<svg" not in page(client, trip)

    settings.BASE_URL = "https://shop.example/"

    assert "<svg" in page(client, trip)
    assert "This receipt as a page" in page(client, trip)
