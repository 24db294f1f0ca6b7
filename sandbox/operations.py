"""What the caller may ask Amazon for, by name: faults and rate limits speak of these."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.answers import Answer

EVERY_OPERATION = "*"
OPERATIONS = frozenset(
    {
        "adjust",
        "cancel",
        "capture",
        "refund",
        "transactional-data",
        "shopper-identity",
        "checkout",
        "feedback",
        "catalog-upload",
        "catalog-status",
    }
)


@dataclass(frozen=True)
class Operation:
    """One path of one host. `deed` takes the decoded body; it raises RejectedError for a documented 400."""

    name: str
    deed: Callable[[object], Answer]


def check_operation(name: object) -> None:
    """Raises ValueError with a sentence for people."""
    if name not in (EVERY_OPERATION, *OPERATIONS):
        raise ValueError(f"operation is * or one of {', '.join(sorted(OPERATIONS))}")
