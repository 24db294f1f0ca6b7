"""What a payment flow is made of. Collecting (payments.services.collection) walks through its steps."""

from typing import Any, Protocol

from amazon.models import OutboundCall
from payments.models import Charge


class Flow(Protocol):
    """Each step is: intent (commit) → call → outcome (commit). No transaction is open during a call."""

    def next_step(self, charge: Charge) -> str | None:
        """What is to be done now; None when nothing is."""

    def begin(self, charge: Charge, step: str) -> None:
        """Change the locked charge to say what is about to be sent, and record the event."""

    def call(self, charge: Charge, step: str) -> tuple[Any, OutboundCall | None]:
        """Ask. The answer is an AmazonError where there is no success; the call is for the journal."""

    def take(self, charge: Charge, step: str, answer: Any) -> None:
        """Change the locked charge by the answer; an outcome goes through payments.services.outcomes."""
