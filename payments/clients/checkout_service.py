"""Amazon's checkout service: it charges a whole priced cart by the card from the gate. Amazon: checkout_service.

The request is checked before it leaves, as in payments.clients.payment_service.
"""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from amazon.models import OutboundCall
from amazon.outbound.transport import Address, send, unreadable
from payments.checkout_cart import CheckoutCart, CheckoutLine, Fee, Price, Promotion, Totals
from payments.clients.validation import CENT, NotAllowed, check_amount, checked, store_id, trip_id

_OPERATION = "checkout"
_LONGEST_PRODUCT_ID = 255

Json = dict[str, Any]


class _Answer(msgspec.Struct, rename="camel"):
    order_id: Annotated[str, Meta(min_length=1)]


_answer = msgspec.json.Decoder(_Answer)


def check_out(address: Address, cart: CheckoutCart) -> tuple[str, OutboundCall]:
    """Have the cart charged. Returns Amazon's order id.

    By the name of its idempotentShoppingTripId, the same trip is charged once however often it is sent: our reading.
    """
    with checked(address, _OPERATION):
        payload = payload_of(address, cart)
    body, call = send(address, _OPERATION, "/v1/checkout/carts", payload)
    try:
        return _answer.decode(body).order_id[:255], call
    except msgspec.DecodeError as error:
        raise unreadable(call) from error


def payload_of(address: Address, cart: CheckoutCart) -> Json:
    """What Amazon is sent. Raises NotAllowed."""
    if not cart.lines:
        raise NotAllowed("the cart is empty.")
    writer = _Writer(cart.currency)
    return {
        "idempotentShoppingTripId": trip_id(address, "idempotentShoppingTripId"),
        "storeId": store_id(address),
        "lineItems": [writer.line(line) for line in cart.lines],
        "orderTotals": writer.totals(cart.totals),
    }


class _Writer:
    """The cart's parts in Amazon's words. Raises NotAllowed."""

    def __init__(self, currency: str) -> None:
        self._currency = currency

    def line(self, line: CheckoutLine) -> Json:
        if not 0 < len(line.product_id) <= _LONGEST_PRODUCT_ID:
            raise NotAllowed(f"productId “{line.product_id}” is empty or too long.")
        if not line.quantity.is_finite() or line.quantity <= 0:
            raise NotAllowed(f"{line.quantity} is no quantity of {line.product_id}.")
        return {
            "productId": line.product_id,
            "type": "SKU",
            "quantity": {"value": _plain(line.quantity), "unit": line.unit},
            "unitPrice": self._price(line.unit_price),
        }

    def totals(self, totals: Totals) -> Json:
        return {
            "priceTotal": self._money(totals.total),
            "subTotal": self._money(totals.shelf),
            "promotionsTotal": self._money(totals.promoted),
            "salesTaxTotal": self._money(totals.tax),
        }

    def _price(self, price: Price) -> Json:
        return {
            "totalPrice": self._money(price.total),
            "price": self._money(price.shelf),
            "depositsAndFees": [self._fee(fee) for fee in price.fees],
            "salesTax": self._money(price.sales_tax),
            "promotions": [self._promotion(promotion) for promotion in price.promotions],
        }

    def _fee(self, fee: Fee) -> Json:
        return {
            "depositAndFeeAmount": self._money(fee.amount),
            "depositAndFeeDescription": fee.description,
            "salesTax": self._money(fee.sales_tax),
        }

    def _promotion(self, promotion: Promotion) -> Json:
        return {
            "promotionAmount": self._money(promotion.amount),
            "promotionDescription": promotion.description,
        }

    def _money(self, amount: Decimal) -> Json:
        """Two decimals whatever the currency: Amazon refuses any others. A JSON text here, not a number."""
        check_amount(amount, self._currency)
        return {"amount": f"{amount.quantize(CENT):f}", "currencyCode": self._currency}


def _plain(quantity: Decimal) -> str:
    """`2.0`, `0.25`: at least one decimal, as Amazon writes it."""
    text = f"{quantity.normalize():f}"
    return text if "." in text else f"{text}.0"
