"""Which of Amazon's hosts a charge is dealt with at."""

from collections.abc import Callable

from amazon.outbound.hosts import payments_url
from amazon.outbound.transport import Address
from payments.models import Charge


def address_of(charge: Charge, url: Callable[..., str] = payments_url) -> Address:
    """`url` is the service's function in amazon.outbound.hosts: payments_url, checkout_url or feedback_url."""
    trip = charge.trip
    store = trip.store
    return Address(
        base_url=url(store.region, is_test=store.is_test_mode),
        region=store.region,
        store_external_id=store.external_id,
        amazon_trip_id=trip.amazon_trip_id,
    )
