"""One run: the other side's accounts beside ours, for some days of some stores."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.money import Money
from orders.models import Trip
from payments.reconciliation.compare import Account, Difference, compare
from payments.reconciliation.days import Days
from payments.reconciliation.ours import charges_of, chunks, our_trips
from payments.reconciliation.theirs import Theirs


@dataclass(slots=True)
class Sums:
    """Of all trips that were compared, in one currency."""

    currency: str
    ours_captured: Money = field(init=False)
    ours_refunded: Money = field(init=False)
    theirs_captured: Money = field(init=False)
    theirs_refunded: Money = field(init=False)

    def __post_init__(self) -> None:
        zero = Money.zero(self.currency)
        self.ours_captured = self.ours_refunded = self.theirs_captured = self.theirs_refunded = zero

    def add_ours(self, account: Account) -> None:
        self.ours_captured += Money(account.captured, account.currency)
        self.ours_refunded += Money(account.refunded, account.currency)

    def add_theirs(self, account: Account) -> None:
        self.theirs_captured += Money(account.captured, account.currency)
        self.theirs_refunded += Money(account.refunded, account.currency)


@dataclass(frozen=True, slots=True)
class Result:
    """`trips` is how many were compared."""

    trips: int
    differences: list[Difference]
    sums: list[Sums]


@dataclass(frozen=True, slots=True)
class Run:
    """Prepared: it is known which of our charges are to be looked at, and nothing has been added up."""

    theirs: Theirs
    accounts: Mapping[str, Account]
    parts: Sequence[tuple[Days, list[int]]]

    @property
    def size(self) -> int:
        """How many of our trips are compared."""
        return sum(len(charges) for _, charges in self.parts)

    def compare(self, on_trip: Callable[[], None] = lambda: None) -> Result:
        ours: dict[str, Account] = {}
        flaws: list[Difference] = []
        for days, charges in self.parts:
            for trip in our_trips(charges, days):
                reported = self.accounts.get(trip.whole.trip_id)
                ours[trip.whole.trip_id] = trip.beside(reported) if self.theirs.is_of_days else trip.whole
                flaws += trip.flaws
                on_trip()
        theirs = {trip_id: account for trip_id, account in self.accounts.items() if trip_id in ours}
        strangers = self._strangers(ours)
        ours |= {trip_id: account for trip_id, account in strangers.items() if account is not None}
        theirs |= {trip_id: self.accounts[trip_id] for trip_id in strangers}
        differences = sorted([*compare(ours, theirs), *flaws], key=lambda found: found.trip_id)
        return Result(len(ours.keys() | theirs.keys()), differences, _sums(ours.values(), theirs.values()))

    def _strangers(self, ours: Collection[str]) -> dict[str, Account | None]:
        """Trips for which they have money and we have nothing of the kind, with our empty account, or None where the
        trip is unheard of. One of another day or store is no stranger, whether or not they name the store."""
        stores = {days.store.pk for days, _ in self.parts}
        left = [account for trip_id, account in self.accounts.items() if trip_id not in ours and account.has_money]
        strangers: dict[str, Account | None] = {account.trip_id: None for account in left}
        for names in chunks(list(strangers)):
            known = Trip.objects.filter(amazon_trip_id__in=names).order_by()
            columns = ("amazon_trip_id", "store_id", "store__currency", "charge__flow")
            for trip_id, store, currency, flow in known.values_list(*columns):
                if flow in self.theirs.flows or store not in stores:
                    del strangers[trip_id]
                else:
                    strangers[trip_id] = Account(trip_id, currency)
        return strangers


def prepare(theirs: Theirs, all_days: Iterable[Days], *, are_all_stores: bool = False) -> Run:
    """`are_all_stores`: what they say of a store that is unknown here counts too."""
    all_days = list(all_days)
    external_ids = [days.store.external_id for days in all_days]
    accounts = theirs.accounts if are_all_stores else theirs.of_stores(external_ids)
    named = accounts if theirs.is_of_days else ()
    return Run(theirs, accounts, [(days, charges_of(days, flows=theirs.flows, named=named)) for days in all_days])


def _sums(ours: Iterable[Account], theirs: Iterable[Account]) -> list[Sums]:
    """By currency; without those in which neither side has any money."""
    sums: dict[str, Sums] = {}
    for account in ours:
        if account.has_money:
            sums.setdefault(account.currency, Sums(account.currency)).add_ours(account)
    for account in theirs:
        if account.has_money:
            sums.setdefault(account.currency, Sums(account.currency)).add_theirs(account)
    return [sums[currency] for currency in sorted(sums)]
