"""What Amazon asks at the gate, as the tests send it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.http import HttpResponse

from amazon.tests.bodies import Json, encoded
from payments.models import Debt, GateRules
from payments.tests.admin_rows import a_charge, a_trip
from stores.models import Store

GATE = "/v1/fraudandabuse/shopperauthorization"
KEY = "test-connector-key"

Ask = Callable[..., HttpResponse]


def amount(value: float, currency: str = "USD") -> Json:
    return {"value": value, "currencyCode": currency}


def question(store: str, **interaction: Any) -> Json:
    """The smallest one about a new trip: Amazon says nothing but who stands there."""
    return {
        "storeId": store,
        "shopperIdentity": {"id": "amzn1.card.1"},
        "shopperInteraction": {
            "shoppingTripId": str(uuid4()),
            "gateAuthenticationEvent": {"id": str(uuid4())},
            **interaction,
        },
    }


def full_question(store: str, trip_id: str = "TRIP-1") -> Json:
    """One that uses every field of Amazon's page."""
    return {
        "storeId": store,
        "shopperIdentity": {"id": "amzn1.card.1"},
        "authorizedAmount": amount(50.0),
        "shopperInteraction": {
            "shoppingTripId": trip_id,
            "gateAuthenticationEvent": {
                "id": "6b1f0c5e-0000-4000-8000-000000000000",
                "type": "CREDIT_CARD",
                "interactionType": "TAP",
                "timestamp": "2026-01-05T09:00:00Z",
                "location": "ENTRY",
                "data": {"property1": "a", "property2": "b"},
            },
            "recommendation": {
                "shopperAuthorized": True,
                "authorizationConditions": [{"type": "ADJUST", "amount": amount(25.0)}],
                "shopperRisks": ["SomethingNew"],
            },
            "cartHint": {
                "totalPrice": amount(7.5),
                "items": [
                    {
                        "id": "WATER-500",
                        "type": "SKU",
                        "unitPrice": amount(7.5),
                        "quantity": {"value": 1, "unit": "unit"},
                        "externalIdentifiers": [{"id": "0123456789012", "externalIdentifierType": "UPC"}],
                    }
                ],
            },
        },
    }


def advice(is_authorized: bool | None = True, *risks: str, adjust_to: Json | None = None) -> Json:
    """Amazon's recommendation."""
    content: Json = {"shopperRisks": list(risks)}
    if is_authorized is not None:
        content["shopperAuthorized"] = is_authorized
    if adjust_to is not None:
        content["authorizationConditions"] = [{"type": "ADJUST", "amount": adjust_to}]
    return {"recommendation": content}


def asker(client: Any) -> Ask:
    def ask(body: Json | bytes, **options: Any) -> HttpResponse:
        options = {"CONTENT_TYPE": "application/json", "headers": {"x-api-key": KEY}} | options
        content = body if isinstance(body, bytes) else encoded(body)
        return client.generic("POST", GATE, content, **options)

    return ask


def rules_of(store: Store, **fields: Any) -> GateRules:
    return GateRules.objects.create(store=store, **fields)


def owes(shopper_id: str, value: str, currency: str = "USD", store: Store | None = None) -> Debt:
    """A debt of an earlier trip."""
    trip = a_trip("unpaid", total=value, currency=currency, **({"store": store} if store else {}))
    charge = a_charge(trip, "declined")
    return Debt.objects.create(
        charge=charge, amount=charge.amount, owed=charge.amount, currency=currency, shopper_id=shopper_id
    )
