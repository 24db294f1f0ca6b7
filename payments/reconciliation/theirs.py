"""The other side: what a book or a report says, whatever form it has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from core.errors import DomainError
from payments.reconciliation.compare import Account
from stores.models import PaymentFlow

AMAZONS_FLOWS = (PaymentFlow.PAYMENT_SERVICE, PaymentFlow.CHECKOUT_SERVICE)


class CannotRead(DomainError):
    """The books cannot be reached or understood; nothing was compared."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """Accounts by trip id, of the trips that these flows collect. `is_of_days`: of the days that were asked for, and
    not of all time. `stores`: whose trip it is, by trip id, where they say so."""

    name: str
    accounts: Mapping[str, Account]
    stores: Mapping[str, str]
    flows: Collection[str] = AMAZONS_FLOWS
    is_of_days: bool = False

    def of_stores(self, external_ids: Collection[str]) -> dict[str, Account]:
        """Without the trips of which they say that they are another store's."""
        return {
            trip_id: account
            for trip_id, account in self.accounts.items()
            if self.stores.get(trip_id, "") in {"", *external_ids}
        }
