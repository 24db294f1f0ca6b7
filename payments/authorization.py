"""Whether a card at the gate is let in, and how much is held on it: pure rules, no database.

What refuses, in this order; every one that applies is written down, the first one first:

1. the shopper is blocked here;
2. they owe more than the store tolerates;
3. Amazon names a risk that refuses here;
4. Amazon advises to refuse, and the store follows its advice.

Where none applies the shopper is let in, and the hold is what Amazon is about to hold, or what it advises to hold if
the store follows it; and never more than the store wants to have held, as long as that covers what is in the cart.
The store's own limit only ever lowers a hold: it has nothing to say where Amazon names no amount, or one in another
currency.

The names of Amazon's risks are compared by their letters and digits alone: not all of them stand on its pages.
Amazon: fraud_abuse_api, credit_card_fully_delegated_test_plan 7a.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.money import Money

BAD_DEBT = "BadDebt"


@dataclass(frozen=True, slots=True)
class Rules:
    """A store's. Its tolerance and its limit are in its own currency; without a `most_held` there is no limit."""

    follows_amazon: bool
    denied_risks: frozenset[str]
    denies_debtors: bool
    tolerated_debt: Money
    most_held: Money | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """Amazon's. `is_authorized` is None where it gives none; `adjust_to` is what it would have held instead."""

    is_authorized: bool | None = None
    adjust_to: Money | None = None
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shopper:
    """What we know of who stands at the gate: why they are blocked, if so, and what they owe, currency by currency."""

    block: str | None = None
    debts: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`reasons` are sentences for staff; `risks` and `adjusted_to` are what Amazon is answered."""

    is_authorized: bool
    reasons: tuple[str, ...]
    risks: tuple[str, ...] = ()
    adjusted_to: Money | None = None


def decide(
    rules: Rules, shopper: Shopper, *, advice: Advice, held: Money | None = None, in_cart: Money | None = None
) -> Decision:
    """`held` is what Amazon is about to hold, `in_cart` what the cart is known to cost; either may be unknown."""
    refusals, risks = _refusals(rules, shopper, advice)
    if refusals:
        return Decision(False, tuple(refusals), tuple(dict.fromkeys(risks)))
    adjusted_to, about_hold = _hold(rules, advice, held, in_cart)
    notes = [*_notes(rules, shopper, advice), *about_hold]
    return Decision(True, tuple(notes) or ("Nothing speaks against this shopper.",), adjusted_to=adjusted_to)


def is_same_risk(left: str, right: str) -> bool:
    """`ExpiredCard` and `EXPIRED_CARD` are the same."""
    return _letters(left) == _letters(right)


def _refusals(rules: Rules, shopper: Shopper, advice: Advice) -> tuple[list[str], list[str]]:
    """The sentences, and the risks that go with them."""
    sentences, risks = [], []
    if shopper.block is not None:
        sentences.append(f"Blocked: {shopper.block}" if shopper.block else "Blocked.")
    if rules.denies_debtors and (owed := [debt for debt in shopper.debts if not _is_tolerated(debt, rules)]):
        sentences.append(f"Owes {_listed(owed)} for earlier trips.")
        risks.append(BAD_DEBT)
    for risk in advice.risks:
        if _denies(risk, rules):
            sentences.append(f"Amazon names the risk {risk}.")
            risks.append(risk)
    if rules.follows_amazon and advice.is_authorized is False:
        sentences.append("Amazon advises to refuse.")
        risks += advice.risks
    return sentences, risks


def _notes(rules: Rules, shopper: Shopper, advice: Advice) -> list[str]:
    """What was seen and did not count."""
    notes = []
    if advice.is_authorized is False:
        notes.append("Amazon advises to refuse, but this store decides by its own rules.")
    if shopper.debts:
        why = "which is tolerated here" if rules.denies_debtors else "but debtors are let in here"
        notes.append(f"Owes {_listed(shopper.debts)} for earlier trips, {why}.")
    if advice.risks:
        notes.append(f"Amazon names what does not refuse here: {', '.join(advice.risks)}.")
    return notes


def _hold(
    rules: Rules, advice: Advice, held: Money | None, in_cart: Money | None
) -> tuple[Money | None, tuple[str, ...]]:
    """What to hold instead of `held`, if anything, and why."""
    hold, notes = held, []
    if rules.follows_amazon and advice.adjust_to is not None:
        if held is not None and held.currency != advice.adjust_to.currency:
            notes.append(f"Amazon advises to hold {advice.adjust_to}, which is another currency than that of the hold.")
        else:
            hold = advice.adjust_to
            notes.append(f"Amazon advises to hold {hold}.")
    limit = rules.most_held
    if hold is not None and limit is not None and hold.currency == limit.currency:
        enough = _at_least(limit, in_cart)
        if enough < hold:
            hold = enough
            notes.append(_why_limited(limit, enough))
    return (None if hold == held else hold), tuple(notes)


def _why_limited(limit: Money, enough: Money) -> str:
    if limit < enough:
        return f"The cart costs {enough} already, more than the {limit} that this store has held at most."
    return f"This store has at most {limit} held."


def _at_least(limit: Money, in_cart: Money | None) -> Money:
    if in_cart is not None and in_cart.currency == limit.currency and limit < in_cart:
        return in_cart
    return limit


def _is_tolerated(debt: Money, rules: Rules) -> bool:
    """A debt in another currency cannot be compared with what is tolerated, so nothing of it is."""
    return debt.currency == rules.tolerated_debt.currency and debt <= rules.tolerated_debt


def _denies(risk: str, rules: Rules) -> bool:
    return any(is_same_risk(risk, denied) for denied in rules.denied_risks)


def _letters(risk: str) -> str:
    return "".join(filter(str.isalnum, risk)).lower()


def _listed(amounts: Iterable[Money]) -> str:
    return " and ".join(str(amount) for amount in amounts)
