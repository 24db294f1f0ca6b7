"""Which of Amazon's hosts a charge is dealt with at."""

from amazon.outbound.hosts import payments_url
from amazon.outbound.transport import Address
from payments.models import Charge


def address_of(charge: Charge) -> Address:
    trip = charge.trip
    store = trip.store
    return Address(
        base_url=payments_url(store.region, is_test=store.is_test_mode),
        region=store.region,
        store_external_id=store.external_id,
        amazon_trip_id=trip.amazon_trip_id,
    )
