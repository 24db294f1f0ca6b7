"""The shapes of GetShopperAuthorization. Amazon: fraud_abuse_api.

Amazon's page is not whole: it shows no answer, and does not say what is required beyond storeId and shopperIdentity.
Our reading is that a decision needs to know the store, the shopper, the trip and that there was a gate event, so these
are required (credit_card_fully_delegated_test_plan 7a.12); everything else may be missing, and a value that Amazon adds
to one of its lists is read like any other. The answer stands in GetShopperAuthorizationResponse and nowhere else.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amazon.wire import EventTime, Malformed, MaybeEmpty255, Shape, Text255
from core.money import LARGEST, Money, rounded

Number = Annotated[Decimal, Meta(extra_json_schema={"type": "number"})]
Risk = Annotated[str, Meta(max_length=255)]

# As many digits as an amount in binary floating point may have when it is written out in full.
_MOST_DECIMALS = 60


class Amount(Shape, frozen=True):
    value: Number
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")]

    def check(self, path: str) -> None:
        """Raises Malformed for what is no amount of money; `path` is where it stands in the body."""
        if not self.value.is_finite() or not 0 <= self.value <= LARGEST:
            raise Malformed(f"{path}.value: must be an amount from 0 to {LARGEST}")
        if int(self.value.as_tuple().exponent) < -_MOST_DECIMALS:
            raise Malformed(f"{path}.value: must have at most {_MOST_DECIMALS} decimals")

    @property
    def money(self) -> Money:
        return Money(rounded(self.value, self.currency_code), self.currency_code)


class Condition(Shape, frozen=True, omit_defaults=True):
    """Amazon documents ADJUST alone: let in, but hold another amount."""

    type: MaybeEmpty255 | None = None
    amount: Amount | None = None


class Recommendation(Shape, frozen=True, omit_defaults=True):
    shopper_authorized: bool | None = None
    authorization_conditions: list[Condition] | None = None
    shopper_risks: list[Risk] | None = None

    @property
    def adjust_to(self) -> Money | None:
        """What the first condition of the type we know asks for."""
        conditions = self.authorization_conditions or []
        return next((each.amount.money for each in conditions if each.type == "ADJUST" and each.amount), None)


class GateAuthenticationEvent(Shape, frozen=True):
    id: MaybeEmpty255 | None = None
    type: MaybeEmpty255 | None = None
    interaction_type: MaybeEmpty255 | None = None
    timestamp: EventTime | None = None
    location: MaybeEmpty255 | None = None
    data: Any = None


class CartHint(Shape, frozen=True):
    """The last that Amazon knows of the cart. Its items are not looked at."""

    total_price: Amount | None = None


class ShopperInteraction(Shape, frozen=True):
    shopping_trip_id: Text255
    gate_authentication_event: GateAuthenticationEvent
    recommendation: Recommendation | None = None
    cart_hint: CartHint | None = None


class Shopper(Shape, frozen=True):
    id: Text255


class GetShopperAuthorizationRequest(Shape, frozen=True):
    store_id: Text255
    shopper_identity: Shopper
    shopper_interaction: ShopperInteraction
    authorized_amount: Amount | None = None

    @property
    def recommendation(self) -> Recommendation:
        return self.shopper_interaction.recommendation or Recommendation()

    @property
    def event_id(self) -> str:
        return self.shopper_interaction.gate_authentication_event.id or ""

    @property
    def in_cart(self) -> Amount | None:
        hint = self.shopper_interaction.cart_hint
        return hint.total_price if hint else None

    def check(self) -> None:
        """The rules about amounts. Raises Malformed."""
        if self.authorized_amount:
            self.authorized_amount.check("authorizedAmount")
        if self.in_cart:
            self.in_cart.check("shopperInteraction.cartHint.totalPrice")
        for index, condition in enumerate(self.recommendation.authorization_conditions or []):
            if condition.amount:
                place = f"shopperInteraction.recommendation.authorizationConditions[{index}].amount"
                condition.amount.check(place)


class Adjust(Shape, frozen=True):
    type: Literal["ADJUST"]
    amount: Amount


class GetShopperAuthorizationResponse(Shape, frozen=True):
    """The whole answer, let in or refused: the shape of Amazon's own recommendation in the request."""

    shopper_authorized: bool
    authorization_conditions: list[Adjust]
    shopper_risks: list[str]


def response(*, is_authorized: bool, risks: list[str], adjusted_to: Money | None) -> GetShopperAuthorizationResponse:
    adjusts = []
    if adjusted_to is not None:
        value = rounded(adjusted_to.amount, adjusted_to.currency)
        adjusts = [Adjust("ADJUST", Amount(value, adjusted_to.currency))]
    return GetShopperAuthorizationResponse(is_authorized, adjusts, risks)


get_shopper_authorization_decoder = msgspec.json.Decoder(GetShopperAuthorizationRequest)
