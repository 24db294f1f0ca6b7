"""Receipts: those of the demo's past, and the shoppers who left their e-mail at the sandbox's receipt kiosk."""

import json
import urllib.request
from datetime import timedelta
from random import Random

from demo.visits import Visit
from orders.states import Entry
from payments.models import Charge, Receipt
from payments.services.mailing import WORKER_ENDED
from payments.states import ReceiptState
from sandbox.shoppers import CARDS
from stores.models import PaymentFlow

# As the mail server of somebody whose mailbox is gone would say it.
NO_MAILBOX = "The mail server answered 550 5.1.1 no such mailbox"
TROUBLES = {ReceiptState.FAILED: NO_MAILBOX, ReceiptState.UNKNOWN: WORKER_ENDED}
TROUBLED_SHARE = 0.02

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def register_at_kiosk(sandbox_url: str) -> None:
    """A third of the cards that come back."""
    shoppers = [{"shopperId": card, "email": f"card{number:03}@example.com"} for number, card in enumerate(CARDS[::3])]
    body = json.dumps({"shoppers": shoppers}).encode()
    request = urllib.request.Request(f"{sandbox_url}/sandbox/shoppers", body, {"Content-Type": "application/json"})
    _direct.open(request, timeout=60).close()


def past_receipt(visit: Visit, charge: Charge) -> Receipt | None:
    """What sending it would have left (payments.services.receipts)."""
    if charge.captured_at is None or not charge.captured or charge.flow == PaymentFlow.CHECKOUT_SERVICE:
        return None
    random = Random(f"receipt of {visit.amazon_trip_id}")
    email = _address(visit, random)
    state = ReceiptState.SENT if email else ReceiptState.NO_ADDRESS
    if email and random.random() < TROUBLED_SHARE:
        state = random.choice(list(TROUBLES))
    return Receipt(
        charge=charge,
        token=f"{random.getrandbits(192):048x}",
        state=state,
        email=email,
        last_error=TROUBLES.get(state, ""),
        sent_at=charge.captured_at + timedelta(seconds=4) if state == ReceiptState.SENT else None,
        lease_count=2,
    )


def _address(visit: Visit, random: Random) -> str:
    if visit.member is not None:
        return visit.member.email
    is_known = visit.entry == Entry.CARD and random.random() < 1 / 3
    return f"card{random.randrange(50):03}@example.com" if is_known else ""
