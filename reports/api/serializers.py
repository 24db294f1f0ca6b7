"""What the retailer's systems read of a trip, and what they send to have money given back."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from core import money
from orders.models import Line, Trip
from payments.models import Debt, FeedbackReport, Refund
from payments.services.timeline import events_of
from payments.services.trips import adjustments_of, balances_of, done_quantity
from payments.states import FeedbackState, ReasonCode
from reports.api.correction_serializers import AdjustmentSerializer, ContestSerializer, adjustment_data

# Amazon: refund_charge, refundRequestId. Lower case, and no UUID newer than version 5.
REFUND_REQUEST_ID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-5][0-9a-f]{3}-[089ab][0-9a-f]{3}-[0-9a-f]{12}$"
POSITIVE_DECIMAL = r"^[0-9]{1,10}(\.[0-9]{1,9})?$"


class AmountText(serializers.CharField):
    """A decimal string with the currency's decimals, such as `4.20`."""


class LineSerializer(serializers.Serializer[Line]):
    sku = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.CharField()
    unit = serializers.CharField()
    unit_price = AmountText(allow_null=True)
    tax_rate = serializers.CharField(allow_null=True)
    tax = AmountText(allow_null=True)
    total = AmountText(allow_null=True)
    refunded_quantity = serializers.CharField()
    problem = serializers.CharField()


class CardSerializer(serializers.Serializer[Any]):
    brand = serializers.CharField(allow_null=True)
    last_four = serializers.CharField(allow_null=True)


class RefundLineSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=255)
    quantity = serializers.RegexField(POSITIVE_DECIMAL, help_text="A positive number, such as 1 or 0.5.")


class RefundSerializer(serializers.Serializer[Refund]):
    refund_request_id = serializers.CharField()
    state = serializers.CharField()
    amount = AmountText()
    currency = serializers.CharField()
    reason = serializers.CharField()
    note = serializers.CharField()
    requested_by = serializers.CharField()
    requested_at = serializers.DateTimeField()
    decided_by = serializers.CharField(help_text="Who approved it, or did not; empty where nobody had to.")
    error = serializers.CharField()

    def to_representation(self, refund: Refund) -> dict[str, Any]:
        return {
            "refund_request_id": str(refund.refund_request_id),
            "state": refund.state,
            "amount": money.text(refund.amount, refund.currency),
            "currency": refund.currency,
            "reason": refund.reason,
            "note": refund.note,
            "requested_by": refund.requested_by,
            "requested_at": refund.requested_at,
            "decided_by": refund.decided_by,
            "error": refund.last_error,
        }


class FeedbackSerializer(serializers.Serializer[FeedbackReport]):
    """A report to Amazon of what the trip cost and how much of that was settled in all, at the time `at`."""

    status = serializers.ChoiceField(FeedbackState.choices)
    total = AmountText()
    settled = AmountText()
    at = serializers.DateTimeField()
    cause = serializers.CharField(help_text="What had changed.")
    error = serializers.CharField(help_text="Why Amazon has not taken it yet, or will not; empty where it has.")
    next_attempt_at = serializers.DateTimeField(
        allow_null=True, help_text="Null where nothing is due: it is over, or waits for the report before it."
    )

    def to_representation(self, report: FeedbackReport) -> dict[str, Any]:
        return {
            "status": report.state,
            "total": money.text(report.total, report.currency),
            "settled": money.text(report.settled, report.currency),
            "at": report.at,
            "cause": report.cause,
            "error": report.last_error,
            "next_attempt_at": report.next_attempt_at,
        }


class DebtSerializer(serializers.Serializer[Any]):
    """What the card did not pay: as it was opened, and what is left of it. One that is written off is still owed."""

    state = serializers.CharField()
    amount = AmountText()
    owed = AmountText()


class EventSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    actor = serializers.CharField()
    kind = serializers.CharField()
    amount = AmountText(allow_null=True)
    detail = serializers.CharField()


class TripSerializer(serializers.Serializer[Trip]):
    trip_id = serializers.CharField()
    purchase_id = serializers.CharField()
    store_id = serializers.CharField()
    entry = serializers.CharField()
    state = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    currency = serializers.CharField()
    lines = LineSerializer(many=True)
    subtotal = AmountText(allow_null=True)
    tax = AmountText(allow_null=True)
    total = AmountText(allow_null=True)
    authorized = AmountText()
    captured = AmountText()
    refunded = AmountText()
    refund_pending = AmountText()
    refundable = AmountText()
    outstanding = AmountText()
    debt = DebtSerializer(allow_null=True)
    card = CardSerializer()
    refunds = RefundSerializer(many=True)
    feedback = FeedbackSerializer(many=True)
    adjustments = AdjustmentSerializer(many=True)
    contests = ContestSerializer(many=True)
    events = EventSerializer(many=True)

    def to_representation(self, trip: Trip) -> dict[str, Any]:
        charge = getattr(trip, "charge", None)
        card = getattr(charge, "card", None)
        balances = balances_of(trip)
        moneys = ("authorized", "captured", "refunded", "refund_pending", "refundable", "outstanding")
        return {
            "trip_id": trip.amazon_trip_id,
            "purchase_id": trip.purchase_id,
            "store_id": trip.store.external_id,
            "entry": trip.entry,
            "state": trip.state,
            "started_at": trip.started_at,
            "ended_at": trip.ended_at,
            "received_at": trip.received_at,
            "currency": trip.currency,
            "lines": [_line(line, trip.currency) for line in trip.lines.all()],
            **{name: _amount(getattr(trip, name), trip.currency) for name in ("subtotal", "tax", "total")},
            **{name: getattr(balances, name).plain for name in moneys},
            "debt": _debt(getattr(charge, "debt", None)),
            "card": {"brand": (card and card.brand) or None, "last_four": (card and card.last_four) or None},
            "refunds": [RefundSerializer(refund).data for refund in (charge.refunds.all() if charge else ())],
            "feedback": [FeedbackSerializer(report).data for report in (charge.feedback.all() if charge else ())],
            "adjustments": [
                adjustment_data(adjustment, changes, trip.currency) for adjustment, changes in adjustments_of(trip)
            ],
            "contests": [ContestSerializer(contest, context=self.context).data for contest in trip.contests.all()],
            "events": [
                {
                    "at": event.at,
                    "actor": event.actor,
                    "kind": event.kind,
                    "amount": _amount(event.amount, trip.currency),
                    "detail": event.detail,
                }
                for event in events_of(trip)
            ],
        }


class RefundRequestSerializer(serializers.Serializer[Any]):
    """Without `amount` and `lines`, all that is left is refunded."""

    refund_request_id = serializers.RegexField(
        REFUND_REQUEST_ID,
        error_messages={"invalid": "Must be a lower-case UUID of version 1 to 5: Amazon takes no other key."},
    )
    amount = serializers.RegexField(
        POSITIVE_DECIMAL,
        required=False,
        allow_null=True,
        error_messages={"invalid": "Must be a positive decimal string such as “4.20”."},
    )
    lines = RefundLineSerializer(many=True, required=False, allow_null=True)
    reason = serializers.ChoiceField(ReasonCode.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")

    def validate_amount(self, amount: str | None) -> Decimal | None:
        return None if amount is None else Decimal(amount)

    def validate_lines(self, lines: list[dict[str, str]] | None) -> dict[str, Decimal] | None:
        if lines is None:
            return None
        if not lines:
            raise serializers.ValidationError("Name at least one line, or leave “lines” out.")
        wanted: dict[str, Decimal] = {}
        for line in lines:
            if Decimal(line["quantity"]) == 0:
                raise serializers.ValidationError(f"The quantity of {line['sku']} must be more than 0.")
            wanted[line["sku"]] = wanted.get(line["sku"], Decimal(0)) + Decimal(line["quantity"])
        return wanted

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and "amount" in data and not isinstance(data["amount"], str | None):
            raise serializers.ValidationError({"amount": ["Must be a positive decimal string such as “4.20”."]})
        return super().to_internal_value(data)


def _amount(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else money.text(amount, currency)


def _debt(debt: Debt | None) -> dict[str, Any] | None:
    if debt is None:
        return None
    amounts = {name: money.text(getattr(debt, name), debt.currency) for name in ("amount", "owed")}
    return {"state": debt.state, **amounts}


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "sku": line.product_sku,
        "name": line.name,
        "quantity": line.plain_quantity,
        "unit": line.unit,
        "unit_price": _amount(line.unit_price, currency),
        "tax_rate": None if line.tax_rate is None else f"{line.tax_rate.normalize():f}",
        "tax": _amount(line.tax, currency),
        "total": _amount(line.total, currency),
        "refunded_quantity": f"{done_quantity(line).normalize():f}",
        "problem": line.problem,
    }
