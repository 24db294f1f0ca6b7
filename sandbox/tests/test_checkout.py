"""The checkout host: Amazon's cases, numbered as on its page (checkout_service_testing), and what we read into it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.tests.carts import cart, changed, example, line, money
from sandbox.tests.conftest import TRIP
from sandbox.tests.signed_calls import STORE, Caller, Received, staged_trip

HOUR = 3600
VALID = "valid-shopping-trip-uuid"
KEY = "550e8400-e29b-41d4-a716-446655440003"
BAD = "BadRequestException"
CONTENT = "CartContentValidationFailedException"
TOTAL = "CartOrderTotalInvalidException"
UNKNOWN = "UnknownShoppingTripException"
EXPIRED = "ShoppingTripExpiredException"
ITEM = "lineItems.0"
PRICE = "lineItems.0.unitPrice"


def is_refused(answer: Received, error_name: str) -> bool:
    return (answer.status, answer.content) == (400, {"errorMsg": error_name})


def accepted(caller: Caller, *lines: dict[str, Any], totals: tuple[str, str, str, str]) -> bool:
    """False means: refused for its totals, and nothing else."""
    answer = caller.check_out(cart(VALID, *lines, totals=totals))
    assert answer.status == 201 or is_refused(answer, TOTAL), answer.text
    return answer.status == 201


def test_1_a_cart_becomes_an_order_and_a_charge(caller: Caller, trip: str) -> None:
    answer = caller.check_out(example(trip))

    assert answer.status == 201
    assert list(answer.content) == ["orderId"]
    books, order_id = caller.books(trip), answer.content["orderId"]
    assert (books["order"]["order_id"], books["order"]["total"]) == (order_id, "0.99")
    assert (books["order_id"], books["captured"], books["captures"]) == (order_id, "0.99", 1)


def test_2_an_unknown_trip(caller: Caller) -> None:
    for trip in ("invalid-shopping-trip-uuid", "nobody"):
        assert is_refused(caller.check_out(example(trip)), UNKNOWN)


REQUIRED = (
    "idempotentShoppingTripId",
    "storeId",
    "lineItems",
    "orderTotals",
    f"{ITEM}.productId",
    f"{ITEM}.type",
    f"{ITEM}.quantity",
    f"{ITEM}.quantity.value",
    f"{ITEM}.quantity.unit",
    PRICE,
    f"{PRICE}.totalPrice",
    f"{PRICE}.price",
    f"{PRICE}.price.currencyCode",
    f"{PRICE}.salesTax",
    f"{PRICE}.salesTax.amount",
    f"{PRICE}.promotions.0.promotionAmount",
    f"{PRICE}.promotions.0.promotionDescription",
)


@pytest.mark.parametrize("name", REQUIRED)
def test_3_a_missing_field(caller: Caller, trip: str, name: str) -> None:
    assert is_refused(caller.check_out(changed(example(trip), name)), BAD)
    assert caller.books(trip)["captures"] == 0


def test_4_an_empty_cart(caller: Caller, trip: str) -> None:
    empty = cart(trip, totals=("0.00", "0.00", "0.00", "0.00"))

    assert is_refused(caller.check_out(empty), CONTENT)


@pytest.mark.parametrize("name", ["priceTotal", "subTotal", "promotionsTotal", "salesTaxTotal"])
def test_5_a_missing_total(caller: Caller, trip: str, name: str) -> None:
    assert is_refused(caller.check_out(changed(example(trip), f"orderTotals.{name}")), TOTAL)


def test_6_an_expired_trip(caller: Caller, trip: str) -> None:
    caller.move_clock(46 * HOUR + 60)

    assert is_refused(caller.check_out(example(trip)), EXPIRED)
    assert is_refused(caller.check_out(example("expired-shopping-trip-uuid")), EXPIRED)


def test_a_trip_is_alive_for_46_hours(caller: Caller, trip: str) -> None:
    caller.move_clock(46 * HOUR - 60)

    assert caller.check_out(example(trip)).status == 201


def test_7_a_caller_without_a_signature(caller: Caller, trip: str) -> None:
    assert caller.control("POST", "/v1/checkout/carts", example(trip)).status == 403
    assert caller.books(trip)["order"] is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_8_trouble(caller: Caller, trip: str, status: int) -> None:
    fault = {"kind": "status", "operation": "checkout", "status": status}
    caller.control("POST", "/sandbox/faults", fault)

    assert caller.check_out(example(trip)).status == status
    assert caller.check_out(example(trip)).status == 201


WRONG: list[tuple[str, Any, str]] = [
    ("storeId", "INVALID@STORE#ID", BAD),
    ("storeId", "", BAD),
    ("idempotentShoppingTripId", "a.b", BAD),
    ("idempotentShoppingTripId", "a" * 256, BAD),
    ("lineItems", {}, BAD),
    (ITEM, "item", BAD),
    (f"{ITEM}.productId", " ", BAD),
    (f"{ITEM}.productId", 835143001047, BAD),
    (f"{ITEM}.type", "SCANCODE", BAD),
    (f"{ITEM}.quantity.value", 1, BAD),
    (f"{ITEM}.quantity.value", "0", BAD),
    (f"{ITEM}.quantity.value", "-1.0", BAD),
    (f"{ITEM}.quantity.value", "one", BAD),
    (f"{ITEM}.quantity.unit", "", BAD),
    (f"{PRICE}.price", "1.00", BAD),
    (f"{PRICE}.price.amount", 1.00, BAD),
    (f"{PRICE}.price.amount", "1.0", BAD),
    (f"{PRICE}.price.amount", "1.000", BAD),
    (f"{PRICE}.price.amount", "1", BAD),
    (f"{PRICE}.price.amount", "1.00\n", BAD),
    (f"{PRICE}.price.amount", "-1.00", BAD),
    (f"{PRICE}.price.amount", "1e2", BAD),
    (f"{PRICE}.price.amount", "9" * 40 + ".00", BAD),
    (f"{PRICE}.price.currencyCode", "usd", BAD),
    (f"{PRICE}.salesTax.amount", "0.005", BAD),
    (f"{PRICE}.promotions", {}, BAD),
    (f"{PRICE}.promotions.0.promotionAmount.amount", "0.0100", BAD),
    (f"{PRICE}.depositsAndFees", [{"depositAndFeeAmount": money("0.00")}], BAD),
    ("orderTotals", [], BAD),
    ("orderTotals.priceTotal.amount", "0.990", BAD),
    ("orderTotals.priceTotal", {}, BAD),
    ("orderTotals.subTotal", money("1.00", "EUR"), CONTENT),
    (f"{PRICE}.salesTax", money("0.00", "GBP"), CONTENT),
    (f"{PRICE}.totalPrice", money("1.00"), CONTENT),
    (f"{PRICE}.promotions.0.promotionAmount", money("0.02"), CONTENT),
    ("orderTotals.priceTotal", money("1.00"), TOTAL),
    ("orderTotals.subTotal", money("0.99"), TOTAL),
    ("orderTotals.promotionsTotal", money("0.00"), TOTAL),
    ("orderTotals.salesTaxTotal", money("0.01"), TOTAL),
]


@pytest.mark.parametrize(("path", "value", "error_name"), WRONG, ids=lambda each: str(each)[-30:])
def test_a_wrong_field(caller: Caller, trip: str, path: str, value: Any, error_name: str) -> None:
    assert is_refused(caller.check_out(changed(example(trip), path, value)), error_name)
    assert caller.books(trip)["captures"] == 0


@pytest.mark.parametrize("garbage", [b"", b"{", b"null", b"[]", b"[" * 100_000])
def test_a_body_that_is_no_object(caller: Caller, garbage: bytes) -> None:
    assert is_refused(caller.call("checkout", garbage), BAD)


class TestSums:
    def test_a_unit_price_counts_for_each_unit(self, caller: Caller) -> None:
        three = line("2.00", "3.0", promotion="0.50", tax="0.12")

        assert not accepted(caller, three, totals=("1.62", "2.00", "0.50", "0.12"))
        assert accepted(caller, three, totals=("4.86", "6.00", "1.50", "0.36"))

    def test_lines_are_added(self, caller: Caller) -> None:
        lines = (line("2.00", "2.0", tax="0.10"), line("5.25"), line("1.00", promotion="1.00"))

        assert not accepted(caller, *lines, totals=("9.44", "10.25", "1.00", "0.20"))
        assert accepted(caller, *lines, totals=("9.45", "10.25", "1.00", "0.20"))

    def test_a_fee_is_in_the_price_alone_and_its_tax_is_sales_tax(self, caller: Caller) -> None:
        bottles = line("1.00", "2.0", tax="0.08", fee="0.05", fee_tax="0.01")

        assert not accepted(caller, bottles, totals=("2.28", "2.00", "0.00", "0.16"))
        assert not accepted(caller, bottles, totals=("2.18", "2.00", "0.00", "0.18"))
        assert accepted(caller, bottles, totals=("2.28", "2.00", "0.00", "0.18"))

    def test_a_weighed_line_is_rounded_half_up_to_the_cent(self, caller: Caller) -> None:
        weighed = line("1.50", "0.350", "kg")  # 0.525

        assert not accepted(caller, weighed, totals=("0.52", "0.52", "0.00", "0.00"))
        assert accepted(caller, weighed, totals=("0.53", "0.53", "0.00", "0.00"))

    def test_each_line_is_rounded_by_itself(self, caller: Caller) -> None:
        weighed = line("1.50", "0.350", "kg")

        assert not accepted(caller, weighed, weighed, totals=("1.05", "1.05", "0.00", "0.00"))
        assert accepted(caller, weighed, weighed, totals=("1.06", "1.06", "0.00", "0.00"))

    def test_what_does_not_agree_after_rounding_is_sent_as_one_piece(self, caller: Caller) -> None:
        by_weight = line("1.50", "0.350", "kg", tax="0.13")  # 0.53 and 0.05, but 0.57 together
        as_one_piece = line("0.53", "1", "each", tax="0.05")

        assert not accepted(caller, by_weight, totals=("0.57", "0.53", "0.00", "0.05"))
        assert not accepted(caller, by_weight, totals=("0.58", "0.53", "0.00", "0.05"))
        assert accepted(caller, as_one_piece, totals=("0.58", "0.53", "0.00", "0.05"))

    def test_there_is_no_tolerance_of_a_cent(self, caller: Caller) -> None:
        assert not accepted(caller, line("3.33", "3"), totals=("10.00", "10.00", "0.00", "0.00"))
        assert accepted(caller, line("3.33", "3"), totals=("9.99", "9.99", "0.00", "0.00"))


class TestRepetition:
    def test_the_same_cart_is_charged_once(self, caller: Caller, trip: str) -> None:
        first = caller.check_out(example(trip))
        again = caller.check_out(dict(reversed(example(trip).items())))

        assert (again.status, again.content) == (201, first.content)
        assert caller.books(trip)["captures"] == 1

    def test_the_same_cart_after_the_end_of_the_token(self, caller: Caller, trip: str) -> None:
        first = caller.check_out(example(trip))
        caller.move_clock(47 * HOUR)

        assert caller.check_out(example(trip)).content == first.content

    def test_another_cart_of_the_trip_is_refused(self, caller: Caller, trip: str) -> None:
        caller.check_out(example(trip))

        assert is_refused(caller.check_out(cart(trip, line("2.00"), totals=("2.00", "2.00", "0.00", "0.00"))), BAD)
        assert caller.books(trip)["captured"] == "0.99"

    def test_the_same_cart_from_many_threads_is_charged_once(self, caller: Caller, trip: str) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: caller.check_out(example(trip)), range(16)))

        assert len({answer.text for answer in answers}) == 1
        assert caller.books(trip)["captures"] == 1

    def test_a_lost_answer_is_had_by_asking_again(self, caller: Caller, trip: str) -> None:
        caller.control("POST", "/sandbox/faults", {"kind": "garbage", "operation": "checkout"})
        assert caller.check_out(example(trip)).status == 200

        answer = caller.check_out(example(trip))

        assert answer.content["orderId"] == caller.books(trip)["order_id"]
        assert caller.books(trip)["captures"] == 1

    def test_the_order_outlives_the_process(self, start: Callable[..., Any], tmp_path: Any) -> None:
        path = str(tmp_path / "books.sqlite3")
        with start(books_path=path) as caller:
            caller.stage(staged_trip(TRIP))
            first = caller.check_out(example(TRIP))

        with start(books_path=path) as caller:
            assert caller.check_out(example(TRIP)).content == first.content
            assert caller.books(TRIP)["captures"] == 1


class TestOneServicePays:
    def test_an_adjusted_trip_is_not_checked_out(self, caller: Caller, trip: str) -> None:
        caller.adjust(trip, 5)

        assert is_refused(caller.check_out(example(trip)), BAD)

    def test_a_captured_trip_is_not_checked_out(self, caller: Caller, captured: str) -> None:
        assert is_refused(caller.check_out(example(captured)), BAD)
        assert caller.books(captured)["captures"] == 1

    def test_a_cancelled_trip_is_not_checked_out(self, caller: Caller, trip: str) -> None:
        caller.cancel(trip)

        assert is_refused(caller.check_out(example(trip)), BAD)

    @pytest.mark.parametrize("price", ["0.99", "0.00"])
    def test_a_trip_that_was_checked_out_is_amazons(self, caller: Caller, trip: str, price: str) -> None:
        caller.check_out(cart(trip, line(price), totals=(price, price, "0.00", "0.00")))
        before = caller.books(trip)

        answers = [
            caller.adjust(trip, 0.5),
            caller.capture(trip, 0.5),
            caller.cancel(trip),
            caller.refund(trip, 0.5, KEY),
        ]

        assert all(is_refused(answer, BAD) for answer in answers)
        assert caller.books(trip) == before

    def test_a_cart_for_nothing_is_an_order_without_a_charge(self, caller: Caller, trip: str) -> None:
        free = cart(trip, line("2.00", promotion="2.00"), totals=("0.00", "2.00", "2.00", "0.00"))

        assert caller.check_out(free).status == 201
        assert caller.books(trip)["captures"] == 0

    def test_a_card_in_another_currency_is_not_charged(self, caller: Caller) -> None:
        caller.stage(staged_trip(TRIP, preauthorized={"amount": "50.00", "code": "GBP"}))

        assert is_refused(caller.check_out(example(TRIP)), BAD)

    def test_a_trip_of_another_store_is_unknown(self, caller: Caller, trip: str) -> None:
        assert is_refused(caller.check_out(example(trip) | {"storeId": f"{STORE}-2"}), UNKNOWN)

    def test_adoption(self, start: Callable[..., Any]) -> None:
        with start(adopts=True) as caller:
            assert caller.check_out(example(TRIP)).status == 201
            assert caller.books(TRIP)["adopted"] is True


def test_an_order_of_the_past_can_be_staged(caller: Caller) -> None:
    caller.stage(staged_trip(TRIP, captured="9.00", orderId="ORDER-1"))

    assert caller.books(TRIP)["order"]["order_id"] == "ORDER-1"
    assert is_refused(caller.refund(TRIP, 1, KEY), BAD)
    assert is_refused(caller.check_out(example(TRIP)), BAD)
    assert caller.books(TRIP)["captures"] == 1
    nothing_captured = {"trips": [staged_trip("other", orderId="ORDER-2")]}
    assert caller.control("POST", "/sandbox/trips", nothing_captured).status == 400
