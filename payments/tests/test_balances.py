"""Where the money is, from events alone."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from payments.balances import Balances, compute


@dataclass
class Event:
    kind: str
    phase: str
    amount: Decimal | None = None
    currency: str = "USD"


def event(what: str, amount: str | None = None, currency: str = "USD") -> Event:
    kind, phase = what.split()
    return Event(kind, phase, None if amount is None else Decimal(amount), currency)


COLLECTED = [
    event("adjust requested", "10.00"),
    event("adjust succeeded", "10.00"),
    event("capture requested", "10.00"),
    event("capture succeeded", "10.00"),
]


def plain(balances: Balances) -> dict[str, str]:
    names = ("authorized", "captured", "refunded", "refund_pending", "refundable", "outstanding")
    return {name: amount.plain for name in names if (amount := getattr(balances, name))}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([], {}, id="nothing happened"),
        pytest.param(COLLECTED[:1], {}, id="a hold that was only asked for is none"),
        pytest.param([COLLECTED[0], event("adjust pending", "10.00")], {}, id="a pending hold is none yet"),
        pytest.param(COLLECTED[:2], {"authorized": "10.00"}, id="authorized"),
        pytest.param(COLLECTED[:3], {"authorized": "10.00"}, id="a capture that was only asked for took nothing"),
        pytest.param(
            [*COLLECTED[:3], event("capture unknown", "10.00")],
            {"authorized": "10.00"},
            id="an unknown capture counts for nothing until it is known",
        ),
        pytest.param(COLLECTED, {"authorized": "10.00", "captured": "10.00", "refundable": "10.00"}, id="captured"),
        pytest.param(
            [*COLLECTED, event("refund requested", "4.00")],
            {"authorized": "10.00", "captured": "10.00", "refund_pending": "4.00", "refundable": "6.00"},
            id="a refund on its way is not refundable",
        ),
        pytest.param(
            [*COLLECTED, event("refund requested", "4.00"), event("refund unknown", "4.00")],
            {"authorized": "10.00", "captured": "10.00", "refund_pending": "4.00", "refundable": "6.00"},
            id="a refund whose outcome is unknown is still on its way",
        ),
        pytest.param(
            [*COLLECTED, event("refund requested", "4.00"), event("refund succeeded", "4.00")],
            {"authorized": "10.00", "captured": "10.00", "refunded": "4.00", "refundable": "6.00"},
            id="refunded",
        ),
        pytest.param(
            [*COLLECTED, event("refund requested", "4.00"), event("refund failed", "4.00")],
            {"authorized": "10.00", "captured": "10.00", "refundable": "10.00"},
            id="a refund that failed is refundable again",
        ),
        pytest.param(
            [*COLLECTED, event("refund requested", "4.00"), event("refund rejected", "4.00")],
            {"authorized": "10.00", "captured": "10.00", "refundable": "10.00"},
            id="a refund that was not approved is refundable again",
        ),
        pytest.param(
            COLLECTED[2:],
            {"authorized": "10.00", "captured": "10.00", "refundable": "10.00"},
            id="authorized and captured by one call",
        ),
        pytest.param(
            [COLLECTED[0], event("adjust declined", "0"), event("debt opened", "10.00")],
            {"outstanding": "10.00"},
            id="declined",
        ),
        pytest.param(
            [
                COLLECTED[0],
                event("adjust declined", "4.00"),
                event("capture succeeded", "4.00"),
                event("debt opened", "6.00"),
            ],
            {"authorized": "4.00", "captured": "4.00", "refundable": "4.00", "outstanding": "6.00"},
            id="partly captured",
        ),
        pytest.param(
            [event("debt opened", "10.00"), event("debt paid", "4.00"), event("debt waived", "1.00")],
            {"outstanding": "5.00"},
            id="what was paid or waived is no longer outstanding",
        ),
        pytest.param(
            [event("debt opened", "10.00"), event("debt written_off", "10.00"), event("debt paid", "4.00")],
            {"outstanding": "6.00"},
            id="what is written off is still owed",
        ),
        pytest.param(
            [event("debt opened", "10.00"), *COLLECTED, event("debt paid", "10.00")],
            {"authorized": "10.00", "captured": "10.00", "refundable": "10.00"},
            id="a debt that the card paid later",
        ),
        pytest.param(
            [*COLLECTED[:2], event("cancel requested"), event("cancel succeeded")], {}, id="a released hold is gone"
        ),
        pytest.param(
            [*COLLECTED[:2], event("capture failed"), event("retry requested"), event("adjust succeeded", "10.00")],
            {"authorized": "10.00"},
            id="the hold is what it was set to last, not a sum",
        ),
    ],
)
def test_each_event_moves_what_it_should(events: list[Event], expected: dict[str, str]) -> None:
    assert plain(compute(events, "USD")) == expected


def test_net_is_what_the_retailer_keeps() -> None:
    balances = compute([*COLLECTED, event("refund requested", "4.00"), event("refund succeeded", "4.00")], "USD")

    assert balances.net == Money(Decimal("6.00"), "USD")


def test_two_currencies_are_refused() -> None:
    with pytest.raises(ValueError, match="USD with GBP"):
        compute([*COLLECTED, event("refund requested", "1.00", "GBP")], "USD")


def test_a_currency_without_decimals_has_none() -> None:
    events = [event("adjust succeeded", "360", "JPY"), event("capture succeeded", "360", "JPY")]

    assert compute(events, "JPY").captured.plain == "360"


CENTS = st.integers(1, 10_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def legal_histories(draw: st.DrawFn) -> list[Event]:
    """What the services allow: one capture, refunds within what is left at that time, each with its outcome or none."""
    captured = draw(CENTS)
    events = [Event("adjust", "succeeded", captured), Event("capture", "succeeded", captured)]
    left, on_the_way = captured, list[Decimal]()
    for _ in range(draw(st.integers(0, 12))):
        if on_the_way and draw(st.booleans()):
            amount = on_the_way.pop(draw(st.integers(0, len(on_the_way) - 1)))
            phase = draw(st.sampled_from(["succeeded", "failed", "unknown"]))
            if phase == "unknown":
                on_the_way.append(amount)
            left += amount if phase == "failed" else 0
            events.append(Event("refund", phase, amount))
        elif left:
            amount = draw(st.integers(1, int(left * 100)).map(lambda cents: Decimal(cents) / 100))
            left -= amount
            on_the_way.append(amount)
            events.append(Event("refund", "requested", amount))
    return events


@given(legal_histories())
def test_no_legal_history_makes_the_refundable_amount_negative(events: list[Event]) -> None:
    for end in range(len(events) + 1):
        balances = compute(events[:end], "USD")

        assert balances.refundable.amount >= 0
        assert balances.refund_pending.amount >= 0


@given(legal_histories())
def test_what_was_captured_is_refunded_or_on_its_way_or_refundable(events: list[Event]) -> None:
    balances = compute(events, "USD")

    assert balances.captured == balances.refunded + balances.refund_pending + balances.refundable
    assert balances.net == balances.captured - balances.refunded


@given(legal_histories())
def test_an_event_without_an_amount_changes_nothing(events: list[Event]) -> None:
    assert compute([*events, Event("retry", "requested")], "USD") == compute(events, "USD")
