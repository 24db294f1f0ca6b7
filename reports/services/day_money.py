"""What was given back on one day, by whom and why, and what became of debts up to then."""

from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import BooleanField, F, Sum, Value

from core.money import ZERO, rounded
from reports.models import RefundDay
from reports.query import Query
from reports.services.debt_flow import Flows, debt_groups, flows_of
from reports.services.reading import within
from reports.services.sums import AMOUNT, summed


class Refunded(NamedTuple):
    person: str
    reason: str
    refunds: int
    amount: Decimal
    adjusted: Decimal


def refunds_and_debts(query: Query) -> tuple[dict[str, list[Refunded]], tuple[Flows, Flows]]:
    """By currency; debts as by debt_flow, with all of the period in one place. One statement: a refund's row has its
    person where that of a debt has its phase."""
    nothing = Value(ZERO, AMOUNT)
    debts = debt_groups(query, "of_day").annotate(why=Value(""), is_refund=Value(False), adjusted_sum=nothing)
    no = Value(False, output_field=BooleanField())
    refunds = within(RefundDay, query).values("currency", "person", is_by_card=no, was_written_off=no, of_day=F("day"))
    refunds = refunds.annotate(
        count=Sum("refunds"),
        sum=summed("amount"),
        why=F("reason"),
        is_refund=Value(True),
        adjusted_sum=summed("adjusted"),
    )
    of_debts: list[dict[str, Any]] = []
    given: defaultdict[str, list[Refunded]] = defaultdict(list)
    for group in debts.union(refunds, all=True):
        if group["is_refund"]:
            currency = group["currency"]
            amounts = (rounded(group[name], currency) for name in ("sum", "adjusted_sum"))
            given[currency].append(Refunded(group["phase"], group["why"], group["count"], *amounts))
        else:
            of_debts.append(group)
    return dict(given), flows_of(of_debts, "of_day", lambda day: None)
