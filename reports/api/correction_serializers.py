"""What was contested of a trip and what staff adjusted, for the retailer's systems; and how those contest a cart."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from core import money
from loyalty.api.permissions import may_see_personal_data
from orders.models import Adjustment, AdjustmentLine
from payments.models import ContestAnswer, ContestedCart, ContestedLine

DECIMAL = r"^[0-9]{1,10}(\.[0-9]{1,9})?$"


class AdjustedLineSerializer(serializers.Serializer[AdjustmentLine]):
    sku = serializers.CharField()
    quantity_before = serializers.CharField()
    quantity_after = serializers.CharField()
    total_before = serializers.CharField(allow_null=True, help_text="Null where it had no price.")
    total_after = serializers.CharField(allow_null=True)


class AdjustmentSerializer(serializers.Serializer[Adjustment]):
    """Staff changed what the items were or cost. What they are and cost now stands in the trip's `lines`."""

    at = serializers.DateTimeField()
    actor = serializers.CharField()
    reason = serializers.CharField()
    total_before = serializers.CharField(allow_null=True, help_text="Null where the trip had no price.")
    total_after = serializers.CharField()
    lines = AdjustedLineSerializer(many=True)


class ContestedLineSerializer(serializers.Serializer[ContestedLine]):
    sku = serializers.CharField()
    quantity = serializers.CharField(help_text="How much of it the shopper says they took.")


class ContestSerializer(serializers.Serializer[ContestedCart]):
    contest_id = serializers.CharField()
    state = serializers.CharField()
    message = serializers.CharField(
        allow_null=True, help_text="Empty where the shopper left none; null where there is one that you may not see."
    )
    lines = ContestedLineSerializer(many=True)
    opened_by = serializers.CharField()
    opened_at = serializers.DateTimeField()
    decided_by = serializers.CharField(help_text="Empty while it is open.")
    decided_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField(help_text="What the shopper is told; empty where they are told nothing.")

    def to_representation(self, contest: ContestedCart) -> dict[str, Any]:
        answer: ContestAnswer | None = getattr(contest, "answer", None)
        is_open = not contest.message or may_see_personal_data(self.context["request"])
        return {
            "contest_id": str(contest.key),
            "state": contest.state,
            "message": contest.message if is_open else None,
            "lines": [{"sku": _sku_of(line), "quantity": _plain(line.quantity)} for line in contest.lines.all()],
            "opened_by": contest.opened_by,
            "opened_at": contest.opened_at,
            "decided_by": contest.decided_by,
            "decided_at": contest.decided_at,
            "answer": answer.text if answer else "",
        }


class ContestedSkuSerializer(serializers.Serializer[Any]):
    sku = serializers.CharField(max_length=255)
    quantity = serializers.RegexField(DECIMAL, help_text="How much of it the shopper says they took; 0 for nothing.")


class ContestRequestSerializer(serializers.Serializer[Any]):
    """At least one of `message` and `lines`. What `lines` do not name is not contested."""

    contest_id = serializers.UUIDField()
    message = serializers.CharField(required=False, allow_blank=True, max_length=4000, default="")
    lines = ContestedSkuSerializer(many=True, required=False)

    def validate_lines(self, lines: list[dict[str, str]]) -> dict[str, Decimal]:
        claimed: dict[str, Decimal] = {}
        for line in lines:
            if line["sku"] in claimed:
                raise serializers.ValidationError(f"{line['sku']} is named twice: say how much of it in all.")
            claimed[line["sku"]] = Decimal(line["quantity"])
        return claimed


def adjustment_data(adjustment: Adjustment, changes: list[AdjustmentLine], currency: str) -> dict[str, Any]:
    return {
        "at": adjustment.at,
        "actor": adjustment.actor,
        "reason": adjustment.reason,
        "total_before": _amount(adjustment.total_before, currency),
        "total_after": _amount(adjustment.total_after, currency),
        "lines": [
            {
                "sku": change.line.product_sku,
                "quantity_before": _plain(change.quantity_before),
                "quantity_after": _plain(change.quantity_after),
                "total_before": _amount(change.total_before, currency),
                "total_after": _amount(change.total_after, currency),
            }
            for change in changes
        ],
    }


def _sku_of(claim: ContestedLine) -> str:
    if claim.line is not None:
        return claim.line.product_sku
    return claim.product.sku if claim.product else ""


def _amount(amount: Decimal | None, currency: str) -> str | None:
    return None if amount is None else money.text(amount, currency)


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
