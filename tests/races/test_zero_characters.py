"""What the guard against \\u0000 is for (reliability.md, row 10): the negative control of the connector's fuzzing.

The fuzzing itself, with the guard on, is orders/tests/test_connector_purchases_mutations.py and _bad_input.py.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from amazon import wire
from amazon.tests.bodies import changed, encoded
from amazon.tests.mutations import paths_in
from orders.models import Trip
from orders.tasks import price_due
from orders.tests.amazon_carts import full_cart
from payments.tests.trips import a_store
from tests.races.deliveries import HEADERS, PATH

pytestmark = pytest.mark.django_db

STORE = "DEMO-CARD"
POISON = "A\0B"


def at(content: Any, path: str) -> Any:
    for step in path.split("."):
        content = content[int(step)] if isinstance(content, list) else content[step]
    return content


CART = full_cart(STORE)
TEXTS = sorted(path for path in paths_in(CART) if isinstance(at(CART, path), str))


@pytest.fixture
def poisoned_carts() -> Iterator[bytes]:
    """The full cart, once for each of its texts, with \\u0000 in that text."""
    a_store(STORE)
    return (encoded(changed(full_cart(STORE), path, POISON)) for path in TEXTS)


def fate_of(body: bytes) -> str:
    """What the caller hears; and of a cart that was taken in, whether it can be worked on."""
    client = Client(raise_request_exception=False)
    status = client.post(PATH, body, content_type="application/json", headers=HEADERS).status_code
    if status != 201:
        return str(status)
    price_due()
    trip = Trip.objects.latest("pk")
    return f"priced or held: {trip.state}" if trip.next_attempt_at is None else "never priced"


def test_a_zero_character_in_any_text_that_we_read_is_refused(poisoned_carts: Iterator[bytes]) -> None:
    """On every database alike: 400, and nothing stored that somebody stumbles over later."""
    assert Counter(map(fate_of, poisoned_carts)) == {"400": len(TEXTS)}
    assert not Trip.objects.exists()


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_without_the_guard_calls_fail_and_carts_are_stuck_for_ever(
    poisoned_carts: Iterator[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: some are a 500, which Amazon sends again and again; some are taken in and never priced."""
    monkeypatch.setattr(wire, "_texts", lambda value, path: iter(()))

    fates = Counter(map(fate_of, poisoned_carts))

    sys.stdout.write(f"{dict(fates)}\n")
    assert fates["500"] > 0
    assert fates["never priced"] > 0
