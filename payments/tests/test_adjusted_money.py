"""What follows for the money from a lower total: pure, so every order of steps can be tried."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.adjusted_money import Consequence, PaidInStore, Standing, lower

cents = st.integers(0, 3000).map(lambda number: Decimal(number) / 100)


def standing(total: str = "10.00", captured: str = "10.00", **fields: str) -> Standing:
    amounts = {name: Decimal(amount) for name, amount in fields.items()}
    return Standing(
        **({"total": Decimal(total), "to_collect": Decimal(total), "captured": Decimal(captured)} | amounts)
    )


def consequence(to_collect: str, debt: str, back: str, already: str = "0") -> Consequence:
    return Consequence(Decimal(to_collect), Decimal(debt), Decimal(back), Decimal(already))


@pytest.mark.parametrize(
    ("before", "total", "then"),
    [
        # Taken in full: the difference goes back.
        (standing(), "7.00", consequence("10.00", "0", "3.00")),
        (standing(), "0", consequence("10.00", "0", "10.00")),
        (standing(), "10.00", consequence("10.00", "0", "0")),
        # Adjusted before: only what has come to it since.
        (standing("7.00", to_collect="10.00", committed="3.00"), "5.00", consequence("10.00", "0", "2.00")),
        # A part was taken: first less is owed, then what is over goes back.
        (standing(captured="4.00"), "7.00", consequence("7.00", "3.00", "0")),
        (standing(captured="4.00"), "4.00", consequence("4.00", "6.00", "0")),
        (standing(captured="4.00"), "3.00", consequence("4.00", "6.00", "1.00")),
        # Nothing was taken.
        (standing(captured="0"), "0", consequence("0", "10.00", "0")),
        # Waived is not paid, so it does not go back.
        (standing(captured="4.00", settled="6.00", waived="6.00"), "7.00", consequence("10.00", "0", "0")),
        (standing(captured="4.00", settled="6.00", waived="6.00"), "3.00", consequence("10.00", "0", "1.00")),
        # Paid in the store and by card: the card gets it.
        (standing(captured="4.00", settled="6.00"), "7.00", consequence("10.00", "0", "3.00")),
        # What a goodwill refund has given back already is not given twice.
        (standing(committed="8.00"), "5.00", consequence("10.00", "0", "2.00", "3.00")),
        (standing(committed="10.00"), "5.00", consequence("10.00", "0", "0", "5.00")),
    ],
)
def test_what_becomes_of_it(before: Standing, total: str, then: Consequence) -> None:
    assert lower(before, Decimal(total)) == then


def test_what_was_paid_in_the_store_is_given_back_there() -> None:
    with pytest.raises(PaidInStore) as refused:
        lower(standing(captured="4.00", settled="6.00"), Decimal("5.99"))

    assert refused.value.amount == 6


@st.composite
def any_standing(draw: st.DrawFn) -> Standing:
    """As the services can bring it about: what is to be collected covers what was taken and settled."""
    captured, waived, in_store, owed = (draw(cents) for _ in range(4))
    committed = min(draw(cents), captured)
    total = captured + waived + in_store + owed
    return Standing(total, total, captured, waived + in_store, waived, committed)


@given(any_standing(), st.lists(st.tuples(st.sampled_from(["adjust", "refund"]), cents), max_size=12))
def test_whatever_comes_after_what_it_always_adds_up(before: Standing, steps: list[tuple[str, Decimal]]) -> None:
    now, given_back = before, Decimal(0)
    for step, amount in steps:
        if step == "refund":
            now = replace(now, committed=now.committed + min(amount, now.left))
            continue
        if not now.in_store <= amount <= now.total:
            continue
        then = lower(now, amount)
        given_back += then.gives_back + then.given_already
        owed = now.owed
        now = replace(now, total=amount, to_collect=then.to_collect, committed=now.committed + then.gives_back)
        assert min(then.lowers_debt, then.gives_back, then.given_already) >= 0
        assert now.owed == owed - then.lowers_debt >= 0
        assert now.to_collect == max(now.total, now.captured + now.settled)
        assert 0 <= now.committed <= now.captured
        # Either somebody still owes, or all that was paid beyond the total was given back.
        assert now.paid - now.total <= given_back
        assert not (now.owed and given_back)
