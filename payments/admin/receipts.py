"""Receipts: their list, what the trip's page shows of one, and having it sent again."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import missing_right
from core.languages import Words
from core.templatetags.times import in_zone
from payments.admin.looks import note_look, note_receipt_looks
from payments.admin.of_trip import OfTripAdmin
from payments.admin.trip_action import ConfirmActionView
from payments.models import Charge, Receipt
from payments.services.receipts import resend_obstacle, resend_receipt
from payments.states import ReceiptState
from stores.store_filter import StoreFilter

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
    list_select_related = ["charge__trip__member", "store"]
    list_filter = [("state", ChoicesDropdownFilter), ("store", StoreFilter)]
    empty_title = gettext_lazy("No receipt yet")
    empty_text = gettext_lazy(
        "A receipt is made when the money of a trip is taken, in the stores that give receipts themselves."
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: Any = super().changelist_view(request, extra_context)
        if shown := getattr(response, "context_data", {}).get("cl"):
            note_receipt_looks(request, shown.result_list)
        answer: HttpResponse = response
        return answer

    def get_list_display(self, request: HttpRequest) -> list[str]:
        to_whom = "email" if request.user.has_perm(PERSONAL_RIGHT) else "masked_email"
        return ["trip", "store", "state_label", to_whom, "sent", "last_error"]

    @display(description=gettext_lazy("state"), label=TONES)
    def state_label(self, receipt: Receipt) -> tuple[str, str]:
        return receipt.state, receipt.get_state_display()

    @display(description=gettext_lazy("e-mail"))
    def masked_email(self, receipt: Receipt) -> str:
        return masked(receipt.email)

    @display(description=gettext_lazy("sent (store's time)"))
    def sent(self, receipt: Receipt) -> SafeString:
        return in_zone(receipt.sent_at, receipt.store.time_zone)


class ResendForm(forms.Form):
    leases_seen = forms.IntegerField(widget=forms.HiddenInput)


class ResendReceiptView(ConfirmActionView):
    url_name = "resend_receipt"
    right = RIGHT
    title = gettext_lazy("Send the receipt again")
    form_class = ResendForm

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        receipt = self._receipt()
        note_look(request, self.trip, [receipt.email])
        form = ResendForm(initial={"leases_seen": receipt.lease_count})
        return self.page(request, form=form, **self.question())

    def question(self) -> dict[str, Any]:
        receipt = self._receipt()
        may_arrive_twice = receipt.state in {ReceiptState.SENT, ReceiptState.UNKNOWN}
        return {
            "question": _("Send this receipt by e-mail again?"),
            "facts": [
                (_("State"), receipt.get_state_display()),
                (_("Sent to"), shown(receipt, self.request.user) or "–"),
                (_("Sent"), in_zone(receipt.sent_at, self.trip.store.time_zone)),
                (_("What went wrong"), receipt.last_error or "–"),
            ],
            "explanation": _(
                "It goes to the address that is known now: the member's, or the one left at the store's receipt kiosk."
            )
            + (_(" The shopper may then have it twice.") if may_arrive_twice else ""),
            "obstacle": resend_obstacle(receipt),
            "button": _("Send again"),
        }

    def act(self, actor: str) -> Words:
        resend_receipt(self._receipt(), leases_seen=self.form.cleaned_data["leases_seen"], actor=actor)
        return gettext_lazy("The receipt will be sent again.")

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
