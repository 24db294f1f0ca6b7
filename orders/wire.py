"""The shapes of CreatePurchases. Amazon: create_purchases; every 400 of create_purchases_test_cases 3.x."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from amazon.wire import DECIMAL, EventTime, Location, Malformed, MaybeEmpty255, Shape, Text255, Uuid, as_utc
from orders.states import Entry

# Years that a trip can lie in; what we add to its times must not leave the calendar.
FIRST_YEAR, LAST_YEAR = 1970, 2999


class ScanResult(Shape, frozen=True):
    id: MaybeEmpty255
    type: Literal["SHOPPER", "ASSOCIATE", "CASH", "LOYALTY"]


class AuthEvent(Shape, frozen=True):
    id: Uuid
    payload_type: Literal["FINANCIAL", "SCAN_CODE"]
    timestamp: EventTime | None = None
    event_timestamp: EventTime | None = None
    location: Location | None = None
    auth_location: Location | None = None
    scan_result: ScanResult | None = None

    @property
    def place(self) -> str | None:
        return self.location or self.auth_location


class ShoppingTrip(Shape, frozen=True):
    start_time: datetime
    end_time: datetime
    auth_events: list[AuthEvent]


class Quantity(Shape, frozen=True):
    value: Annotated[str, Meta(max_length=10, pattern=DECIMAL)] | int | float
    unit: Annotated[str, Meta(min_length=1, max_length=255)]

    @property
    def amount(self) -> Decimal:
        return Decimal(str(self.value))


class ExternalIdentifier(Shape, frozen=True):
    id: MaybeEmpty255
    type: Literal["UPC", "EAN", "BARCODE", "GTIN", "PLU"]


class CartItem(Shape, frozen=True):
    id: Text255
    type: Literal["SKU", "SCANCODE"]
    quantity: Quantity
    external_identifiers: list[ExternalIdentifier] | None = None
    line_item_id: MaybeEmpty255 | None = None

    def check(self, place: str) -> None:
        """Raises Malformed for a quantity that is too long; `place` is where the item stands in the body."""
        if not isinstance(self.quantity.value, str) and len(f"{self.quantity.amount:f}") > 10:
            raise Malformed(f"{place}.quantity.value: must have at most 10 characters")


class ShopperIdentity(Shape, frozen=True):
    id: MaybeEmpty255 | None = None


class PaymentSource(Shape, frozen=True):
    id: MaybeEmpty255


class CreatePurchasesRequest(Shape, frozen=True):
    request_id: Uuid
    idempotent_shopping_trip_id: Text255
    store_id: Text255
    shopping_trip: ShoppingTrip
    cart_items: list[CartItem]
    shopper_identity: ShopperIdentity | None = None
    shopper_device_id: MaybeEmpty255 | None = None
    payment_source: PaymentSource | None = None

    @property
    def entry(self) -> Entry:
        """FINANCIAL at ENTRY is a card, SCAN_CODE there is the app; a scan elsewhere is only loyalty. Amazon: faq."""
        events = self.shopping_trip.auth_events
        at_entry = [event for event in events if event.place == "ENTRY"] or events
        return Entry.CARD if any(event.payload_type == "FINANCIAL" for event in at_entry) else Entry.APP

    def check(self) -> None:
        """The rules that concern more than one field. Raises Malformed."""
        trip = self.shopping_trip
        for name, moment in (("startTime", trip.start_time), ("endTime", trip.end_time)):
            if not FIRST_YEAR <= moment.year <= LAST_YEAR:
                raise Malformed(f"shoppingTrip.{name}: must lie between the years {FIRST_YEAR} and {LAST_YEAR}")
        if as_utc(trip.end_time) < as_utc(trip.start_time):
            raise Malformed("shoppingTrip.endTime: must not precede shoppingTrip.startTime")
        seen = set()
        for index, item in enumerate(self.cart_items):
            place = f"cartItems[{index}]"
            item.check(place)
            if item.line_item_id:
                if item.line_item_id in seen:
                    raise Malformed(f"{place}.lineItemId: “{item.line_item_id}” stands on another item already")
                seen.add(item.line_item_id)


class CreatePurchasesResponse(Shape, frozen=True):
    purchase_id: Annotated[str, Meta(max_length=255)]


create_purchases_decoder = msgspec.json.Decoder(CreatePurchasesRequest)
