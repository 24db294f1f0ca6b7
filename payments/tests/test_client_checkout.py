"""What Amazon's checkout service is sent, and how its answers are read."""

import json
from decimal import Decimal

import pytest

from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, Refused, TripExpired, UnknownTrip
from amazon.outbound.transport import Address
from payments.checkout_cart import CheckoutCart, CheckoutLine, Fee, Price, PricedLine, Promotion, checkout_cart
from payments.clients.checkout_service import check_out
from payments.tests.scripted_host import ScriptedHost, refusal

ONE = Decimal(1)


def a_price(shelf: str = "1.00", tax: str = "0.00") -> Price:
    return Price(Decimal(shelf), Decimal(tax))


def a_cart(unit_price: Price, quantity: str = "1", product_id: str = "SKU-1", currency: str = "USD") -> CheckoutCart:
    return CheckoutCart(currency, (CheckoutLine(product_id, Decimal(quantity), "each", unit_price),))


@pytest.fixture
def charging(host: ScriptedHost) -> ScriptedHost:
    host.says(201, '{"orderId":"ORDER-1"}')
    return host


class TestWhatLeaves:
    def test_path_and_body_are_the_documented_ones(self, charging: ScriptedHost) -> None:
        promotion, deposit = Promotion(Decimal("0.01"), "Discount"), Fee(Decimal("0.05"), "Bottle deposit")
        cart = checkout_cart(
            [PricedLine("835143001047", ONE, "unit", Price(ONE, Decimal("0"), (promotion,), (deposit,)))], "USD"
        )

        order_id, call = check_out(charging.address(), cart)

        def usd(amount: str) -> dict[str, str]:
            return {"amount": amount, "currencyCode": "USD"}

        [(path, headers, body)] = charging.seen
        assert path == "/v1/checkout/carts"
        assert json.loads(body) == {
            "idempotentShoppingTripId": "valid-shopping-trip-uuid",
            "storeId": "STORE-1",
            "lineItems": [
                {
                    "productId": "835143001047",
                    "type": "SKU",
                    "quantity": {"value": "1.0", "unit": "each"},
                    "unitPrice": {
                        "totalPrice": usd("1.04"),
                        "price": usd("1.00"),
                        "depositsAndFees": [
                            {
                                "depositAndFeeAmount": usd("0.05"),
                                "depositAndFeeDescription": "Bottle deposit",
                                "salesTax": usd("0.00"),
                            }
                        ],
                        "salesTax": usd("0.00"),
                        "promotions": [{"promotionAmount": usd("0.01"), "promotionDescription": "Discount"}],
                    },
                }
            ],
            "orderTotals": {
                "priceTotal": usd("1.04"),
                "subTotal": usd("1.00"),
                "promotionsTotal": usd("0.01"),
                "salesTaxTotal": usd("0.00"),
            },
        }
        assert "/eu-west-1/execute-api/aws4_request" in headers["Authorization"]
        assert (order_id, call.operation, call.status) == ("ORDER-1", "checkout", 201)

    @pytest.mark.parametrize(
        ("amount", "currency", "written"),
        [
            ("0.9900", "USD", "0.99"),
            ("1E+2", "USD", "100.00"),
            ("360.0000", "JPY", "360.00"),
            ("1234567.8", "USD", "1234567.80"),
        ],
    )
    def test_an_amount_is_a_text_with_two_decimals(
        self, charging: ScriptedHost, amount: str, currency: str, written: str
    ) -> None:
        check_out(charging.address(), a_cart(a_price(amount), currency=currency))

        sent = json.loads(charging.seen[0][2])
        assert sent["orderTotals"]["priceTotal"] == {"amount": written, "currencyCode": currency}

    @pytest.mark.parametrize(
        ("quantity", "written"), [("1", "1.0"), ("1E+1", "10.0"), ("2.0000000000", "2.0"), ("0.2500", "0.25")]
    )
    def test_a_quantity_is_a_text(self, charging: ScriptedHost, quantity: str, written: str) -> None:
        check_out(charging.address(), a_cart(a_price(), quantity))

        assert json.loads(charging.seen[0][2])["lineItems"][0]["quantity"]["value"] == written


class TestWhatIsNotSent:
    @pytest.mark.parametrize(
        ("cart", "words"),
        [
            (CheckoutCart("USD", ()), "the cart is empty"),
            (a_cart(a_price("1.001")), "at most two decimals"),
            (a_cart(a_price("1.00", "0.005")), "at most two decimals"),
            (a_cart(a_price("1.00"), "0.333"), "at most two decimals"),
            (a_cart(a_price("1.5"), currency="JPY"), "at most two decimals"),
            (a_cart(a_price("-1.00")), "not below 0"),
            (a_cart(Price(ONE, Decimal(0), (Promotion(Decimal("2.00"), "Deal"),))), "not below 0"),
            (a_cart(Price(ONE, Decimal(0), (Promotion(Decimal("-1.00"), "Deal"),))), "not below 0"),
            (a_cart(Price(ONE, Decimal(0), (), (Fee(Decimal("0.001"), "Bag"),))), "at most two decimals"),
            (a_cart(Price(ONE, Decimal(0), (), (Fee(ONE, "Bag", Decimal("0.001")),))), "at most two decimals"),
            (a_cart(a_price("NaN")), "no amount"),
            (a_cart(a_price(), currency="usd"), "no currency"),
            (a_cart(a_price(), product_id=""), "productId"),
            (a_cart(a_price(), product_id="9" * 256), "productId"),
            (a_cart(a_price(), quantity="0"), "no quantity"),
            (a_cart(a_price(), quantity="-1"), "no quantity"),
            (a_cart(a_price(), quantity="NaN"), "no quantity"),
        ],
    )
    def test_a_cart_that_amazon_would_refuse(self, charging: ScriptedHost, cart: CheckoutCart, words: str) -> None:
        error = refusal(lambda: check_out(charging.address(), cart))

        assert type(error) is Refused
        assert str(error).startswith("Not sent: ")
        assert words in str(error)
        assert charging.seen == []

    @pytest.mark.parametrize(
        ("ids", "field_name"),
        [({"store_id": "INVALID@STORE#ID"}, "storeId"), ({"trip_id": ""}, "idempotentShoppingTripId")],
    )
    def test_an_id_that_amazon_would_refuse(self, charging: ScriptedHost, ids: dict[str, str], field_name: str) -> None:
        error = refusal(lambda: check_out(charging.address(**ids), a_cart(a_price())))

        assert str(error).startswith(f"Not sent: {field_name}")
        assert charging.seen == []

    def test_a_region_without_a_checkout_host(self) -> None:
        error = refusal(lambda: check_out(Address("", "eu-west-1", "STORE-1", "trip"), a_cart(a_price())))

        assert type(error) is Refused
        assert str(error).startswith("Not sent: Amazon has no host for this in eu-west-1")


class TestAnswers:
    @pytest.mark.parametrize("status", [200, 201, 202])
    def test_any_success_with_an_order_id(self, host: ScriptedHost, status: int) -> None:
        host.says(status, '{"new":1,"orderId":"ORDER-1"}')

        assert check_out(host.address(), a_cart(a_price()))[0] == "ORDER-1"

    @pytest.mark.parametrize("body", ["", "{}", "[]", "<html>", '{"orderId":""}', '{"orderId":null}', '{"orderId":7}'])
    def test_a_success_without_one_is_an_unknown_outcome(self, host: ScriptedHost, body: str) -> None:
        host.says(201, body)

        assert isinstance(refusal(lambda: check_out(host.address(), a_cart(a_price()))), OutcomeUnknown)

    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (400, '{"errorMsg":"UnknownShoppingTripException"}', UnknownTrip),
            (400, '{"message":"ShoppingTripExpiredException"}', TripExpired),
            (400, '{"errorMsg":"CartContentValidationFailedException"}', Refused),
            (403, '{"errorMsg":"AuthenticationException"}', Refused),
            (429, "", NotSent),
            (500, '{"errorMsg":"InternalServerException"}', OutcomeUnknown),
            (503, "", OutcomeUnknown),
        ],
    )
    def test_refusals_say_what_may_be_done_next(
        self, host: ScriptedHost, status: int, body: str, kind: type[AmazonError]
    ) -> None:
        host.says(status, body)

        assert type(refusal(lambda: check_out(host.address(), a_cart(a_price())))) is kind
