"""POST /v1/order/product, /v2/order/products and /v1/order/products: prices for a Dash Cart that is under way."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amazon.tests.bodies import Json, changed
from orders.models import DashCartTotal, Trip
from orders.services.pricing import price_trip
from orders.tests.amazon_carts import cart, item
from orders.tests.conftest import Post
from orders.tests.dash_carts import (
    PREVIEW_V1,
    PREVIEW_V2,
    PRODUCT,
    Send,
    full_preview_question,
    preview_question,
    product_question,
    sender,
)
from stores.models import Barcode, Product, Store

STORE = "DEMO-CARD"
PREVIEWS = [PREVIEW_V1, PREVIEW_V2]


@pytest.fixture
def dash(store: Store) -> Store:
    store.has_dash_cart = True
    store.save()
    return store


@pytest.fixture
def shelf(dash: Store) -> Store:
    """Water at 1.50 without tax, a sandwich at 5.75 with 8.25 %, cheese at 12.99 a kilogram with 8.25 %."""
    water = Product.objects.create(store=dash, sku="WATER-500", name="Water", price=Decimal("1.50"))
    Barcode(product=water, code="0123456789").save()
    tax = {"tax_rate": Decimal("8.25")}
    Product.objects.create(store=dash, sku="SANDWICH", name="Sandwich", price=Decimal("5.75"), **tax)
    Product.objects.create(store=dash, sku="CHEESE", name="Cheese", price=Decimal("12.99"), unit="kg", **tax)
    return dash


@pytest.fixture
def send(client: Client) -> Send:
    return sender(client)


def usd(amount: float) -> Json:
    return {"amount": amount, "currencyCode": "USD"}


def test_scanned_item_is_looked_up(shelf: Store, send: Send) -> None:
    answer = send(PRODUCT, product_question(STORE))

    assert answer.status_code == 200
    assert answer.json() == {
        "product": {
            "id": "0123456789",
            "type": "SCANCODE",
            "quantity": {"value": "1", "unit": "unit"},
            "pricing": {
                "unitPrice": usd(1.5),
                "unitPriceContext": {"amount": usd(1.5), "quantity": {"value": "1", "unit": "unit"}},
                "taxes": [],
            },
        },
        "constraintViolations": [],
    }
    assert b'"amount":1.50,' in answer.content, "a number, with the currency's decimals"


def test_item_is_looked_up_with_its_tax(shelf: Store, send: Send) -> None:
    answer = send(PRODUCT, product_question(STORE, cartItem=item("SANDWICH", "2")))

    pricing = answer.json()["product"]["pricing"]
    assert pricing["unitPrice"] == usd(5.75)
    assert pricing["taxes"] == [{"description": "Tax 8.25 %", "amount": usd(0.95), "percentage": 8.25}]


def test_item_that_the_store_does_not_sell_is_not_found(shelf: Store, send: Send) -> None:
    answer = send(PRODUCT, product_question(STORE, cartItem=item("MYSTERY")))

    assert answer.status_code == 404
    assert "MYSTERY" in answer.json()["errorMsg"]


def test_preview_shows_each_line_and_the_total(shelf: Store, send: Send) -> None:
    lines = [item("SANDWICH", "2", lineItemId="L1"), item("CHEESE", "0.347", "KILOGRAM"), item()]

    answer = send(PREVIEW_V2, preview_question(STORE, *lines))

    content = answer.json()
    sandwich, cheese, water = content["lineItems"]
    assert sandwich == {
        "cartItemWithPrice": {
            "cartItem": lines[0],
            "priceTotals": {
                "finalUnitPrice": {"amount": usd(5.75), "quantity": {"value": "1", "unit": "unit"}},
                "baseUnitPrice": {"amount": usd(5.75), "quantity": {"value": "1", "unit": "unit"}},
            },
            "tags": {},
            "description": "Sandwich",
        },
        "charges": [{"type": "TAX", "value": usd(0.95), "tags": {}, "description": "Tax 8.25 %"}],
        "priceTotals": {"finalPrice": usd(12.45), "priceForQuantity": usd(11.5)},
    }
    assert cheese["priceTotals"] == {"finalPrice": usd(4.88), "priceForQuantity": usd(4.51)}
    assert (water["charges"], water["priceTotals"]["finalPrice"]) == ([], usd(1.5))
    assert content["additionalSubtotals"] == [
        {"type": "TAX", "value": usd(1.32), "tags": {}, "description": "Tax 8.25 %"}
    ]
    assert content["cartTotal"] == {
        "finalPrice": usd(18.83),
        "price": usd(17.51),
        "totalDiscounts": usd(0),
        "discountedSubtotal": usd(17.51),
    }
    assert content["constraintViolations"] == []


def test_older_preview_says_the_same(shelf: Store, send: Send) -> None:
    answer = send(PREVIEW_V1, preview_question(STORE, item("SANDWICH", "2"), item()))

    content = answer.json()
    assert [product["id"] for product in content["products"]] == ["SANDWICH", "WATER-500"]
    assert content["taxes"] == [{"description": "Tax 8.25 %", "amount": usd(0.95), "percentage": 8.25}]
    assert (content["promotions"], content["depositAndFees"], content["constraintViolations"]) == ([], [], [])
    assert content["cartTotal"] == {
        "price": usd(13),
        "promotion": usd(0),
        "discountedPrice": usd(13),
        "tax": usd(0.95),
        "amount": usd(13.95),
        "depositAndFee": {"description": "Deposits and fees", "amount": usd(0)},
    }


def test_only_what_is_asked_for_is_computed(shelf: Store, send: Send) -> None:
    body = preview_question(STORE, item("SANDWICH", "2"), featureSet=["PRICING", "SOMETHING_NEW"])

    new, old = send(PREVIEW_V2, body).json(), send(PREVIEW_V1, body).json()

    assert new["cartTotal"] == {"finalPrice": usd(11.5), "price": usd(11.5)}
    assert (new["lineItems"][0]["charges"], new["additionalSubtotals"]) == ([], [])
    assert (old["cartTotal"]["tax"], old["cartTotal"]["amount"], old["taxes"]) == (usd(0), usd(11.5), [])
    assert DashCartTotal.objects.get().total == Decimal("12.45"), "what will be taken holds the tax all the same"


@pytest.mark.parametrize(
    ("features", "price", "charges", "final"),
    [(["PRICING"], 11.5, 0, 11.5), (["PRICING", "TAXES_FEES"], 10.62, 0.88, 11.5)],
)
def test_price_and_charges_add_up_where_prices_hold_the_tax(
    features: list[str], price: float, charges: float, final: float, shelf: Store, send: Send
) -> None:
    Store.objects.update(prices_include_tax=True)

    answer = send(PREVIEW_V2, preview_question(STORE, item("SANDWICH", "2"), featureSet=features)).json()

    (line,) = answer["lineItems"]
    assert line["priceTotals"] == {"finalPrice": usd(final), "priceForQuantity": usd(price)}
    assert sum(charge["value"]["amount"] for charge in line["charges"]) == charges
    assert answer["cartTotal"]["finalPrice"] == usd(final)


@pytest.mark.parametrize("path", PREVIEWS)
def test_item_that_cannot_be_sold_is_a_violation_and_the_others_are_priced(path: str, shelf: Store, send: Send) -> None:
    lines = [item("MYSTERY", lineItemId="L1"), item("CHEESE", "2", "unit"), item("WATER-500", "-1"), item()]

    content = send(path, preview_question(STORE, *lines)).json()

    assert [(row["type"], row["cartItems"][0]["id"], row["reason"]) for row in content["constraintViolations"]] == [
        ("UNSUPPORTED_SALE", "MYSTERY", "no product has this SKU or barcode"),
        ("UNSUPPORTED_SALE", "CHEESE", "sold by kg, but the cart counts unit"),
        ("UNSUPPORTED_SALE", "WATER-500", "the quantity is negative"),
    ]
    assert content["constraintViolations"][0]["cartItems"] == [lines[0]]
    assert DashCartTotal.objects.get().total == Decimal("1.50")


def test_preview_costs_what_the_finished_cart_will_cost(shelf: Store, send: Send, post: Post) -> None:
    lines = [item("SANDWICH", "3"), item("CHEESE", "1.333", "kg"), item()]
    shown = send(PREVIEW_V2, preview_question(STORE, *lines)).json()["cartTotal"]["finalPrice"]["amount"]

    post(cart(STORE, *lines))
    price_trip(Trip.objects.get().pk)

    assert Trip.objects.get().total == DashCartTotal.objects.get().total == Decimal(str(shown))


@pytest.mark.parametrize("path", PREVIEWS)
def test_last_preview_of_a_trip_is_remembered(path: str, shelf: Store, send: Send) -> None:
    send(path, preview_question(STORE, item()))
    send(path, preview_question(STORE, item(), trip_id="another"))
    send(path, preview_question(STORE, item(), item()))

    totals = {total.amazon_trip_id: (total.total, total.currency) for total in DashCartTotal.objects.all()}
    assert totals == {"ACH-123456": (Decimal("3.00"), "USD"), "another": (Decimal("1.50"), "USD")}


@pytest.mark.parametrize("path", PREVIEWS)
def test_empty_cart_costs_nothing(path: str, shelf: Store, send: Send) -> None:
    assert send(path, preview_question(STORE)).status_code == 200
    assert DashCartTotal.objects.get().total == 0


def test_yen_have_no_decimals(shelf: Store, send: Send) -> None:
    Store.objects.update(currency="JPY")
    Product.objects.update(price=Decimal(150))

    answer = send(PREVIEW_V2, preview_question(STORE, item()))

    assert b'"finalPrice":{"amount":150,"currencyCode":"JPY"}' in answer.content


def test_total_beyond_all_money_is_refused(shelf: Store, send: Send) -> None:
    Product.objects.filter(sku="WATER-500").update(price=Decimal("2000000000"))

    answer = send(PREVIEW_V2, preview_question(STORE, item(), item()))

    assert (answer.status_code, answer.json()) == (400, {"errorMsg": "cartItems: the total is too large"})


def test_number_of_statements_does_not_grow_with_the_cart(shelf: Store, send: Send) -> None:
    counts = []
    for length in (1, 30):
        with CaptureQueriesContext(connection) as queries:
            send(PREVIEW_V2, preview_question(STORE, *[item() for _ in range(length)]))
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- Who may ask what ---


@pytest.mark.parametrize("path", [PRODUCT, *PREVIEWS])
def test_store_must_be_known_and_have_dash_carts(path: str, store: Store, send: Send) -> None:
    ask = product_question if path == PRODUCT else preview_question

    without, unknown = send(path, ask(STORE)), send(path, ask("NOT-OURS"))

    assert (without.status_code, unknown.status_code) == (400, 400)
    assert f"store “{STORE}” has no Dash Carts" in without.json()["errorMsg"]
    assert "NOT-OURS" in unknown.json()["errorMsg"]
    assert not DashCartTotal.objects.exists()


@pytest.mark.parametrize("path", [PRODUCT, *PREVIEWS])
def test_caller_without_a_key_is_refused(path: str, shelf: Store, send: Send) -> None:
    assert send(path, full_preview_question(STORE), headers={}).status_code == 403


@pytest.mark.parametrize("field", ["storeId", "shoppingTripId", "requestOrigin", "featureSet", "cartItems"])
@pytest.mark.parametrize("path", PREVIEWS)
@pytest.mark.parametrize("value", [..., None, 7])
def test_required_field_missing_is_refused_by_name(path: str, field: str, value: Any, shelf: Store, send: Send) -> None:
    answer = send(path, changed(full_preview_question(STORE), field, value))

    assert answer.status_code == 400
    assert field in answer.json()["errorMsg"]


@pytest.mark.parametrize("field", ["storeId", "shoppingTripId", "cartItem", "cartItem.quantity"])
def test_product_needs_its_fields(field: str, shelf: Store, send: Send) -> None:
    answer = send(PRODUCT, changed(product_question(STORE), field, ...))

    assert answer.status_code == 400
    assert field in answer.json()["errorMsg"]


@pytest.mark.parametrize("trip_id", ["", "with space", "ümlaut", "x" * 256, "a/b"])
def test_trip_id_has_amazons_form(trip_id: str, shelf: Store, send: Send) -> None:
    answer = send(PREVIEW_V2, full_preview_question(STORE, trip_id))

    assert answer.status_code == 400
    assert "shoppingTripId" in answer.json()["errorMsg"]


def test_quantity_may_be_a_number_and_is_echoed_as_text(shelf: Store, send: Send) -> None:
    body = changed(preview_question(STORE, item()), "cartItems.0.quantity.value", 2)

    (line,) = send(PREVIEW_V2, body).json()["lineItems"]

    assert line["cartItemWithPrice"]["cartItem"]["quantity"] == {"value": "2", "unit": "unit"}
    too_long = changed(body, "cartItems.0.quantity.value", 1e300)
    assert "cartItems[0].quantity.value" in send(PREVIEW_V2, too_long).json()["errorMsg"]
