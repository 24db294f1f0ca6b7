"""Whom a code stands for, and whether that person may come in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from core.statements import fetch_all
from loyalty.services import scan_keys

# The number in front says which of two rows for the same text counts.
_MEMBER = "m.id, m.external_id, m.kind, m.blocked_at IS NOT NULL, m.anonymized_at IS NOT NULL"
_BY_SCAN_KEY = f"""
    SELECT 0, k.digest, {_MEMBER}, 1 = 0
    FROM loyalty_scankey k JOIN loyalty_member m ON m.id = k.member_id WHERE k.digest IN ({{marks}})
"""  # noqa: S608
_BY_CODE = f"""
    SELECT 1, c.value, {_MEMBER}, c.is_loyalty_only
    FROM loyalty_code c JOIN loyalty_member m ON m.id = c.member_id WHERE c.value IN ({{marks}})
"""  # noqa: S608
_BY_EXTERNAL_ID = f"""
    SELECT 2, m.external_id, {_MEMBER}, 1 = 0 FROM loyalty_member m WHERE m.external_id IN ({{marks}})
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Holder:
    """The member whom a text stands for. `issued_at` is set where the text is a scan key."""

    text: str
    member_id: int
    external_id: str
    kind: str
    is_blocked: bool
    is_anonymized: bool
    is_loyalty_only: bool
    issued_at: datetime | None = field(kw_only=True)

    def refusal(self, *, scanned: datetime) -> str:
        """Why nothing is opened or collected for them at this moment, in words for staff; else empty."""
        if self.is_anonymized:
            return "The member's personal data were erased."
        if self.is_blocked:
            return "The member is blocked."
        return scan_keys.staleness(self.issued_at, scanned=scanned) if self.issued_at else ""


def find_holder(texts: Sequence[str], *, or_external_id: bool = False) -> Holder | None:
    """Whom the first of the texts that is known here stands for, in one statement.

    A text is a scan key, a code or, where asked for, a member's external id.
    """
    if not texts:
        return None
    issued = {text: at for text in texts if (at := scan_keys.issued_at(text))}
    digests = {scan_keys.digest(text): text for text in issued}
    by_external_id = texts if or_external_id else ()
    statement = _statement(len(digests), len(texts), len(by_external_id))
    rows = sorted(fetch_all(statement, [*digests, *texts, *by_external_id]), reverse=True)
    found = {digests.get(value, value): (rank, *member) for rank, value, *member in rows}
    for text in texts:
        if text in found:
            rank, *member = found[text]
            return Holder(text, *member, issued_at=issued[text] if rank == 0 else None)
    return None


@cache
def _statement(digests: int, codes: int, external_ids: int) -> str:
    parts = ((_BY_SCAN_KEY, digests), (_BY_CODE, codes), (_BY_EXTERNAL_ID, external_ids))
    return " UNION ALL ".join(part.format(marks=", ".join(["%s"] * count)) for part, count in parts if count)
