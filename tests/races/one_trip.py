"""What should have become of a trip, told without any of the application's code: the model of test_out_of_order.py.

Amounts are whole cents. Each method says whether the step is allowed, and if so what follows from it.
"""

from dataclasses import dataclass, field

TOTAL = 1000
APPROVAL_ABOVE = 600


@dataclass
class GivenBack:
    """A refund. `state`: pending_approval, queued, done, failed or rejected."""

    amount: int
    state: str
    is_approved: bool = False

    @property
    def is_promised(self) -> bool:
        return self.state not in {"failed", "rejected"}


@dataclass
class ExpectedTrip:
    """`stage` is that of the charge: `open` while Amazon is or will be asked, else how that ended."""

    kind: str
    stage: str = "open"
    state: str = ""
    captured: int = 0
    settled: int = 0
    waived: int = 0
    owed: int = 0
    debt: str = ""
    declined_before: bool = False
    is_too_late: bool = False
    refunds: list[GivenBack] = field(default_factory=list)

    @property
    def outstanding(self) -> int:
        return TOTAL - self.captured - self.settled

    @property
    def promised(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.is_promised)

    @property
    def given(self) -> int:
        return sum(refund.amount for refund in self.refunds if refund.state == "done")

    def is_collected(self) -> None:
        """The worker has come to an end with it, if it was open."""
        if self.stage != "open":
            return
        declines = self.kind == "declined" or (self.kind == "declined once" and not self.declined_before)
        if declines:
            self.declined_before = True
            self.stage = "declined"
            self._owe()
            self.state = "partly_paid" if self._paid() else "unpaid"
            return
        taken = self.outstanding // 2 if self.kind == "partly" else self.outstanding
        self.captured = taken
        self.stage = "captured" if not self.outstanding else "partly_captured"
        if self.debt:
            self._lower_debt(taken)
        if self.outstanding:
            self._owe()
        self._say_paid()

    def is_refused(self) -> None:
        if self.stage == "open":
            self.stage = self.state = "failed"

    def may_be_collected_again(self) -> bool:
        if self.stage not in {"declined", "failed"} or self.debt not in {"", "open"}:
            return False
        self.stage = "open"
        return True

    def may_be_settled(self, amount: int, *, is_waived: bool) -> bool:
        if self.stage == "open" or not 0 < amount <= self.owed:
            return False
        self.settled += amount
        self.waived += amount if is_waived else 0
        self._lower_debt(amount)
        if not is_waived:
            self._say_paid()
        return True

    def may_be_written_off(self) -> bool:
        if self.stage == "open" or self.debt != "open":
            return False
        self.debt = "written_off"
        return True

    def may_be_refunded(self, amount: int) -> bool:
        if self.is_too_late or not 0 < amount <= self.captured - self.promised:
            return False
        awaits = self.promised + amount > APPROVAL_ABOVE
        self.refunds.append(GivenBack(amount, "pending_approval" if awaits else "queued"))
        return True

    def may_be_approved(self, refund: GivenBack) -> bool:
        if self.is_too_late or refund.state != "pending_approval":
            return False
        refund.state, refund.is_approved = "queued", True
        return True

    def may_be_rejected(self, refund: GivenBack) -> bool:
        if refund.state != "pending_approval":
            return False
        refund.state = "rejected"
        return True

    def may_be_sent_again(self, refund: GivenBack) -> bool:
        needs_approval = not refund.is_approved and self.promised + refund.amount > APPROVAL_ABOVE
        is_left = refund.amount <= self.captured - self.promised
        if refund.state != "failed" or self.is_too_late or needs_approval or not is_left:
            return False
        refund.state = "queued"
        return True

    def _paid(self) -> int:
        return self.captured + self.settled - self.waived

    def _say_paid(self) -> None:
        self.state = "paid" if self._paid() == TOTAL else "partly_paid"

    def _owe(self) -> None:
        if not self.debt:
            self.debt, self.owed = "open", self.outstanding

    def _lower_debt(self, amount: int) -> None:
        self.owed -= amount
        if not self.owed:
            self.debt = "settled"
