"""Whether the comparison program lets a card in: the rules of our own gate, as few lines as they take."""

from decimal import Decimal
from typing import Any, NamedTuple


class Decision(NamedTuple):
    is_authorized: bool
    reasons: list[str]
    risks: list[str]
    adjusted_to: Decimal | None = None


def decide(known: Any, *, advice: Any, held: Any, in_cart: Any) -> Decision:
    """`known` is the row of peer_storage.read_known; the others are what Amazon says, held and in_cart maybe None."""
    refusals, risks = _refusals(known, advice)
    if refusals:
        return Decision(False, refusals, risks)
    hold, reasons = held, []
    asked_for = next((each.amount for each in advice.authorization_conditions if each.type == "ADJUST"), None)
    if known["follows_amazon"] and asked_for and (held is None or held.currency_code == asked_for.currency_code):
        hold = asked_for
        reasons.append(f"Amazon advises to hold {hold.currency_code} {hold.value:.2f}.")
    if hold is None:
        return Decision(True, reasons, [])
    value = hold.value
    if known["most_held"] is not None and hold.currency_code == known["currency"]:
        enough = max(known["most_held"], in_cart.value if in_cart else 0)
        if enough < value:
            value = enough
            reasons.append(f"This store has at most {enough:.2f} held.")
    return Decision(True, reasons, [], None if held is not None and value == held.value else value)


def _refusals(known: Any, advice: Any) -> tuple[list[str], list[str]]:
    sentences, risks = [], []
    if known["block"] is not None or known["is_member_blocked"]:
        sentences.append("Blocked.")
    if known["denies_debtors"] and known["owed"] is not None and known["owed"] > known["tolerated_debt"]:
        sentences.append(f"Owes {known['owed']} for earlier trips.")
        risks.append("BadDebt")
    denied = {risk.lower() for risk in known["denied_risks"]}
    for risk in advice.shopper_risks:
        if risk.lower() in denied:
            sentences.append(f"Amazon names the risk {risk}.")
            risks.append(risk)
    if known["follows_amazon"] and advice.shopper_authorized is False:
        sentences.append("Amazon advises to refuse.")
    return sentences, risks
