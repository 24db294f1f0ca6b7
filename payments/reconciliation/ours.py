"""Our side: what the money events of some trips add up to, and whether the charges' columns say the same."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Q, Sum

from core import money
from core.money import Money
from payments.balances import NOT_GIVEN
from payments.models import Charge, PaymentEvent
from payments.reconciliation.compare import Account, Difference, Kind
from payments.reconciliation.days import Days
from payments.services.debts import BY_CARD

CHUNK = 1000
_MOVED = Q(kind__in=["capture", "refund"], phase="succeeded")  # as the index money_moved_by_time has it
_FLAW = (
    "The charge says {column} {amount}, but its events add up to {events}. Somebody has changed rows past the "
    "application: find out who, and what is true."
)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class OurTrip:
    """`whole`: of all time. `in_days`: what was taken and given back in the days that are looked at."""

    whole: Account
    in_days: Account
    flaws: list[Difference]

    def beside(self, reported: Account | None) -> Account:
        """What to compare with a report of these days. Where it differs, but the sums of all time agree with it, the
        other side only noted something on another day than we did, and that is no difference."""
        if reported is None:
            return self.in_days
        return Account(
            trip_id=self.whole.trip_id,
            currency=self.whole.currency,
            captured=_nearest(reported.captured, self.in_days.captured, self.whole.captured),
            refunded=_nearest(reported.refunded, self.in_days.refunded, self.whole.refunded),
            is_open=self.whole.is_open,
        )


def charges_of(days: Days, *, flows: Collection[str], named: Collection[str] = ()) -> list[int]:
    """The store's charges, by pk, whose trip came or whose money moved in these days, or whose trip is named."""
    charges = Charge.objects.filter(trip__store=days.store, flow__in=flows).order_by()
    moved = PaymentEvent.objects.filter(_MOVED, days.hold("at"), charge__trip__store=days.store, charge__flow__in=flows)
    found = {*charges.filter(days.hold("trip__received_at")).values_list("pk", flat=True)}
    found.update(moved.order_by().values_list("charge", flat=True))
    for names in chunks(sorted(named)):
        found.update(charges.filter(trip__amazon_trip_id__in=names).values_list("pk", flat=True))
    return sorted(found)


def our_trips(charges: Sequence[int], days: Days) -> Iterator[OurTrip]:
    """One statement for each CHUNK of charges."""
    columns = ("trip__amazon_trip_id", "currency", "captured", "committed", "settled", "next_attempt_at")
    sums = _sums(days.hold("events__at"))
    for some in chunks(charges):
        for row in Charge.objects.filter(pk__in=some).order_by("pk").values(*columns).annotate(**sums):
            yield _our_trip(row)


def chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def _sums(in_days: Q) -> dict[str, Sum]:
    def events(kind: str, *phases: str) -> Q:
        return Q(events__kind=kind, events__phase__in=phases)

    by_card = Q(events__key__startswith=BY_CARD)
    wanted = {
        "taken": events("capture", "succeeded"),
        "taken_then": events("capture", "succeeded") & in_days,
        "given": events("refund", "succeeded"),
        "given_then": events("refund", "succeeded") & in_days,
        "asked": events("refund", "requested"),
        "not_given": events("refund", *NOT_GIVEN),
        "settled_otherwise": events("debt", "paid", "waived") & ~by_card,
    }
    return {name: Sum("events__amount", filter=condition) for name, condition in wanted.items()}


def _our_trip(row: dict[str, Any]) -> OurTrip:
    trip_id, currency = row["trip__amazon_trip_id"], row["currency"]

    def of(name: str) -> Decimal:
        return money.rounded(row[name] or money.ZERO, currency)

    committed = of("asked") - of("not_given")
    is_open = row["next_attempt_at"] is not None or committed != of("given")
    columns = {"captured": of("taken"), "committed": committed, "settled": of("settled_otherwise")}
    flaws = []
    for name, events in columns.items():
        amount, sum_of_events = Money(row[name], currency), Money(events, currency)
        if amount != sum_of_events:
            text = _FLAW.format(column=name, amount=amount, events=sum_of_events)
            flaws.append(Difference(Kind.OUR_ROWS, trip_id, sum_of_events, None, text))
    return OurTrip(
        whole=Account(trip_id, currency, of("taken"), of("given"), is_open=is_open),
        in_days=Account(trip_id, currency, of("taken_then"), of("given_then"), is_open=is_open),
        flaws=flaws,
    )


def _nearest(reported: Decimal, in_days: Decimal, whole: Decimal) -> Decimal:
    return whole if reported == whole else in_days
