"""What staff may do to a member besides editing: block, let in again, erase, correct points, show a code."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ConfirmView, RowView, require_right
from core.errors import Conflict
from core.languages import Words
from core.qr import qr_svg
from loyalty.admin.member_forms import BlockForm, CorrectPointsForm
from loyalty.models import Member
from loyalty.services.blocking import block_member, unblock_member
from loyalty.services.erasure import anonymize_member
from loyalty.services.points import balance, correct
from loyalty.services.scan_keys import issue_scan_key, issued_at

ERASED = gettext_lazy("The personal data of this member were erased.")


class MemberConfirmView(ConfirmView):
    row: Member

    def erased(self) -> Words:
        return ERASED if self.row.anonymized_at is not None else ""


class BlockView(MemberConfirmView):
    url_name = "block"
    right = "loyalty.block_member"
    title = gettext_lazy("Block")
    form_class = BlockForm

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Block %(row)s?") % {"row": self.row},
            "facts": [(_("Codes"), self.row.codes.count())],
            "explanation": _("From now on no gate opens for a code of this member. Nothing is deleted."),
            "obstacle": self.erased() or (_("This member is blocked already.") if self.row.is_blocked else ""),
            "button": _("Block"),
        }

    def act(self, actor: str) -> Words:
        block_member(self.row, reason=self.form.cleaned_data["reason"])
        return format_lazy(
            gettext_lazy("{row} is blocked: {reason}"), row=self.row, reason=self.form.cleaned_data["reason"]
        )


class UnblockView(MemberConfirmView):
    url_name = "unblock"
    right = "loyalty.block_member"
    title = gettext_lazy("Let in again")

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Let %(row)s in again?") % {"row": self.row},
            "facts": [(_("Blocked because"), self.row.block_reason or "–")],
            "explanation": _("The gates open for the codes of this member again."),
            "obstacle": self.erased() or ("" if self.row.is_blocked else _("This member is not blocked.")),
            "button": _("Let in again"),
        }

    def act(self, actor: str) -> Words:
        unblock_member(self.row)
        return format_lazy(gettext_lazy("{row} is let in again."), row=self.row)


class AnonymizeView(MemberConfirmView):
    url_name = "anonymize"
    right = "loyalty.anonymize_member"
    title = gettext_lazy("Erase personal data")

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Erase who %(row)s is, for ever?") % {"row": self.row},
            "facts": [
                (_("Trips that are kept"), self.row.trips.count()),
                (_("Points that are kept"), balance(self.row)),
            ],
            "explanation": _(
                "Name, e-mail, phone, tier and codes are deleted, and the external id gives way to one that "
                "leads to nobody. Trips, money and points stay. Nobody can undo this."
            ),
            "obstacle": self.erased(),
            "button": _("Erase personal data"),
        }

    def act(self, actor: str) -> Words:
        self.row = anonymize_member(self.row)
        return format_lazy(
            gettext_lazy("The personal data were erased. The member is called {row} from now on."), row=self.row
        )


class CorrectPointsView(MemberConfirmView):
    url_name = "correct_points"
    right = "loyalty.correct_points"
    title = gettext_lazy("Correct points")
    form_class = CorrectPointsForm

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Correct the points of %(row)s") % {"row": self.row},
            "facts": [(_("Balance"), balance(self.row))],
            "explanation": _("The correction is one more line of the ledger; no line is changed or deleted."),
            "obstacle": "",
            "button": _("Correct"),
        }

    def act(self, actor: str) -> Words:
        said = self.form.cleaned_data
        reference = f"corrected/{said['reference']}"
        correct(self.row, points=said["points"], note=said["note"], actor=actor, reference=reference)
        return format_lazy(
            gettext_lazy("{points} points for {row}: {note}"),
            points=f"{said['points']:+}",
            row=self.row,
            note=said["note"],
        )


class ScanKeyView(RowView):
    """A code for the gate's scanner, shown once: what is kept of it does not give it back."""

    url_name = "scan_key"
    title = gettext_lazy("Scan key")
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
