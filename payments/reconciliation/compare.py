"""Two books of the same trips: where they differ and what to do about it. Pure, no database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from core import money
from core.languages import Words
from core.money import Money


class Kind(StrEnum):
    ONLY_HERE = "only here"
    ONLY_THERE = "only there"
    CAPTURED_TWICE = "captured twice"
    CAPTURED = "captured differs"
    REFUNDED = "refunded differs"
    CURRENCY = "currency differs"
    OUR_ROWS = "our own rows differ"


@dataclass(frozen=True, slots=True)
class Account:
    """What one side knows of a trip's money, all of it in one currency.

    `captures` is how often money was taken. `is_open`: something is under way, or its outcome is unknown.
    """

    trip_id: str
    currency: str
    captured: Decimal = money.ZERO
    refunded: Decimal = money.ZERO
    captures: int = 0
    is_open: bool = False

    @property
    def has_money(self) -> bool:
        return bool(self.captured or self.refunded)


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours` and `theirs` are what differs; None where a side has nothing to say."""

    kind: Kind
    trip_id: str
    ours: Money | None
    theirs: Money | None
    suggestion: Words

    @property
    def words(self) -> Words:
        return _WORDS[self.kind]


_WORDS = {
    Kind.ONLY_HERE: _("only here"),
    Kind.ONLY_THERE: _("only there"),
    Kind.CAPTURED_TWICE: _("captured twice"),
    Kind.CAPTURED: _("captured differs"),
    Kind.REFUNDED: _("refunded differs"),
    Kind.CURRENCY: _("currency differs"),
    Kind.OUR_ROWS: _("our own rows differ"),
}
_STILL_OPEN = _(
    "Something of this trip is under way here, or its outcome is unknown. It becomes known by itself as a rule; if it "
    "stays unknown, say on the trip's page what became of it."
)
_SUGGESTIONS = {
    Kind.ONLY_HERE: _(
        "Nobody there knows of this money. If it was taken close to midnight, look at the next day; else "
        "ask them for this trip before you give anything back."
    ),
    Kind.ONLY_THERE: _(
        "They took money that is not noted here. Look at the trip's timeline; without a reason there, "
        "ask them, and give the shopper the money back."
    ),
    Kind.CAPTURED_TWICE: _(
        "The shopper was charged more than once. Ask them to give back what is too much: a refund "
        "here would count against the one capture that is noted."
    ),
    Kind.CAPTURED: _("Compare the capture on the trip's timeline with theirs, and ask them how much reached the card."),
    Kind.REFUNDED: _(
        "Compare the refunds on the trip's page with theirs, by refund id: one may have failed there, or "
        "been given there by hand."
    ),
    Kind.CURRENCY: _("The store's currency and theirs are not the same. Correct it before more trips are collected."),
}
_UNHEARD_OF = _(
    "No cart of this trip has come here. Look for it among the calls from Amazon; if none was refused, ask Amazon for "
    "the cart."
)


def compare(ours: Mapping[str, Account], theirs: Mapping[str, Account]) -> list[Difference]:
    """By trip id. A trip without money on either side is no difference, whoever knows of it."""
    differences = []
    for trip_id in sorted(ours.keys() | theirs.keys()):
        pair = Pair(ours.get(trip_id), theirs.get(trip_id))
        differences += [
            Difference(kind, trip_id, _worth(pair.ours, what), _worth(pair.theirs, what), _suggestion(kind, pair))
            for kind, what in _found(pair)
        ]
    return differences


class Pair(NamedTuple):
    ours: Account | None
    theirs: Account | None


def _found(pair: Pair) -> Iterator[tuple[Kind, str]]:
    """Each with the sum that it is about."""
    ours, theirs = (account if account and account.has_money else None for account in pair)
    if theirs and theirs.captures > 1:
        yield Kind.CAPTURED_TWICE, "captured"
    elif theirs and not ours:
        yield Kind.ONLY_THERE, "captured" if theirs.captured else "refunded"
    elif ours and not theirs:
        yield Kind.ONLY_HERE, "captured" if ours.captured else "refunded"
    elif ours and theirs and ours.currency != theirs.currency:
        yield Kind.CURRENCY, "captured"
    elif ours and theirs and ours.captured != theirs.captured:
        yield Kind.CAPTURED, "captured"
    if ours and theirs and ours.currency == theirs.currency and ours.refunded != theirs.refunded:
        yield Kind.REFUNDED, "refunded"


def _suggestion(kind: Kind, pair: Pair) -> Words:
    if pair.ours is None:
        return _UNHEARD_OF
    if pair.ours.is_open and kind in {Kind.ONLY_THERE, Kind.REFUNDED}:
        return _STILL_OPEN
    return _SUGGESTIONS[kind]


def _worth(account: Account | None, what: str) -> Money | None:
    return None if account is None else Money(getattr(account, what), account.currency)
