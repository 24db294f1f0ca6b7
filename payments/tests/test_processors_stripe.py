"""Stripe takes the money of members' saved cards: every answer of its, and every way to get none."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from amazon.models import OutboundCall
from amazon.outbound.errors import Refused
from core.money import Money
from loyalty.services.erasure import anonymize_member
from orders.models import Trip
from orders.states import TripState
from payments.models import Charge, PaymentMethod, Refund
from payments.processors import stripe
from payments.processors.stripe_amounts import from_minor_units, minor_units
from payments.services.attention import needs_a_look
from payments.services.collection import retry_charge
from payments.services.flows import own_processor
from payments.services.resolution import TRIES_BEFORE_A_PERSON, resolve_charge
from payments.states import ChargeState, RefundState
from payments.tests.app_trips import app_trip, stripe_store, with_card
from payments.tests.fake_stripe import API_KEY, FakeStripe, fake_stripe
from payments.tests.trips import a_store, collected, happened, queued_refund, sent, waits
from stores.models import Processor

pytestmark = pytest.mark.django_db

# What a time-out costs here, and how much later than it Stripe answers.
PATIENCE = 0.15
LATE = 0.3
DELAY = 35


@pytest.fixture(scope="module")
def running_stripe() -> Iterator[FakeStripe]:
    with fake_stripe() as host:
        yield host


@pytest.fixture
def bank(running_stripe: FakeStripe, settings: Any) -> FakeStripe:
    """Stripe and its books, empty, where this project calls it; whatever waits, waits until the test says so."""
    running_stripe.reset()
    running_stripe.slow_seconds = LATE
    settings.STRIPE_API_KEY, settings.STRIPE_API_URL = API_KEY, running_stripe.url
    settings.AMAZON_READ_TIMEOUT = PATIENCE
    settings.WORK_RETRY_FIRST_SECONDS = 60
    settings.CAPTURE_LOOKUP_DELAY_SECONDS = DELAY
    return running_stripe


def stripe_trip(*items: tuple[str, str], **options: Any) -> Trip:
    return app_trip(*items, **({"store": stripe_store()} | options))


class TestStripeTakesIt:
    def test_the_saved_card_is_charged_the_total(self, bank: FakeStripe) -> None:
        with_card()

        trip = collected(stripe_trip(("6.25", "2"), ("1.50", "1")))

        assert (trip.state, trip.charge.state) == (TripState.PAID, ChargeState.CAPTURED)
        assert happened(trip) == ["capture requested", "capture succeeded"]
        assert trip.charge.events.last().actor == "Stripe"
        [payment] = bank.payments
        assert (payment["amount"], payment["currency"], payment["customer"]) == (1400, "usd", "cus_ada")
        assert payment["metadata"] == {"key": f"{trip.amazon_trip_id}/1"}
        assert trip.charge.remote_id == payment["id"]
        assert bank.calls == [("POST", "payment_intents")]

    def test_a_currency_without_decimals(self, bank: FakeStripe) -> None:
        with_card()
        yen = a_store("TEST-STRIPE-YEN", currency="JPY", processor=Processor.STRIPE)

        trip = collected(stripe_trip(("120", "3"), store=yen))

        assert (bank.payments[0]["amount"], bank.payments[0]["currency"]) == (360, "jpy")
        assert trip.charge.captured == 360

    def test_a_trip_id_as_long_as_amazon_allows(self, bank: FakeStripe) -> None:
        with_card()

        assert collected(stripe_trip(trip_id=f"{uuid4()}{'x' * 219}")).state == TripState.PAID

    def test_the_journal_names_the_trip_and_holds_no_secret(self, bank: FakeStripe) -> None:
        with_card()

        trip = collected(stripe_trip())

        call = OutboundCall.objects.get()
        assert (call.operation, call.status, call.error) == ("Stripe: POST payment_intents", 200, "")
        assert (call.amazon_trip_id, call.store_external_id) == (trip.amazon_trip_id, "TEST-STRIPE")
        assert json.loads(call.request)["amount"] == 1000
        assert json.loads(call.answer)["status"] == "succeeded"
        kept = str(vars(call))
        assert API_KEY not in kept
        assert "secret" not in kept


class TestStripeDoesNot:
    @pytest.mark.parametrize(
        ("method", "code"),
        [
            ("pm_card_chargeDeclinedInsufficientFunds", "card_declined"),
            ("pm_card_authenticationRequired", "authentication_required"),
        ],
    )
    def test_a_card_that_declines_leaves_a_debt_and_its_reason(self, method: str, code: str, bank: FakeStripe) -> None:
        with_card(method)

        trip = collected(stripe_trip())

        assert (trip.state, trip.charge.state) == (TripState.UNPAID, ChargeState.DECLINED)
        assert trip.charge.debt.owed == 10
        assert code in trip.charge.events.get(phase="declined").detail
        assert bank.taken == 0
        assert OutboundCall.objects.get().status == 402

    def test_another_card_pays_in_a_new_round(self, bank: FakeStripe) -> None:
        card = with_card("pm_card_chargeDeclinedInsufficientFunds")
        trip = collected(stripe_trip())
        card.method = "pm_card_visa"
        card.save()

        retry_charge(trip.charge, actor="manager")
        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert [payment["metadata"]["key"][-2:] for payment in bank.payments] == ["/1", "/2"]
        assert bank.taken == 1000

    def test_a_member_without_a_card_fails_and_is_tried_again(self, bank: FakeStripe) -> None:
        trip = collected(stripe_trip())
        assert (trip.state, trip.charge.last_error) == (TripState.FAILED, stripe.NO_CARD)
        with_card()

        retry_charge(trip.charge, actor="manager")

        assert collected(trip).state == TripState.PAID
        assert bank.taken == 1000

    def test_a_customer_whom_stripe_does_not_know_fails(self, bank: FakeStripe) -> None:
        card = with_card()
        card.customer = "cus_nobody"
        card.save()

        trip = collected(stripe_trip())

        assert trip.state == TripState.FAILED
        assert trip.charge.last_error == "Stripe answered 400: No such customer: cus_nobody"

    @pytest.mark.parametrize("key", ["sk_test_of_somebody", "rk_revoked"])
    def test_a_wrong_key_fails_the_trip(self, key: str, bank: FakeStripe, settings: Any) -> None:
        with_card()
        settings.STRIPE_API_KEY = key

        trip = collected(stripe_trip())

        assert trip.state == TripState.FAILED
        assert key not in str([*OutboundCall.objects.values()])

    def test_a_trip_that_waits_in_vain_needs_a_look(self, bank: FakeStripe, settings: Any) -> None:
        """No deadline warns of it: a member's account does not end."""
        with_card()
        settings.STRIPE_API_KEY = ""
        trip = stripe_trip()

        seen = [needs_a_look().filter(pk=collected(trip).pk).exists() for _ in range(TRIES_BEFORE_A_PERSON)]

        assert seen == [False, False, True]

    def test_without_a_key_the_trip_waits(self, bank: FakeStripe, settings: Any) -> None:
        with_card()
        settings.STRIPE_API_KEY = ""

        trip = collected(stripe_trip())

        assert (trip.state, trip.charge.state) == (TripState.COLLECTING, ChargeState.PENDING)
        assert "STRIPE_API_KEY" in trip.charge.last_error
        settings.STRIPE_API_KEY = API_KEY
        assert collected(trip).state == TripState.PAID


class TestNoAnswerComes:
    """Each time the money must have been taken once, whatever was lost."""

    @pytest.mark.parametrize("fault", ["lose_answer", "slow", "say <html>", "say {}", "say []"])
    def test_what_stripe_did_is_looked_up_and_not_done_again(self, fault: str, bank: FakeStripe) -> None:
        with_card()
        bank.faults = [fault]
        trip = collected(stripe_trip())
        assert trip.charge.state == ChargeState.UNKNOWN
        assert waits(trip) == pytest.approx(DELAY, abs=2)

        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert happened(trip) == ["capture requested", "capture unknown", "capture succeeded"]
        assert bank.calls == [("POST", "payment_intents"), ("GET", "payment_intents")]
        assert bank.taken == 1000

    def test_the_page_says_that_it_is_looked_up(self, bank: FakeStripe, admin_client: Client) -> None:
        with_card()
        bank.faults = ["lose_answer"]
        trip = collected(stripe_trip())

        page = admin_client.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode()

        assert "Stripe is asked what became of it" in page
        assert "Called Stripe: POST payment_intents" in page
        assert "Called Amazon" not in page

    def test_what_stripe_never_got_is_sent_with_the_same_key(self, bank: FakeStripe) -> None:
        with_card()
        bank.faults = ["lose_request"]
        trip = collected(stripe_trip())
        assert trip.charge.state == ChargeState.UNKNOWN

        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert [method for method, _ in bank.calls] == ["POST", "GET", "POST"]
        assert bank.taken == 1000

    def test_a_decline_whose_answer_was_lost_is_found(self, bank: FakeStripe) -> None:
        with_card("pm_card_chargeDeclinedInsufficientFunds")
        bank.faults = ["lose_answer"]
        trip = collected(stripe_trip())

        trip = collected(trip)

        assert trip.state == TripState.UNPAID
        assert "card_declined" in trip.charge.events.get(phase="declined").detail

    def test_a_server_error_is_no_answer(self, bank: FakeStripe) -> None:
        with_card()
        bank.faults = [500]

        trip = collected(stripe_trip())

        assert trip.charge.state == ChargeState.UNKNOWN
        assert collected(trip).state == TripState.PAID
        assert bank.taken == 1000

    def test_one_that_never_gets_an_answer_comes_to_a_person(self, bank: FakeStripe) -> None:
        """Stripe repeats a server error for as long as it knows the key; only another round has another key."""
        with_card()
        trip = stripe_trip()
        for fault in ([500], *[["", 500]] * (TRIES_BEFORE_A_PERSON - 1)):
            assert not needs_a_look().exists()
            bank.faults = list(fault)
            trip = collected(trip)
        assert [method for method, _ in bank.calls] == ["POST", "GET", "POST", "GET", "POST"]
        assert needs_a_look().get() == trip

        resolve_charge(trip.charge, was_taken=False, actor="manager", note="Stripe's dashboard shows no payment.")

        assert collected(trip).state == TripState.PAID
        assert [payment["metadata"]["key"][-2:] for payment in bank.payments] == ["/2"]

    def test_a_look_up_that_fails_is_made_again_and_nothing_is_sent(self, bank: FakeStripe) -> None:
        with_card()
        bank.faults = ["lose_answer", 500, "lose_request", 429]
        trip = stripe_trip()

        states = [collected(trip).charge.state for _ in range(5)]

        assert states == [ChargeState.UNKNOWN] * 4 + [ChargeState.CAPTURED]
        assert [method for method, _ in bank.calls] == ["POST", "GET", "GET", "GET", "GET"]

    def test_a_host_that_cannot_be_reached_has_done_nothing(self, bank: FakeStripe, settings: Any) -> None:
        with_card()
        settings.STRIPE_API_URL = "http://127.0.0.1:9"

        trip = collected(stripe_trip())

        assert trip.charge.state == ChargeState.PENDING
        assert trip.charge.last_error == "Stripe could not be reached."

    def test_too_many_calls_are_put_off(self, bank: FakeStripe) -> None:
        with_card()
        bank.faults = [429]

        trip = collected(stripe_trip())

        assert trip.charge.state == ChargeState.PENDING
        assert collected(trip).state == TripState.PAID

    def test_a_refusal_after_a_lost_answer_is_believed_only_once_it_is_looked_up(self, bank: FakeStripe) -> None:
        card = with_card()
        bank.faults = ["lose_request"]
        trip = collected(stripe_trip())
        card.method = "pm_of_nobody"
        card.save()

        assert collected(trip).charge.state == ChargeState.UNKNOWN
        trip = collected(trip)

        assert trip.charge.state == ChargeState.FAILED
        assert "No such payment_method" in trip.charge.last_error
        assert bank.taken == 0

    def test_another_card_under_the_same_key_stays_unknown_and_takes_nothing(self, bank: FakeStripe) -> None:
        card = with_card("pm_card_visa")
        bank.faults = ["lose_answer"]
        trip = collected(stripe_trip())
        bank.payments.clear()  # its list lags behind
        card.method = "pm_card_authenticationRequired"
        card.save()

        assert collected(trip).charge.state == ChargeState.UNKNOWN
        assert not bank.payments

    def test_even_days_later_it_is_found_behind_many_others(self, bank: FakeStripe) -> None:
        with_card()
        bank.faults = ["lose_answer"]
        trip = collected(stripe_trip())
        for _ in range(7):
            collected(stripe_trip())
        bank.forget_keys()

        assert collected(trip).state == TripState.PAID
        assert bank.taken == 8000

    def test_a_worker_that_died_in_mid_call_leaves_it_to_the_next(self, bank: FakeStripe) -> None:
        with_card()
        trip = stripe_trip()
        own_processor.ask(trip.charge, own_processor.Step.TAKE)()
        Charge.objects.filter(pk=trip.charge.pk).update(state=ChargeState.CAPTURING)
        Trip.objects.filter(pk=trip.pk).update(state=TripState.COLLECTING)

        trip = collected(trip)

        assert trip.state == TripState.PAID
        assert bank.taken == 1000

    def test_whose_data_were_erased_meanwhile_stays_unknown_for_a_person(self, bank: FakeStripe) -> None:
        with_card()
        bank.faults = ["lose_answer"]
        trip = collected(stripe_trip())
        anonymize_member(trip.member)
        assert not PaymentMethod.objects.exists()

        trip = collected(trip)

        assert trip.charge.state == ChargeState.UNKNOWN
        assert "no card of this member" in trip.charge.last_error


class TestWithTheDefencesOff:
    """Negative controls: what the same faults do without the key, and without the look-up."""

    def test_a_new_key_for_each_try_charges_twice(self, bank: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
        create = stripe.stripe_client.create

        def with_a_new_key(*arguments: Any, key: str) -> Any:
            return create(*arguments, key=f"{key}/{uuid4()}")

        monkeypatch.setattr(stripe.stripe_client, "create", with_a_new_key)
        monkeypatch.setattr(stripe, "look_up", lambda order: None)
        self.lose_an_answer_and_try_again(bank)

        assert bank.taken == 2000

    def test_the_key_alone_holds_for_a_day(self, bank: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stripe, "look_up", lambda order: None)
        self.lose_an_answer_and_try_again(bank)

        assert bank.taken == 1000

    def test_and_no_longer(self, bank: FakeStripe, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(stripe, "look_up", lambda order: None)
        self.lose_an_answer_and_try_again(bank, after=bank.forget_keys)

        assert bank.taken == 2000

    def lose_an_answer_and_try_again(self, bank: FakeStripe, after: Any = lambda: None) -> None:
        with_card()
        bank.faults = ["lose_answer"]
        trip = collected(stripe_trip())
        after()
        assert collected(trip).state == TripState.PAID


class TestMoneyGoesBack:
    def test_to_the_card_that_paid(self, bank: FakeStripe) -> None:
        with_card()
        trip = collected(stripe_trip())

        refund = sent(queued_refund(trip, "2.50"))

        assert (refund.state, refund.reconciliation_id) == (RefundState.DONE, "re_0")
        assert (bank.refunds[0]["amount"], bank.refunds[0]["payment_intent"]) == (250, trip.charge.remote_id)
        assert trip.charge.events.last().actor == "Stripe"

    @pytest.mark.parametrize("fault", ["lose_answer", "lose_request", "slow", 500])
    @pytest.mark.parametrize("days", [0, 2])
    def test_once_whatever_is_lost(self, fault: str | int, days: int, bank: FakeStripe) -> None:
        with_card()
        trip = collected(stripe_trip())
        refund = queued_refund(trip, "2.50")
        bank.faults = ["", fault]
        assert sent(refund).state == RefundState.UNKNOWN
        if days:
            bank.forget_keys()

        assert sent(refund).state == RefundState.DONE
        assert bank.taken == 750

    def test_two_refunds_of_one_trip_are_two(self, bank: FakeStripe) -> None:
        with_card()
        trip = collected(stripe_trip())

        for _ in range(2):
            assert sent(queued_refund(trip, "2.50")).state == RefundState.DONE

        assert bank.taken == 500

    def test_what_stripe_refuses_fails_and_can_be_given_back_anew(self, bank: FakeStripe) -> None:
        with_card()
        trip = collected(stripe_trip())
        Charge.objects.update(remote_id="pi_of_nobody")

        refund = sent(queued_refund(trip, "2.50"))

        assert refund.state == RefundState.FAILED
        assert "No such payment_intent" in Refund.objects.get().last_error
        assert Charge.objects.get().committed == 0


class TestAmounts:
    @pytest.mark.parametrize(
        ("amount", "currency", "units"),
        [
            ("10.50", "USD", 1050),
            ("1050", "JPY", 1050),
            ("1.230", "KWD", 1230),
            ("500", "ISK", 50000),
            ("500", "UGX", 50000),
            ("9999999999.99", "EUR", 999999999999),
        ],
    )
    def test_there_and_back(self, amount: str, currency: str, units: int) -> None:
        money = Money(Decimal(amount), currency)

        assert minor_units(money) == units
        assert from_minor_units(units, currency) == money

    @pytest.mark.parametrize(("amount", "currency"), [("1.234", "KWD"), ("0.005", "USD"), ("0", "USD"), ("0.5", "JPY")])
    def test_what_stripe_cannot_take_is_refused(self, amount: str, currency: str) -> None:
        with pytest.raises(Refused):
            minor_units(Money(Decimal(amount), currency))
