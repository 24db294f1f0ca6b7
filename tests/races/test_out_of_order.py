"""Whatever is done with a trip in whichever order (reliability.md, row 4): the model in one_trip.py foretells it.

A refund before the money is taken, a retry while another is under way, cash for what the card is being asked for, a
late cart with other items, an approval after the window. ORDER_SEED replays a run.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db.models import F
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.errors import Conflict
from orders.services.intake import Arrived, receive_carts
from orders.wire import create_purchases_decoder
from payments.models import Charge, Debt, Refund
from payments.services.collection import retry_charge
from payments.services.debts import settle, write_off
from payments.services.refund_approval import approve_refund, reject_refund
from payments.services.refunds import retry_refund
from payments.services.trips import balances_of
from payments.states import SettlementMeans
from payments.tests.trips import TEN, a_store, cart_body, collected, fresh, queued_refund, sent, staged_trip
from sandbox.testing import SandboxProcess
from tests.races.one_trip import APPROVAL_ABOVE, ExpectedTrip, GivenBack
from tests.races.seeds import seed_of

pytestmark = pytest.mark.django_db

EXAMPLES = 25
# A control ends with the first example that fails, in the first or second run.
MOST_RUNS = 20
STEPS = 20
KINDS = ["plain", "plain", "declined", "declined once", "partly"]
AMAZONS_NAMES = {
    "declined": "declined-payment-trip-uuid-",
    "declined once": "declined-once-trip-uuid-",
    "partly": "partly-authorized-trip-uuid-",
}
TROUBLES: dict[str, tuple[str, str, dict[str, int]]] = {
    "busy": ("status", "adjust", {"status": 503}),
    "silent": ("lose_answer", "capture", {}),
    "refused": ("status", "adjust", {"status": 400}),
}
CLERK, MANAGER = "clerk", "manager"

cents = st.sampled_from([250, 300, 500, 1, 650, 1000, 1001])


def euros(amount: int) -> Decimal:
    return Decimal(amount) / 100


def is_done(act: Callable[[], object]) -> bool:
    """False where the application says that it cannot be done now."""
    try:
        act()
    except Conflict:
        return False
    return True


class AnyOrder(RuleBasedStateMachine):
    sandbox: ClassVar[SandboxProcess]

    @initialize(kind=st.sampled_from(KINDS), is_soon=st.sampled_from([True, True, False]))
    def a_shopper_leaves(self, kind: str, is_soon: bool) -> None:
        """Most trips are collected before anything else can happen to them."""
        self.store = a_store("TEST-ORDER", refund_approval_above=euros(APPROVAL_ABOVE))
        trip_id = f"{AMAZONS_NAMES.get(kind, '')}{uuid4()}"
        self.trip = staged_trip(self.sandbox, TEN, store=self.store, trip_id=trip_id)
        self.expected = ExpectedTrip(kind)
        self.wait()
        if is_soon:
            self.a_worker_collects()

    @property
    def charge(self) -> Charge:
        return fresh(self.trip).charge

    @property
    def refunds(self) -> list[tuple[Refund, GivenBack]]:
        """Each with what should have become of it."""
        return list(zip(self.charge.refunds.order_by("id"), self.expected.refunds, strict=True))

    def wait(self) -> None:
        """Nobody collects the trip before the machine says so."""
        charges = Charge.objects.filter(trip=self.trip, next_attempt_at__isnull=False)
        charges.update(next_attempt_at=F("next_attempt_at") + timedelta(hours=1))

    @rule(quantity=st.sampled_from(["1", "2"]))
    def the_cart_comes_again(self, quantity: str) -> None:
        """As it was, or with more in it: the first one stands, whenever the second comes."""
        body = cart_body(self.store, self.trip.amazon_trip_id, (("10.00", quantity),))
        cart = Arrived(create_purchases_decoder.decode(body), body)
        assert receive_carts([cart]) == [self.trip.purchase_id]

    @precondition(lambda self: self.expected.stage == "open")
    @rule()
    def a_worker_collects(self) -> None:
        collected(self.trip)
        self.expected.is_collected()

    @precondition(lambda self: self.expected.stage == "open")
    @rule(trouble=st.sampled_from(["busy", "silent", "refused"]))
    def a_worker_meets_trouble(self, trouble: str) -> None:
        """Amazon is busy, or takes the money and says nothing, or does not want to."""
        kind, operation, options = TROUBLES[trouble]
        self.sandbox.fault(kind, operation=operation, trip=self.trip.amazon_trip_id, **options)
        collected(self.trip)
        self.sandbox.clear_faults()
        if self.charge.state == "failed":
            self.expected.is_refused()
        elif self.charge.next_attempt_at is None:  # there was no such call
            self.expected.is_collected()

    @rule()
    def staff_collect_again(self) -> None:
        may = self.expected.may_be_collected_again()
        assert is_done(lambda: retry_charge(self.charge, actor=MANAGER)) == may
        self.wait()

    @precondition(lambda self: self.expected.debt)
    @rule(amount=cents, means=st.sampled_from(SettlementMeans.values))
    def the_shopper_settles(self, amount: int, means: str) -> None:
        debt = Debt.objects.get(charge__trip=self.trip)
        may = self.expected.may_be_settled(amount, is_waived=means == "waived")
        key = uuid4()
        for _ in range(2):  # a double click
            assert may == is_done(
                lambda: settle(debt, key=key, amount=euros(amount), means=means, actor=CLERK, note="At the till.")
            )

    @precondition(lambda self: self.expected.debt)
    @rule()
    def the_debt_is_written_off(self) -> None:
        debt = Debt.objects.get(charge__trip=self.trip)
        may = self.expected.may_be_written_off()
        assert is_done(lambda: write_off(debt, actor=MANAGER, note="Moved away.")) == may

    @rule(amount=cents)
    def staff_give_back(self, amount: int) -> None:
        may = self.expected.may_be_refunded(amount)
        assert is_done(lambda: queued_refund(self.trip, str(euros(amount)), actor=CLERK)) == may

    @precondition(lambda self: self.expected.refunds)
    @rule(agrees=st.booleans())
    def a_second_person_decides(self, agrees: bool) -> None:
        refund, expected = self.refunds[-1]
        if agrees:
            may = self.expected.may_be_approved(expected)
            assert is_done(lambda: approve_refund(refund, actor=MANAGER)) == may
        else:
            may = self.expected.may_be_rejected(expected)
            assert is_done(lambda: reject_refund(refund, actor=MANAGER, note="No.")) == may

    @precondition(lambda self: self.expected.refunds)
    @rule(answer=st.sampled_from(["done", "failed", "lost"]))
    def a_worker_gives_back(self, answer: str) -> None:
        """A lost answer is followed by another try at once."""
        queued = [(refund, expected) for refund, expected in self.refunds if expected.state == "queued"]
        if answer != "done" and queued:
            kind, options = {"failed": ("status", {"status": 400}), "lost": ("lose_answer", {})}[answer]
            self.sandbox.fault(kind, operation="refund", trip=self.trip.amazon_trip_id, times=len(queued), **options)
        for refund, expected in queued * 2:
            sent(refund)
            expected.state = "failed" if answer == "failed" else "done"

    @precondition(lambda self: self.expected.refunds)
    @rule()
    def staff_send_refunds_again(self) -> None:
        for refund, expected in self.refunds:
            may = self.expected.may_be_sent_again(expected)
            assert is_done(lambda refund=refund: retry_refund(refund, actor=MANAGER)) == may

    @precondition(lambda self: self.expected.captured and not self.expected.is_too_late)
    @rule(is_so=st.sampled_from([False, False, True]))
    def the_window_ends(self, is_so: bool) -> None:
        if is_so:
            Charge.objects.filter(trip=self.trip).update(captured_at=F("captured_at") - timedelta(days=8))
            self.expected.is_too_late = True

    @invariant()
    def it_is_as_foretold(self) -> None:
        """Columns, states, ledger and Amazon's own books."""
        trip, expected = fresh(self.trip), self.expected
        charge, balances, book = trip.charge, balances_of(trip), self.sandbox.trip(trip.amazon_trip_id)
        assert (charge.captured, charge.settled, charge.committed) == (
            euros(expected.captured),
            euros(expected.settled),
            euros(expected.promised),
        )
        assert balances.captured.amount == charge.captured
        assert balances.refunded.amount == Decimal(book["refunded"]) == euros(expected.given)
        assert balances.refundable.amount == charge.captured - charge.committed
        assert book["captures"] <= 1
        assert all(refund.state == given.state for refund, given in self.refunds)
        if debt := Debt.objects.filter(charge=charge).first():
            assert (debt.state, debt.owed) == (expected.debt, euros(expected.owed))
            assert balances.outstanding.amount == debt.owed
        if expected.stage != "open":
            assert (charge.state, trip.state) == (expected.stage, expected.state)
            assert Decimal(book["captured"]) == charge.captured
            assert charge.next_attempt_at is None


def run(sandbox: SandboxProcess, number: int) -> None:
    AnyOrder.sandbox = sandbox
    run_state_machine_as_test(
        seed(number)(AnyOrder),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_order_ends_as_the_model_foretells(sandbox: SandboxProcess) -> None:
    run(sandbox, seed_of("ORDER_SEED"))


@pytest.mark.parametrize(
    ("model", "one", "other"),
    [(Refund, "finish", "fail"), (Debt, "settle", "write_off"), (Charge, "decline", "fail")],
)
def test_two_transitions_that_are_swapped_are_noticed(
    sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, model: Any, one: str, other: str
) -> None:
    """Negative control of the test above: the model notices, or the database itself."""
    first, second = getattr(model, one), getattr(model, other)
    monkeypatch.setattr(model, one, second)
    monkeypatch.setattr(model, other, first)

    number = seed_of("ORDER_SEED")
    with pytest.raises((AssertionError, IntegrityError)):  # noqa: PT012
        for other in range(number, number + MOST_RUNS):
            run(sandbox, other)
