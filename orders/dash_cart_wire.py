"""The shapes of what a Dash Cart asks about prices. Amazon: OrderingConnector, version 2021-07-11."""

from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from amazon.wire import MaybeEmpty255, Shape, Text255
from orders.wire import CartItem, ExternalIdentifier, ShopperIdentity

Number = Annotated[Decimal, Meta(extra_json_schema={"type": "number"})]
TripId = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[0-9a-zA-Z_\-]+$")]
Reason = Annotated[str, Meta(max_length=255)]


class RequestOrigin(Shape, frozen=True):
    """Which cart asks. Its type is DASH_CART, and is not looked at."""

    id: MaybeEmpty255
    type: MaybeEmpty255


class GetProductRequest(Shape, frozen=True):
    store_id: Text255
    shopping_trip_id: TripId
    cart_item: CartItem
    shopper_identity: ShopperIdentity | None = None

    def check(self) -> None:
        """Raises Malformed."""
        self.cart_item.check("cartItem")


class PreviewPurchaseRequest(Shape, frozen=True):
    """Of both versions. A feature that we do not know is not computed."""

    store_id: Text255
    shopping_trip_id: TripId
    request_origin: RequestOrigin
    feature_set: list[Text255]
    cart_items: list[CartItem]
    shopper_identity: ShopperIdentity | None = None
    shopper_device_id: MaybeEmpty255 | None = None

    @property
    def wants_promotions(self) -> bool:
        return "PROMOTIONS" in self.feature_set

    @property
    def wants_taxes(self) -> bool:
        return "TAXES_FEES" in self.feature_set

    def check(self) -> None:
        """Raises Malformed."""
        for index, item in enumerate(self.cart_items):
            item.check(f"cartItems[{index}]")


# --- Shared by the answers ---


class Currency(Shape, frozen=True):
    amount: Number
    currency_code: str


class DecimalMeasure(Shape, frozen=True):
    value: str
    unit: str


class UnitPrice(Shape, frozen=True):
    amount: Currency
    quantity: DecimalMeasure


class EchoedItem(Shape, frozen=True, omit_defaults=True):
    """Amazon's item as it came."""

    id: str
    type: Literal["SKU", "SCANCODE"]
    quantity: DecimalMeasure
    external_identifiers: list[ExternalIdentifier] | None = None
    line_item_id: str | None = None


class ConstraintViolation(Shape, frozen=True):
    type: Literal["UNSUPPORTED_SALE"]
    reason: Reason
    cart_items: list[EchoedItem]


class Tax(Shape, frozen=True):
    description: str
    amount: Currency
    percentage: Number


# --- GetProduct, and what version 1 shows of an item ---


class ProductPricing(Shape, frozen=True):
    unit_price: Currency
    unit_price_context: UnitPrice
    taxes: list[Tax]


class Product(Shape, frozen=True):
    id: str
    type: Literal["SKU", "SCANCODE"]
    quantity: DecimalMeasure
    pricing: ProductPricing


class GetProductResponse(Shape, frozen=True):
    product: Product
    constraint_violations: list[ConstraintViolation]


# --- PreviewPurchaseV2 ---


class Charge(Shape, frozen=True):
    type: Literal["DISCOUNT", "TAX", "FEE"]
    value: Currency
    tags: dict[str, str]
    description: Annotated[str, Meta(max_length=50)]


class UnitPrices(Shape, frozen=True):
    final_unit_price: UnitPrice
    base_unit_price: UnitPrice


class CartItemWithPrice(Shape, frozen=True):
    cart_item: EchoedItem
    price_totals: UnitPrices
    tags: dict[str, str]
    description: str


class LinePrices(Shape, frozen=True):
    final_price: Currency
    price_for_quantity: Currency


class LineItem(Shape, frozen=True):
    cart_item_with_price: CartItemWithPrice
    charges: list[Charge]
    price_totals: LinePrices


class CartTotalV2(Shape, frozen=True, omit_defaults=True):
    final_price: Currency
    price: Currency
    total_discounts: Currency | None = None
    discounted_subtotal: Currency | None = None


class PreviewPurchaseV2Response(Shape, frozen=True):
    line_items: list[LineItem]
    additional_subtotals: list[Charge]
    cart_total: CartTotalV2
    constraint_violations: list[ConstraintViolation]


# --- PreviewPurchase, version 1 ---


class Fee(Shape, frozen=True):
    description: str
    amount: Currency


class Promotion(Shape, frozen=True):
    description: str
    amount: Currency
    type: Literal["DEFAULT", "MEMBERSHIP"]


class CartTotal(Shape, frozen=True):
    price: Currency
    promotion: Currency
    discounted_price: Currency
    tax: Currency
    amount: Currency
    deposit_and_fee: Fee


class PreviewPurchaseResponse(Shape, frozen=True):
    products: list[Product]
    promotions: list[Promotion]
    taxes: list[Tax]
    deposit_and_fees: list[Fee]
    cart_total: CartTotal
    constraint_violations: list[ConstraintViolation]


get_product_decoder = msgspec.json.Decoder(GetProductRequest)
preview_purchase_decoder = msgspec.json.Decoder(PreviewPurchaseRequest)
