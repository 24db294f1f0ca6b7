"""Giving money back: the form, a second look at what it will do, and doing it.

The form stands in a dialog of the trip page and, for those without JavaScript, on a page of its own.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import leading_to, missing_right
from core.errors import DomainError
from core.money import Money
from orders.models import Trip
from payments.admin.receipts import masked
from payments.admin.refund_form import RefundForm
from payments.admin.trip_action import ConfirmActionView, WholeTripView
from payments.models import Charge, Refund
from payments.services.mailing import NO_MAIL_SERVER
from payments.services.refund_limits import left_to
from payments.services.refund_notices import known_address, notice_text
from payments.services.refund_reasons import offered_reasons
from payments.services.refund_terms import RefundTerms
from payments.services.refunds import request_refund
from payments.services.trip_page import TripPage
from payments.states import RefundState
from staff.services.people import person_of
from stores.models import Processor

RIGHT = "payments.request_refund"
AMOUNT_RIGHT = "payments.refund_amount"


def may_refund(user: Any, terms: RefundTerms) -> str:
    """Why this person cannot refund this trip now; empty if they can."""
    return terms.obstacle or ("" if user.has_perm(RIGHT) else missing_right(RIGHT))


class RefundView(WholeTripView, ConfirmActionView):
    """GET shows the form, or with `?part=form` nothing but it; POST does what a second look has shown."""

    url_name = "refund"
    right = RIGHT
    template_name = "admin/trips/refund.html"
    title = gettext_lazy("Refund")

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        form = self.form_of(request)
        if request.GET.get("part") == "form":
            own = {"trip": self.trip, "store": self.trip.store}
            return render(request, "admin/trips/refund_form.html", own | self._context(request, form))
        return self.show(request, form)

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        form = self.form_of(request, request.POST.dict())
        if not form.is_valid():
            return self.show(request, form)
        try:
            refund = self._request(request, form)
        except DomainError as error:
            form.take_refusal(error)
            return self.show(request, form)
        awaits = refund.state == RefundState.PENDING_APPROVAL
        done = _("Refund of %(amount)s awaits approval.") if awaits else _("Refund of %(amount)s queued.")
        said = done % {"amount": Money(refund.amount, refund.currency)}
        messages.success(request, leading_to(f"#refund-{refund.pk}", said))
        return self.back()

    def form_of(self, request: HttpRequest, data: dict[str, Any] | None = None) -> RefundForm:
        refusal = "" if request.user.has_perm(AMOUNT_RIGHT) else missing_right(AMOUNT_RIGHT)
        return RefundForm(self.content.refund_terms, data, reasons=offered_reasons(), amount_refusal=refusal)

    def show(self, request: HttpRequest, form: RefundForm) -> HttpResponse:
        return self.page(request, **self._context(request, form))

    def _context(self, request: HttpRequest, form: RefundForm) -> dict[str, Any]:
        terms = self.content.refund_terms
        return {
            "refund_form": form,
            "terms": terms,
            "balances": terms.balances,
            "currency": self.content.currency,
            "refund_obstacle": may_refund(request.user, terms),
            "notice": notice_offer(self.content.charge),
            "own_left": self.content.charge and left_to(person_of(request), self.content.charge),
        }

    def ask(self, request: HttpRequest, form: RefundForm) -> Refund:
        """Raises DomainError."""
        return request_refund(
            self.trip,
            refund_request_id=form.cleaned_data["refund_request_id"],
            actor=request.user.get_username(),
            reason=form.chosen_reason.code,
            reason_label=form.chosen_reason.label,
            note=form.cleaned_data["note"],
            tells_shopper=form.cleaned_data["tells_shopper"],
            **form.what(),
        )

    def _request(self, request: HttpRequest, form: RefundForm) -> Refund:
        """The refund and its log entry, both once: the service's lock is held until both are written."""
        with transaction.atomic():
            refund = self.ask(request, form)
            if not _is_logged(self.trip, refund.refund_request_id):
                amount = Money(refund.amount, refund.currency)
                self.model_admin.log_change(request, self.trip, f"Refund of {amount}: {refund.refund_request_id}")
        return refund


class CheckRefundView(RefundView):
    """A second look: what the form will do, before it does it. With `change` in the POST the form comes back."""

    url_name = "check_refund"
    template_name = "admin/trips/check_refund.html"

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self.show(request, self.form_of(request))

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        form = self.form_of(request, request.POST.dict())
        if "change" in request.POST or not form.is_valid():
            return self.show(request, form)
        try:
            with transaction.atomic():
                refund = self.ask(request, form)
                parts = list(refund.lines.select_related("line"))
                # Nothing is done yet: this only tells what would be.
                transaction.set_rollback(True)
        except DomainError as error:
            form.take_refusal(error)
            return self.show(request, form)
        return self.page(request, **self._outlook(form, refund, parts))

    def _outlook(self, form: RefundForm, refund: Refund, parts: list[Any]) -> dict[str, Any]:
        balances, amount = self.content.balances, Money(refund.amount, refund.currency)
        offer = notice_offer(self.content.charge)
        return {
            "refund_form": form,
            "refund": refund,
            "amount": amount,
            "parts": parts,
            "balances": balances,
            "left_after": balances.refundable - amount,
            "net_after": balances.net - balances.refund_pending - amount,
            "goes_to": _goes_to(self.content),
            "awaits_approval": refund.state == RefundState.PENDING_APPROVAL,
            "notice": offer if form.cleaned_data["tells_shopper"] and not offer["obstacle"] else None,
            "notice_text": notice_text(refund.charge, amount),
        }


def notice_offer(charge: Charge | None) -> dict[str, str]:
    """Whether the shopper can be told by e-mail: to whom, or why not."""
    address = known_address(charge) if charge else ""
    if not settings.EMAIL_URL:
        return {"to": "", "obstacle": _(NO_MAIL_SERVER)}
    return {"to": masked(address), "obstacle": "" if address else _("No e-mail address of the shopper is known.")}


def _goes_to(content: TripPage) -> str:
    """Where the shopper gets the money, and when."""
    charge, card = content.charge, content.card
    if charge is not None and charge.processor == Processor.HOUSE_ACCOUNT:
        return _("To the member's house account, where it is at once.")
    if charge is not None and charge.processor:
        return _(
            "By %(collector)s, to the card that paid. It answers within seconds as a rule; the shopper's bank may take "
            "some days to show it."
        ) % {"collector": charge.collector}
    which = (
        (_("%(brand)s ending in %(last_four)s") % {"brand": card.brand, "last_four": card.last_four})
        if card and card.last_four
        else _("the card that paid")
    )
    return _(
        "To %(which)s. Amazon answers within seconds as a rule; the shopper's bank may take some days to show it."
    ) % {"which": which}


def _is_logged(trip: Trip, refund_request_id: UUID) -> bool:
    entries = LogEntry.objects.filter(content_type__app_label="orders", content_type__model="trip")
    return entries.filter(object_id=str(trip.pk), change_message__contains=str(refund_request_id)).exists()
