"""What staff may do to a member besides editing: block, let in again, erase, correct points, show a code."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.admin import ConfirmView, RowView, require_right
from core.errors import Conflict
from loyalty.admin.member_forms import BlockForm, CorrectPointsForm
from loyalty.admin.qr import qr_svg
from loyalty.models import Member
from loyalty.services.blocking import block_member, unblock_member
from loyalty.services.erasure import anonymize_member
from loyalty.services.points import balance, correct
from loyalty.services.scan_keys import issue_scan_key, issued_at

ERASED = "The personal data of this member were erased."


class MemberConfirmView(ConfirmView):
    row: Member

    def erased(self) -> str:
        return ERASED if self.row.anonymized_at is not None else ""


class BlockView(MemberConfirmView):
    url_name = "block"
    right = "loyalty.block_member"
    title = "Block"
    form_class = BlockForm

    def question(self) -> dict[str, Any]:
        return {
            "question": f"Block {self.row}?",
            "facts": [("Codes", self.row.codes.count())],
            "explanation": "From now on no gate opens for a code of this member. Nothing is deleted.",
            "obstacle": self.erased() or ("This member is blocked already." if self.row.is_blocked else ""),
            "button": "Block",
        }

    def act(self, actor: str) -> str:
        block_member(self.row, reason=self.form.cleaned_data["reason"])
        return f"{self.row} is blocked: {self.form.cleaned_data['reason']}"


class UnblockView(MemberConfirmView):
    url_name = "unblock"
    right = "loyalty.block_member"
    title = "Let in again"

    def question(self) -> dict[str, Any]:
        return {
            "question": f"Let {self.row} in again?",
            "facts": [("Blocked because", self.row.block_reason or "–")],
            "explanation": "The gates open for the codes of this member again.",
            "obstacle": self.erased() or ("" if self.row.is_blocked else "This member is not blocked."),
            "button": "Let in again",
        }

    def act(self, actor: str) -> str:
        unblock_member(self.row)
        return f"{self.row} is let in again."


class AnonymizeView(MemberConfirmView):
    url_name = "anonymize"
    right = "loyalty.anonymize_member"
    title = "Erase personal data"

    def question(self) -> dict[str, Any]:
        return {
            "question": f"Erase who {self.row} is, for ever?",
            "facts": [("Trips that are kept", self.row.trips.count()), ("Points that are kept", balance(self.row))],
            "explanation": "Name, e-mail, phone, tier and codes are deleted, and the external id gives way to one that "
            "leads to nobody. Trips, money and points stay. Nobody can undo this.",
            "obstacle": self.erased(),
            "button": "Erase personal data",
        }

    def act(self, actor: str) -> str:
        self.row = anonymize_member(self.row)
        return f"The personal data were erased. The member is called {self.row} from now on."


class CorrectPointsView(MemberConfirmView):
    url_name = "correct_points"
    right = "loyalty.correct_points"
    title = "Correct points"
    form_class = CorrectPointsForm

    def question(self) -> dict[str, Any]:
        return {
            "question": f"Correct the points of {self.row}",
            "facts": [("Balance", balance(self.row))],
            "explanation": "The correction is one more line of the ledger; no line is changed or deleted.",
            "obstacle": "",
            "button": "Correct",
        }

    def act(self, actor: str) -> str:
        said = self.form.cleaned_data
        reference = f"corrected/{said['reference']}"
        correct(self.row, points=said["points"], note=said["note"], actor=actor, reference=reference)
        return f"{said['points']:+} points for {self.row}: {said['note']}"


class ScanKeyView(RowView):
    """A code for the gate's scanner, shown once: what is kept of it does not give it back."""

    url_name = "scan_key"
    title = "Scan key"
    template_name = "admin/members/scan_key.html"
    http_method_names = ["post"]

    row: Member

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        require_right(request, "loyalty.add_scankey")
        try:
            key = issue_scan_key(self.row)
        except Conflict as error:
            return self.page(request, obstacle=error.message)
        self.model_admin.log_change(request, self.row, "Scan key shown.")
        ends_at = (issued_at(key) or datetime.now(UTC)) + timedelta(seconds=settings.SCAN_KEY_SECONDS)
        return self.page(request, qr=qr_svg(key), ends_at=ends_at, seconds=settings.SCAN_KEY_SECONDS)
