"""Receipts: their list, what the trip's page shows of one, and having it sent again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from core.admin import missing_right
from core.templatetags.times import in_zone
from payments.admin.of_trip import OfTripAdmin
from payments.admin.trip_action import ConfirmActionView
from payments.models import Charge, Receipt
from payments.services.receipts import resend_obstacle, resend_receipt
from payments.states import ReceiptState

RIGHT = "payments.resend_receipt"
PERSONAL_RIGHT = "loyalty.view_personal_data"

TONES = {
    ReceiptState.WAITING: "info",
    ReceiptState.SENDING: "info",
    ReceiptState.SENT: "success",
    ReceiptState.UNKNOWN: "warning",
    ReceiptState.NO_ADDRESS: "default",
    ReceiptState.FAILED: "danger",
}


@admin.register(Receipt)
class ReceiptAdmin(OfTripAdmin):
    list_display_links = ["trip"]
    list_filter = [("state", ChoicesDropdownFilter), ("charge__trip__store", RelatedDropdownFilter)]
    empty_title = "No receipt yet"
    empty_text = "A receipt is made when the money of a trip is taken, in the stores that give receipts themselves."

    def get_list_display(self, request: HttpRequest) -> list[str]:
        to_whom = "email" if request.user.has_perm(PERSONAL_RIGHT) else "masked_email"
        return ["trip", "store", "state_label", to_whom, "sent", "last_error"]

    @display(description="state", label=TONES)
    def state_label(self, receipt: Receipt) -> tuple[str, str]:
        return receipt.state, receipt.get_state_display()

    @display(description="e-mail")
    def masked_email(self, receipt: Receipt) -> str:
        return masked(receipt.email)

    @display(description="sent (store's time)")
    def sent(self, receipt: Receipt) -> SafeString:
        return in_zone(receipt.sent_at, receipt.charge.trip.store.time_zone)


class ResendForm(forms.Form):
    leases_seen = forms.IntegerField(widget=forms.HiddenInput)


class ResendReceiptView(ConfirmActionView):
    url_name = "resend_receipt"
    right = RIGHT
    title = "Send the receipt again"
    form_class = ResendForm

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        form = ResendForm(initial={"leases_seen": self._receipt().lease_count})
        return self.page(request, form=form, **self.question())

    def question(self) -> dict[str, Any]:
        receipt = self._receipt()
        may_arrive_twice = receipt.state in {ReceiptState.SENT, ReceiptState.UNKNOWN}
        return {
            "question": "Send this receipt by e-mail again?",
            "facts": [
                ("State", receipt.get_state_display()),
                ("Sent to", shown(receipt, self.request.user) or "–"),
                ("Sent", in_zone(receipt.sent_at, self.trip.store.time_zone)),
                ("What went wrong", receipt.last_error or "–"),
            ],
            "explanation": "It goes to the address that is known now: the member's, or the one left at the store's "
            "receipt kiosk." + (" The shopper may then have it twice." if may_arrive_twice else ""),
            "obstacle": resend_obstacle(receipt),
            "button": "Send again",
        }

    def act(self, actor: str) -> str:
        resend_receipt(self._receipt(), leases_seen=self.form.cleaned_data["leases_seen"])
        return "The receipt will be sent again."

    def _receipt(self) -> Receipt:
        receipt = Receipt.objects.filter(charge__trip=self.trip).first()
        if receipt is None:
            raise Http404("This trip has no receipt.")
        return receipt


def receipt_card(charge: Charge | None, user: Any) -> dict[str, Any] | None:
    """What the trip's page shows; None when there is no receipt."""
    receipt: Receipt | None = getattr(charge, "receipt", None)
    if receipt is None:
        return None
    obstacle = resend_obstacle(receipt) if user.has_perm(RIGHT) else missing_right(RIGHT)
    return {
        "row": receipt,
        "tone": TONES[ReceiptState(receipt.state)],
        "to": shown(receipt, user),
        "obstacle": obstacle,
    }


def shown(receipt: Receipt, user: Any) -> str:
    """To whom it was sent, as this person may see it."""
    email: str = receipt.email
    return email if user.has_perm(PERSONAL_RIGHT) else masked(email)


def masked(email: str) -> str:
    return f"{email[0]}***" if email else ""
