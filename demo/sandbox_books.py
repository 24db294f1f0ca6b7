"""Telling the sandbox of the demo's past, so that both books agree and refunds of earlier trips find their captures."""

import json
import urllib.request
from decimal import Decimal
from typing import Any

from django.db.models import Q

from core import money
from payments.models import Charge
from payments.states import ChargeState, RefundState
from stores.models import PaymentFlow

OPEN = (ChargeState.ADJUSTING, ChargeState.UNKNOWN)
PREAUTHORIZED = Decimal("50.00")

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def stage_past(sandbox_url: str) -> int:
    """Stage the captures and the open charges; trips that the sandbox knows stay as they are there."""
    charges = Charge.objects.filter(Q(captured_at__isnull=False) | Q(state__in=OPEN))
    rows = (
        charges.exclude(flow=PaymentFlow.OWN_PROCESSOR)
        .select_related("trip__store", "card")
        .prefetch_related("refunds")
    )
    body = json.dumps({"trips": [_trip(charge) for charge in rows]}).encode()
    request = urllib.request.Request(f"{sandbox_url}/sandbox/trips", body, {"Content-Type": "application/json"})
    with _direct.open(request, timeout=60) as response:
        return int(json.load(response)["staged"])


def _trip(charge: Charge) -> dict[str, Any]:
    hold = max(PREAUTHORIZED, charge.amount)
    trip: dict[str, Any] = {
        "shoppingTripId": charge.trip.amazon_trip_id,
        "storeId": charge.trip.store.external_id,
        "preauthorized": {"amount": _text(hold, charge), "code": charge.currency},
    }
    if charge.authorized:
        trip["authorized"] = _text(charge.authorized, charge)
    if charge.captured_at is not None:
        trip |= {"captured": _text(charge.captured, charge), "capturedAt": charge.captured_at.isoformat()}
        trip["refunds"] = [
            {
                "refundRequestId": str(refund.refund_request_id),
                "amount": _text(refund.amount, charge),
                "reason": refund.reason,
            }
            for refund in charge.refunds.all()
            if refund.state == RefundState.DONE
        ]
        if charge.flow == PaymentFlow.CHECKOUT_SERVICE:
            trip["orderId"] = charge.remote_id
        if hasattr(charge, "card") and charge.card.last_four:
            trip["card"] = {"brand": charge.card.brand, "tail": charge.card.last_four}
    return trip


def _text(amount: Decimal, charge: Charge) -> str:
    return money.text(amount, charge.currency)
