"""Where a receipt is mailed to."""

from amazon.outbound.transport import Failure
from orders.states import Entry
from payments.clients.payment_service import shopper_email
from payments.models import Charge
from payments.services.addresses import address_of


def find_address(charge: Charge) -> str:
    """The member's e-mail, else what the shopper left at Amazon's receipt kiosk; empty when nobody knows one.

    Of a member whose data were erased, nobody asks. Raises AmazonError. Amazon: get_shopper_identity.
    """
    trip = charge.trip
    if trip.member and (trip.member.email or trip.member.anonymized_at):
        email: str = trip.member.email
        return email
    if trip.entry != Entry.CARD or not trip.shopper_id:
        return ""
    try:
        email, call = shopper_email(address_of(charge), trip.shopper_id)
    except Failure as failure:
        failure.call.save()
        raise failure.error from failure
    call.save()
    return email
