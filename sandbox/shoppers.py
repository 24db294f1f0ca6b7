"""Who comes to the demo's gates: invented cards, and codes of the demo's members."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5


@dataclass(frozen=True)
class Guest:
    """Shows a code: a fresh scan key of the member where the retailer's app can get one, else the static code."""

    code: str
    member: str = ""

    def __str__(self) -> str:
        return self.member or self.code


SHOPPERS = (
    Guest("DEMO-SHOPPER-CODE", "DEMO-MEMBER-1"),
    Guest("DEMO-SHOPPER-CODE", "DEMO-MEMBER-3"),
    Guest("DEMO-SHOPPER-CODE"),
)
ASSOCIATE = Guest("DEMO-ASSOCIATE-CODE")
BLOCKED = Guest("DEMO-BLOCKED-CODE")
STRANGER = Guest("CODE-OF-NOBODY")

LOYALTY_CODES = ("1111-2222-3333-4444-5555-6666", "LOY-DEMO-2")
LOST_LOYALTY_CODE = "LOY-LOST-CARD"


def _shopper_ids(kind: str, count: int) -> tuple[str, ...]:
    """Amazon's ids for a card are stable, so these are the same in each run, and people come back."""
    return tuple(str(uuid5(NAMESPACE_URL, f"demo-{kind}-{number}")) for number in range(count))


CARDS = _shopper_ids("card", 150)
# Their first visit is paid by a card that declines; then they owe.
DEBTORS = _shopper_ids("debtor", 4)
