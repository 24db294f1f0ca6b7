"""What the comparison program asks its database: one statement to look, one to store, each prepared once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

# As long as the gate waits for each of the two statements about a card.
_SECONDS = 0.75

_HOLDER_BY_CODE = """
    SELECT code.value AS text, member.id, member.external_id, member.kind, member.blocked_at IS NOT NULL AS is_blocked,
           code.is_loyalty_only
    FROM code JOIN member ON member.id = code.member_id WHERE code.value = ANY($1)
"""
_HOLDER_BY_ANY_ID = f"""
    {_HOLDER_BY_CODE} UNION ALL
    SELECT external_id, id, external_id, kind, blocked_at IS NOT NULL, false FROM member WHERE external_id = ANY($1)
"""
_STORE_SCAN = """
    INSERT INTO scan (kind, request_id, event_id, store_id, member_id, shown, location, at, is_accepted, reason,
                      resolved_id, resolved_type)
    SELECT $1, $2, $3, id, $5, $6, $7, $8, $9, $10, $11, $12 FROM store WHERE external_id = $4
    ON CONFLICT DO NOTHING RETURNING id
"""
_FIRST_SCAN = """
    SELECT member_id, is_accepted, reason, resolved_id, resolved_type FROM scan
    WHERE kind = $1 AND (request_id = $2 OR (kind = 'identity' AND event_id = $3)) ORDER BY request_id = $2 DESC LIMIT 1
"""
_KNOWN = """
    SELECT store.currency, rules.follows_amazon, rules.denied_risks, rules.denies_debtors, rules.tolerated_debt,
        rules.most_held,
        (SELECT reason FROM block WHERE shopper_id = $1 AND (store_id = store.id OR store_id IS NULL) LIMIT 1) AS block,
        EXISTS (SELECT FROM member WHERE blocked_at IS NOT NULL AND id = COALESCE(
            (SELECT member_id FROM code WHERE value = $1),
            (SELECT id FROM member WHERE external_id = $1))) AS is_member_blocked,
        (SELECT sum(amount) FROM debt WHERE shopper_id = $1) AS owed,
        decision.is_authorized, decision.risks, decision.adjusted_to, decision.currency AS decided_currency
    FROM store
    JOIN rules ON rules.store_id = store.id
    LEFT JOIN decision ON decision.store_id = store.id AND decision.trip_id = $2 AND decision.event_id = $3
        AND decision.shopper_id = $1
    WHERE store.external_id = $4
"""
_STORE_DECISION = """
    INSERT INTO decision (store_id, trip_id, event_id, shopper_id, is_authorized, reasons, risks, recommended, held,
                          adjusted_to, currency)
    SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM store WHERE external_id = $1
    ON CONFLICT (store_id, trip_id, event_id, shopper_id) DO UPDATE SET shopper_id = EXCLUDED.shopper_id
    RETURNING is_authorized, risks, adjusted_to, currency AS decided_currency
"""


class UnknownStore(Exception):
    """The store id is not one of ours."""


@dataclass(frozen=True, slots=True)
class Presented:
    """`kind` is identity or loyalty."""

    kind: str
    request_id: str
    event_id: str
    store_id: str
    location: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    is_accepted: bool
    id: str = ""
    type: str = ""
    member_id: int | None = None
    reason: str = ""


async def find_holder(pool: asyncpg.Pool, texts: list[str], *, or_external_id: bool = False) -> Any:
    """The row of whom the first known text stands for, or None."""
    found = await pool.fetch(_HOLDER_BY_ANY_ID if or_external_id else _HOLDER_BY_CODE, texts)
    by_text = {row["text"]: row for row in reversed(found)}
    return next((by_text[text] for text in texts if text in by_text), None)


async def store_scan(pool: asyncpg.Pool, presented: Presented, outcome: Outcome) -> Outcome:
    """Durable when it returns. The same call again gets the first one's outcome."""
    stored = await pool.fetchval(
        _STORE_SCAN,
        presented.kind,
        presented.request_id,
        presented.event_id,
        presented.store_id,
        outcome.member_id,
        f"…{presented.text[-4:]}",
        presented.location,
        presented.at,
        outcome.is_accepted,
        outcome.reason,
        outcome.id,
        outcome.type,
    )
    if stored is not None:
        return outcome
    first = await pool.fetchrow(_FIRST_SCAN, presented.kind, presented.request_id, presented.event_id)
    if first is None:
        raise UnknownStore(presented.store_id)
    return Outcome(
        first["is_accepted"], first["resolved_id"], first["resolved_type"], first["member_id"], first["reason"]
    )


async def read_known(pool: asyncpg.Pool, store_id: str, trip_id: str, event_id: str, shopper_id: str) -> Any:
    """Everything that the rules look at, and the decision if there is one already."""
    known = await pool.fetchrow(_KNOWN, shopper_id, trip_id, event_id, store_id, timeout=_SECONDS)
    if known is None:
        raise UnknownStore(store_id)
    return known


async def store_decision(pool: asyncpg.Pool, *values: Any) -> Any:
    """The row as it stands, durable when this returns."""
    return await pool.fetchrow(_STORE_DECISION, *values, timeout=_SECONDS)
