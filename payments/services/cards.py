"""Brand, last four and EMV data of the card, asked for once the money is taken."""

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown
from amazon.outbound.hosts import payments_url
from core.errands import Call, Errand
from payments.clients.payment_service import transactional_data
from payments.models import CardDetails
from payments.services.addresses import address_of
from payments.services.calls import Answer, call_of, journal, paused_stores, try_later


class Fetching(Errand[CardDetails]):
    """The errand of a card: one call."""

    model = CardDetails

    def ready(self, due: QuerySet[CardDetails]) -> QuerySet[CardDetails]:
        stores = paused_stores(payments_url)
        return due.exclude(charge__trip__store__in=stores) if stores else due

    def lock(self, leases: Mapping[int, int]) -> dict[int, CardDetails]:
        return CardDetails.all_locked(leases, "charge__trip__store")

    def begin(self, card: CardDetails) -> Call:
        address = address_of(card.charge)
        return call_of(address, lambda: transactional_data(address))

    def keep(self, answers: Sequence[Answer]) -> None:
        journal(answers)

    def finish(self, card: CardDetails, answer: Answer) -> bool:
        match answer.said:
            case NotSent() | OutcomeUnknown() as error:
                try_later(card, error)
            case AmazonError() as error:
                card.rest()
                card.last_error = str(error)
            case data:
                card.rest()
                card.brand, card.last_four, card.emv = data.brand, data.last_four, data.emv
        return False
