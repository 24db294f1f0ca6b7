"""What the gate's rules look at, and the record of each decision: two statements, planned once per connection.

Amazon: fraud_abuse_api.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection

from core.money import Money, rounded
from core.statements import fetch_all
from payments.authorization import Decision, Rules, Shopper
from payments.authorization_wire import GetShopperAuthorizationRequest
from payments.models import Fallback, Recommendation
from stores.connector import unknown_store

# A code of a member's counts before an external id. The partial index on debts is used where the text is not empty.
_READ = """
    SELECT store.currency, rules.fallback, rules.recommendation, CAST(rules.denied_risks AS text),
        rules.denies_debtors, rules.tolerated_debt, rules.most_held,
        (SELECT reason FROM payments_blockedshopper AS block
            WHERE block.shopper_id = %s AND (block.store_id = store.id OR block.store_id IS NULL) LIMIT 1),
        (SELECT block_reason FROM loyalty_member WHERE blocked_at IS NOT NULL AND id = COALESCE(
            (SELECT member_id FROM loyalty_code WHERE value = %s),
            (SELECT id FROM loyalty_member WHERE external_id = %s))),
        (SELECT {join}(owed, ' ') FROM (
            SELECT currency || CAST(SUM(owed) AS text) AS owed FROM payments_debt
            WHERE shopper_id = %s AND shopper_id <> '' AND owed > 0 GROUP BY currency) AS debts),
        decision.is_authorized, CAST(decision.risks AS text), decision.adjusted_to, decision.currency
    FROM stores_store AS store
    LEFT JOIN payments_gaterules AS rules ON rules.store_id = store.id
    LEFT JOIN payments_gatedecision AS decision ON decision.store_id = store.id
        AND decision.amazon_trip_id = %s AND decision.event_id = %s AND decision.shopper_id = %s
    WHERE store.external_id = %s
"""
# Of two at once the second one changes nothing and gets what the first one stored.
_STORE = """
    INSERT INTO payments_gatedecision (store_id, amazon_trip_id, event_id, shopper_id, is_authorized, reasons, risks,
                                       recommended, held, adjusted_to, currency, is_fallback)
    SELECT id, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s FROM stores_store WHERE external_id = %s
    ON CONFLICT (store_id, amazon_trip_id, event_id, shopper_id) DO UPDATE SET shopper_id = EXCLUDED.shopper_id
    RETURNING is_authorized, CAST(risks AS text), adjusted_to, currency
"""


@dataclass(frozen=True, slots=True)
class Authorization:
    """What Amazon is answered."""

    is_authorized: bool
    risks: list[str]
    adjusted_to: Money | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the rules look at, and the answer that this call got before, if it came before.

    A store without gate rules has no `rules` and no `fallback`.
    """

    rules: Rules | None
    fallback: Fallback | None
    shopper: Shopper
    answered: Authorization | None


@contextmanager
def in_time() -> Iterator[None]:
    """Half of AUTHORIZATION_SECONDS for each statement inside, on PostgreSQL. SQLite cannot be told."""
    if connection.vendor != "postgresql":
        yield
        return
    milliseconds = max(1, int(settings.AUTHORIZATION_SECONDS * 1000 / 2))
    connection.ensure_connection()
    # Past Django's atomic, which asks before each transaction whether the connection still lives.
    with connection.wrap_database_errors, connection.connection.transaction():
        connection.connection.execute(f"SET LOCAL statement_timeout = {milliseconds}")
        yield


def read(request: GetShopperAuthorizationRequest) -> Known:
    """Raises Malformed for an unknown store."""
    shopper_id, trip_id = request.shopper_identity.id, request.shopper_interaction.shopping_trip_id
    join = "string_agg" if connection.vendor == "postgresql" else "group_concat"
    values = [*[shopper_id] * 4, trip_id, request.event_id, shopper_id, request.store_id]
    rows = fetch_all(_READ.format(join=join), values)
    if not rows:
        raise unknown_store(request.store_id)
    currency, fallback, *rules, block, member, debts, is_authorized, risks, adjusted_to, held_in = rows[0]
    first = (is_authorized, risks, adjusted_to, held_in)
    return Known(
        rules=None if fallback is None else _rules(rules, currency),
        fallback=None if fallback is None else Fallback(fallback),
        shopper=Shopper(
            block=block if block is not None else member,
            debts=tuple(_money(debt[3:], debt[:3]) for debt in sorted((debts or "").split())),
        ),
        answered=None if is_authorized is None else _authorization(first),
    )


def store(request: GetShopperAuthorizationRequest, decision: Decision, *, is_fallback: bool = False) -> Authorization:
    """Keep the decision, unless the call has one already; returns what is kept."""
    rows = fetch_all(_STORE, _columns(request, decision, is_fallback=is_fallback))
    return _authorization(rows[0]) if rows else answer_of(decision)


def answer_of(decision: Decision) -> Authorization:
    return Authorization(decision.is_authorized, list(decision.risks), decision.adjusted_to)


def _rules(row: Any, currency: str) -> Rules:
    recommendation, denied_risks, denies_debtors, tolerated_debt, most_held = row
    return Rules(
        follows_amazon=recommendation == Recommendation.FOLLOW,
        denied_risks=frozenset(msgspec.json.decode(denied_risks)),
        denies_debtors=bool(denies_debtors),
        tolerated_debt=_money(tolerated_debt, currency),
        most_held=None if most_held is None else _money(most_held, currency),
    )


def _columns(request: GetShopperAuthorizationRequest, decision: Decision, *, is_fallback: bool) -> list[Any]:
    held, adjusted_to = request.authorized_amount, decision.adjusted_to
    advice = request.shopper_interaction.recommendation
    currency = held.currency_code if held else adjusted_to.currency if adjusted_to else ""
    return [
        request.shopper_interaction.shopping_trip_id,
        request.event_id,
        request.shopper_identity.id,
        decision.is_authorized,
        _json(decision.reasons),
        _json(decision.risks),
        None if advice is None else _json(advice),
        held.money.amount if held else None,
        adjusted_to.amount if adjusted_to else None,
        currency,
        is_fallback,
        request.store_id,
    ]


def _authorization(row: Any) -> Authorization:
    is_authorized, risks, adjusted_to, currency = row
    return Authorization(
        is_authorized=bool(is_authorized),
        risks=msgspec.json.decode(risks),
        adjusted_to=None if adjusted_to is None else _money(adjusted_to, currency),
    )


def _money(amount: Any, currency: str) -> Money:
    """SQLite answers a decimal in floating point, exact enough to be rounded to what it was."""
    return Money(rounded(Decimal(str(amount)), currency), currency)


_encoder = msgspec.json.Encoder(decimal_format="number")


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()
