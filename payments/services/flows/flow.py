"""What a payment flow is made of. Collecting (payments.services.collection) walks through its steps."""

from collections.abc import Callable
from typing import Any, Protocol

from payments.models import Charge
from payments.services.calls import Answer


class Flow(Protocol):
    """Each step is: intent (commit) → call → outcome (commit). No transaction is open during a call."""

    def next_step(self, charge: Charge) -> str | None:
        """What is to be done now; None when nothing is."""

    def begin(self, charge: Charge, step: str) -> None:
        """Change the locked charge to say what is about to be sent, and record the event."""

    def ask(self, charge: Charge, step: str) -> Callable[[], Answer]:
        """What makes the call, once the intent is committed. Raises NotNow."""

    def take(self, charge: Charge, step: str, answer: Any) -> None:
        """Change the locked charge by the answer; an outcome goes through payments.services.outcomes."""
