"""What Dash Carts have held, for whoever asks about a trip."""

from orders.models import Trip
from payments.models import DashCartCharge


def charge_of(trip: Trip) -> DashCartCharge | None:
    """What a Dash Cart has held for this trip; no statement where the store has none."""
    if not trip.store.has_dash_cart:
        return None
    charges = DashCartCharge.objects.select_related("member")
    return charges.filter(store=trip.store_id, amazon_trip_id=trip.amazon_trip_id).first()


def pays_for(trip: Trip) -> bool:
    """Whether a Dash Cart's hold pays for this trip, so that nobody else may be asked for its money."""
    charge = charge_of(trip)
    return charge is not None and charge.pays
