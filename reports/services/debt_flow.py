"""What became of debts in some days, and what of them was open before; and how old those are that are open now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Count, DateField, F, Q, QuerySet, Sum, Value, When

from core.money import ZERO, rounded
from payments.models import Debt, PaymentEvent
from payments.states import DebtState
from reports.figures import divided
from reports.models import DebtDay
from reports.query import Query
from reports.services.reading import Place
from reports.services.sums import summed

Phase = PaymentEvent.Phase
_FIELDS = {Phase.WAIVED: "waived", Phase.LOWERED: "lowered", Phase.WRITTEN_OFF: "written_off"}
# Up to so many days old; None: older than all of them.
AGES: tuple[int | None, ...] = (7, 30, 90, None)


@dataclass(slots=True)
class Flow:
    """Amounts of one currency. `after_write_off` is the part of them that concerns debts which were written off before,
    so that nothing of these was open any more."""

    debts: int = 0
    opened: Decimal = ZERO
    by_card: Decimal = ZERO
    in_store: Decimal = ZERO
    waived: Decimal = ZERO
    lowered: Decimal = ZERO
    written_off: Decimal = ZERO
    after_write_off: Decimal = ZERO

    def add(self, other: "Flow") -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def recovered(self) -> Decimal:
        return self.by_card + self.in_store

    @property
    def recovery_rate(self) -> Decimal | None:
        return divided(self.recovered, self.opened)

    @property
    def opens(self) -> Decimal:
        """By so much more is open than before; negative where it is less."""
        closed = self.recovered + self.waived + self.lowered + self.written_off
        return self.opened - closed + self.after_write_off


Flows = dict[str, dict[object, Flow]]


def debt_flow(query: Query, by: str, place: Place) -> tuple[Flows, Flows]:
    """Before the period since the first day, by currency; and within it, by what `place` makes of each `by`, which is
    "store" or "of_day". By store, what was before is by store as well. One statement over a few rows for each day."""
    return flows_of(debt_groups(query, by), by, place)


def debt_groups(query: Query, by: str) -> QuerySet[Any]:
    """`of_day` is None before the period."""
    first = query.period.first
    day = F("day") if by == "of_day" else Value(first)
    rows = DebtDay.objects.filter(store__in=query.store_ids, day__lte=query.period.last).order_by()
    groups = rows.values(
        "currency",
        "phase",
        "is_by_card",
        "was_written_off",
        *(["store"] if by == "store" else []),
        of_day=Case(When(day__gte=first, then=day), output_field=DateField()),
    )
    found: QuerySet[Any] = groups.annotate(count=Sum("debts"), sum=summed("amount"))
    return found


def flows_of(groups: Iterable[dict[str, Any]], by: str, place: Place) -> tuple[Flows, Flows]:
    earlier: Flows = {}
    within: Flows = {}
    for group in groups:
        is_earlier = group["of_day"] is None
        where = group.get("store") if is_earlier else place(group[by])
        of_currency = (earlier if is_earlier else within).setdefault(group["currency"], {})
        of_currency.setdefault(where, Flow()).add(_flow(group))
    return earlier, within


def _flow(group: dict[str, Any]) -> Flow:
    amount = rounded(group["sum"], group["currency"])
    flow, phase = Flow(), group["phase"]
    if phase == Phase.OPENED:
        flow.debts, flow.opened = group["count"], amount
    elif phase == Phase.PAID:
        setattr(flow, "by_card" if group["is_by_card"] else "in_store", amount)
    else:
        setattr(flow, _FIELDS[phase], amount)
    if group["was_written_off"]:
        flow.after_write_off = amount
    return flow


class Owed(NamedTuple):
    debts: int
    amount: Decimal


def open_debts(query: Query) -> dict[str, list[Owed]]:
    """By currency, those that are open at this moment, for each of AGES. One statement, by the index of open debts."""
    sums: dict[str, Any] = {}
    for number, which in enumerate(_ages(datetime.now(UTC))):
        sums |= {f"debts_{number}": Count("pk", filter=which), f"sum_{number}": summed("owed", filter=which)}
    rows = Debt.objects.filter(store__in=query.store_ids, state=DebtState.OPEN).order_by()
    groups: Iterable[Any] = rows.values("currency").annotate(**sums)
    return {
        group["currency"]: [
            Owed(group[f"debts_{number}"], rounded(group[f"sum_{number}"], group["currency"]))
            for number in range(len(AGES))
        ]
        for group in groups
    }


def _ages(now: datetime) -> Iterator[Q]:
    """Whole days: one of seven days and a half is seven days old."""
    before = None
    for days in AGES:
        since = None if days is None else now - timedelta(days=days + 1)
        younger = Q(opened_at__gt=since) if since else Q()
        yield younger & (Q(opened_at__lte=before) if before else Q())
        before = since
