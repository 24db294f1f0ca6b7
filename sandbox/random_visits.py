"""Visits as they happen at the demo's gates, planned by dice alone: what the gate is answered comes later."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from sandbox.magic_trips import Magic
from sandbox.random_carts import Cart, fresh_id, random_cart
from sandbox.shoppers import (
    ASSOCIATE,
    BLOCKED,
    CARDS,
    DEBTORS,
    LOST_LOYALTY_CODE,
    LOYALTY_CODES,
    SHOPPERS,
    STRANGER,
    Guest,
)
from sandbox.shops import SHOPS, Shop

REPLAY_SHARE = 0.04
ASSOCIATE_SHARE = 0.03
LOYALTY_SHARE = 0.2
LOST_SHARE = 0.08
GROUP_SHARE = 0.15
UNWELCOME_SHARE = 0.08
TROUBLED_SHARE = 0.06
DEBTOR_SHARE = 0.03
RISK_SHARE = 0.02
TROUBLES = (Magic.DECLINED, Magic.PENDING, Magic.PARTLY_AUTHORIZED)
RISKS = ("CustomerFraud", "BadDebt", "InvalidCard", "ExpiredCard")


@dataclass(frozen=True)
class Visit:
    """`cart` is what would be sent if the gate opened and no id were resolved. Without a guest, a card is tapped.

    `risks` are what Amazon sees in the card. `is_replay`: Amazon missed our answer, and sends the cart again.
    """

    cart: Cart
    guest: Guest | None = None
    risks: tuple[str, ...] = ()
    leaves_no_cart: bool = False
    is_replay: bool = False


def random_visits(dice: Random, shop: Shop | None = None) -> Iterator[Visit]:
    """Without end."""
    while True:
        visit = _visit(dice, shop or dice.choices(SHOPS, [each.weight for each in SHOPS])[0])
        yield visit
        if dice.random() < REPLAY_SHARE:
            yield replace(visit, is_replay=True)


def _visit(dice: Random, shop: Shop) -> Visit:
    if dice.random() < ASSOCIATE_SHARE:
        cart = random_cart(dice, shop, "SCAN_CODE") | {"cartItems": []}
        return Visit(cart, guest=ASSOCIATE, leaves_no_cart=dice.random() < 0.5)
    return _card_visit(dice, shop) if dice.choice(shop.entries) == "CARD" else _app_visit(dice, shop)


def _card_visit(dice: Random, shop: Shop) -> Visit:
    trouble = dice.choice(TROUBLES) if dice.random() < TROUBLED_SHARE else None
    cart = random_cart(dice, shop, "FINANCIAL", loyalty_code=_loyalty_code(dice))
    if trouble:
        cart["idempotentShoppingTripId"] = f"{trouble}-{cart['idempotentShoppingTripId']}"
    cart["shopperIdentity"] = {"id": _card(dice, trouble)}
    return Visit(cart, risks=(dice.choice(RISKS),) if dice.random() < RISK_SHARE else ())


def _card(dice: Random, trouble: Magic | None) -> str:
    """Cards that decline are the debtors', or are never seen again: else, in time, everybody would owe."""
    if trouble in (Magic.DECLINED, Magic.PARTLY_AUTHORIZED):
        return dice.choice(DEBTORS) if dice.random() < 0.5 else fresh_id(dice)
    return dice.choice(DEBTORS if dice.random() < DEBTOR_SHARE else CARDS)


def _app_visit(dice: Random, shop: Shop) -> Visit:
    guest = dice.choice((BLOCKED, STRANGER)) if dice.random() < UNWELCOME_SHARE else dice.choice(SHOPPERS)
    people = dice.randint(2, 3) if dice.random() < GROUP_SHARE else 1
    return Visit(random_cart(dice, shop, "SCAN_CODE", people=people, loyalty_code=_loyalty_code(dice)), guest=guest)


def _loyalty_code(dice: Random) -> str:
    if dice.random() >= LOYALTY_SHARE:
        return ""
    return LOST_LOYALTY_CODE if dice.random() < LOST_SHARE else dice.choice(LOYALTY_CODES)
