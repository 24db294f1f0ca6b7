"""Brand, last four and EMV data of the card, asked for once the money is taken."""

from django.db import transaction

from amazon.outbound.errors import NotSent, OutcomeUnknown
from amazon.outbound.transport import Failure
from payments.clients.payment_service import transactional_data
from payments.models import CardDetails
from payments.services.addresses import address_of


def fetch_card(card: CardDetails) -> None:
    """Ask Amazon for a leased row's card. Raises LeaseLost when another worker has it."""
    pk, lease_count = card.pk, card.lease_count
    card = CardDetails.objects.select_related("charge__trip__store").get(pk=pk)
    error = None
    try:
        data, call = transactional_data(address_of(card.charge))
    except Failure as failure:
        error, call = failure.error, failure.call
    call.save()
    with transaction.atomic():
        card = CardDetails.locked(pk, lease_count=lease_count)
        if error is None:
            card.rest()
            card.brand, card.last_four, card.emv = data.brand, data.last_four, data.emv
        elif isinstance(error, NotSent | OutcomeUnknown):
            card.retry(str(error), after=getattr(error, "retry_after", None))
        else:
            card.rest()
            card.last_error = str(error)
        card.save()
