"""Money that moved on a day, whenever its trip came: refunds, and what became of debts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef

from core.money import ZERO, rounded
from payments.models import PaymentEvent, Refund
from payments.services.debts import BY_CARD
from reports.days import day_of
from reports.models import DayRow, DebtDay, RefundDay
from reports.refund_shares import Shares
from reports.services.same_day import SameDay

Kind, Phase = PaymentEvent.Kind, PaymentEvent.Phase
# As in the condition of the index refund_or_debt_by_time.
KINDS = (Kind.REFUND, Kind.DEBT)
PHASES = (Phase.SUCCEEDED, Phase.OPENED, Phase.PAID, Phase.WAIVED, Phase.LOWERED, Phase.WRITTEN_OFF)


def money_days(
    same: SameDay, moved: list[PaymentEvent], refunds: dict[UUID, Refund], shares: Mapping[UUID, Shares]
) -> Iterator[DayRow]:
    """Few rows a day, so that they are added up here."""
    debts: defaultdict[tuple[int, str, str, bool, bool], list[Decimal]] = defaultdict(list)
    given: defaultdict[tuple[int, str, str, str, date], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for event in moved:
        amount = event.amount or ZERO
        trip = event.charge.trip
        if event.kind == Kind.DEBT:
            was_written_off: bool = event.was_written_off  # type: ignore[attr-defined]
            debts[trip.store_id, event.currency, event.phase, _is_by_card(event), was_written_off].append(amount)
        else:
            refund = refunds[refund_id(event)]
            trip_day = day_of(trip.received_at, same.zone)
            kind = (trip.store_id, event.currency, refund.why, refund.requested_by, trip_day)
            given[kind].append((amount, shares[refund.refund_request_id].overpaid))
    for (store, currency, phase, is_by_card, was_written_off), amounts in debts.items():
        yield DebtDay(
            store_id=store,
            day=same.day,
            currency=currency,
            phase=phase,
            is_by_card=is_by_card,
            was_written_off=was_written_off,
            debts=len(amounts),
            amount=rounded(sum(amounts, ZERO), currency),
        )
    for (store, currency, reason, person, trip_day), parts in given.items():
        yield RefundDay(
            store_id=store,
            day=same.day,
            currency=currency,
            reason=reason,
            person=person,
            trip_day=trip_day,
            refunds=len(parts),
            amount=rounded(sum((amount for amount, _ in parts), ZERO), currency),
            adjusted=rounded(sum((overpaid for _, overpaid in parts), ZERO), currency),
        )


def moved_money(same: SameDay) -> list[PaymentEvent]:
    """Refunds that were done, and what became of debts."""
    events = PaymentEvent.objects.filter(kind__in=KINDS, phase__in=PHASES, **same.within("at", "charge__trip__store"))
    written_off = PaymentEvent.objects.filter(
        charge=OuterRef("charge"), kind=Kind.DEBT, phase=Phase.WRITTEN_OFF, pk__lt=OuterRef("pk")
    )
    told = events.annotate(was_written_off=Exists(written_off))
    return list(told.select_related("charge__trip").order_by("pk"))


def refunds_of(moved: list[PaymentEvent]) -> dict[UUID, Refund]:
    """By their ids, those that were done."""
    ids = {refund_id(event) for event in moved if event.kind == Kind.REFUND}
    found = Refund.objects.filter(refund_request_id__in=ids) if ids else Refund.objects.none()
    return {refund.refund_request_id: refund for refund in found.select_related("charge__trip")}


def _is_by_card(event: PaymentEvent) -> bool:
    return event.phase == Phase.PAID and event.key.startswith(BY_CARD)


def refund_id(event: PaymentEvent) -> UUID:
    """The key of a refund's event is Refund.event_key."""
    return UUID(event.key.partition("/")[0])
