"""Checkout, feedback and shopper identity against the sandbox, which checks and counts by itself."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amazon.outbound.errors import NotSent, OutcomeUnknown, Refused, TripExpired, UnknownTrip
from amazon.outbound.transport import Address
from core.money import Money
from payments.checkout_cart import CheckoutCart, Price, PricedLine, checkout_cart
from payments.clients import payment_service
from payments.clients.checkout_service import check_out
from payments.clients.feedback_service import FeedbackAnswer, report_payment_status
from payments.tests.priced_lines import priced_lines
from payments.tests.scripted_host import refusal
from sandbox.testing import SandboxProcess

AT = datetime(2026, 2, 6, 2, 31, tzinfo=UTC)


def of_a_new_trip(sandbox: SandboxProcess, kind: str = "valid-shopping-trip-uuid") -> Address:
    return Address(sandbox.url, "us-east-1", "STORE-1", f"{kind}-{uuid4()}")


def a_cart(*amounts: str) -> CheckoutCart:
    return checkout_cart(
        [PricedLine("SKU-1", Decimal(3), "unit", Price(Decimal(amount), Decimal("0.10"))) for amount in amounts], "USD"
    )


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


class TestCheckout:
    def test_a_cart_is_charged_once_however_often_it_is_sent(self, sandbox: SandboxProcess) -> None:
        address = of_a_new_trip(sandbox)

        first, _ = check_out(address, a_cart("1.00", "2.00"))
        second, _ = check_out(address, a_cart("1.00", "2.00"))

        books = sandbox.trip(address.amazon_trip_id)
        assert first == second == books["order_id"]
        assert (books["captured"], books["captures"]) == ("3.20", 1)

    def test_an_answer_that_is_lost_may_be_asked_for_again(self, sandbox: SandboxProcess) -> None:
        address = of_a_new_trip(sandbox)
        sandbox.fault("lose_answer", trip=address.amazon_trip_id, operation="checkout")

        assert type(refusal(lambda: check_out(address, a_cart("1.00")))) is OutcomeUnknown

        order_id, _ = check_out(address, a_cart("1.00"))
        books = sandbox.trip(address.amazon_trip_id)
        assert (books["order_id"], books["captures"]) == (order_id, 1)

    def test_a_trip_that_the_payment_service_has_charged_is_refused(self, sandbox: SandboxProcess) -> None:
        address = of_a_new_trip(sandbox)
        payment_service.adjust_charge(address, usd("1.10"))

        assert type(refusal(lambda: check_out(address, a_cart("1.00")))) is Refused

    @pytest.mark.parametrize(
        ("kind", "error"),
        [
            ("invalid-shopping-trip-uuid", UnknownTrip),
            ("expired-shopping-trip-uuid", TripExpired),
            ("throttled-trip-uuid", NotSent),
            ("unavailable-trip-uuid", OutcomeUnknown),
            ("forbidden-trip-uuid", Refused),
        ],
    )
    def test_amazons_refusals(self, sandbox: SandboxProcess, kind: str, error: type[Exception]) -> None:
        assert type(refusal(lambda: check_out(of_a_new_trip(sandbox, kind), a_cart("1.00")))) is error

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data(), st.booleans())
    def test_any_cart_is_taken(self, sandbox_process: SandboxProcess, data: st.DataObject, tax_included: bool) -> None:
        lines = data.draw(st.lists(priced_lines("USD", tax_included), min_size=1, max_size=5))
        cart = checkout_cart(lines, "USD")
        address = of_a_new_trip(sandbox_process)
        if cart.lines:
            check_out(address, cart)

            total = sum(line.price.total for line in lines)
            assert Decimal(sandbox_process.trip(address.amazon_trip_id)["captured"]) == total


class TestFeedback:
    @pytest.mark.parametrize("settled", ["0.00", "10.00", "14.75"])
    def test_every_state_of_payment_is_accepted_and_kept(self, sandbox: SandboxProcess, settled: str) -> None:
        address = of_a_new_trip(sandbox)

        answer, _ = report_payment_status(address, total=usd("14.75"), settled=usd(settled), at=AT)

        [kept] = sandbox.trip(address.amazon_trip_id)["feedback"]
        assert answer == FeedbackAnswer.ACCEPTED
        assert (kept["total"], kept["settled"], kept["currency"]) == ("14.75", settled, "USD")
        assert datetime.fromisoformat(kept["payment_status_time"]) == AT

    @pytest.mark.parametrize(
        ("kind", "settled"), [("rejected-feedback-trip-uuid", "1.00"), ("valid-shopping-trip-uuid", "2.00")]
    )
    def test_a_rejection_is_an_answer(self, sandbox: SandboxProcess, kind: str, settled: str) -> None:
        address = of_a_new_trip(sandbox, kind)

        answer, _ = report_payment_status(address, total=usd("1.00"), settled=usd(settled), at=AT)

        assert answer == FeedbackAnswer.REJECTED

    def test_a_trip_that_amazon_does_not_know(self, sandbox: SandboxProcess) -> None:
        address = of_a_new_trip(sandbox, "invalid-shopping-trip-uuid")

        error = refusal(lambda: report_payment_status(address, total=usd("1.00"), settled=usd("0"), at=AT))

        assert type(error) is UnknownTrip


class TestShopperIdentity:
    def test_the_email_of_a_shopper_who_left_one(self, sandbox: SandboxProcess) -> None:
        shopper_id = f"shopper.{uuid4()}"
        sandbox.register_shopper(shopper_id, "ann@example.com")

        email, call = payment_service.shopper_email(of_a_new_trip(sandbox), shopper_id)

        assert email == "ann@example.com"
        assert "ann" not in call.answer

    def test_nobody_else_has_one(self, sandbox: SandboxProcess) -> None:
        assert payment_service.shopper_email(of_a_new_trip(sandbox), f"shopper.{uuid4()}")[0] == ""
