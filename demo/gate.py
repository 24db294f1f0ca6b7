"""How the demo's stores decide at their gates. DEMO-CHECKOUT has no rules: Amazon decides there."""

from collections.abc import Mapping
from decimal import Decimal

from demo.assortment import CARD, COMBO
from payments.models import GateRules, Recommendation
from stores.models import Store


def create_gate_rules(stores: Mapping[str, Store]) -> None:
    GateRules.objects.create(store=stores[CARD], most_held=Decimal("40.00"))
    GateRules.objects.create(store=stores[COMBO], recommendation=Recommendation.IGNORE)
