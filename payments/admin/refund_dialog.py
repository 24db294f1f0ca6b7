"""Giving money back: the form on the trip page and, for those without JavaScript, on a page of its own."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from core.admin import missing_right
from core.errors import DomainError
from core.money import Money
from orders.models import Trip
from payments.admin.refund_form import RefundForm
from payments.admin.trip_action import ConfirmActionView
from payments.models import Refund
from payments.services.refund_terms import RefundTerms
from payments.services.refunds import request_refund
from payments.services.trip_page import TripPage, load_trip_page
from payments.states import RefundState

RIGHT = "payments.request_refund"


def new_refund_form(terms: RefundTerms) -> RefundForm:
    """With an id of its own, and all that is left proposed."""
    return RefundForm(terms, initial={"refund_request_id": uuid4(), "everything": terms.left.plain})


def may_refund(user: Any, terms: RefundTerms) -> str:
    """Why this person cannot refund this trip now; empty if they can."""
    return terms.obstacle or ("" if user.has_perm(RIGHT) else missing_right(RIGHT))


class RefundView(ConfirmActionView):
    url_name = "refund"
    right = RIGHT
    template_name = "admin/trips/refund.html"
    title = "Refund"

    content: TripPage

    def find_trip(self, pk: int | str) -> Trip:
        self.content = load_trip_page(super().find_trip(pk).pk)
        return self.content.trip

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self._show(request, new_refund_form(self.content.refund_terms))

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        form = RefundForm(self.content.refund_terms, request.POST.dict())
        if not form.is_valid():
            return self._show(request, form)
        try:
            refund = self._request(request, form)
        except DomainError as error:
            form.take_refusal(error)
            return self._show(request, form)
        becomes = "awaits approval" if refund.state == RefundState.PENDING_APPROVAL else "queued"
        messages.success(request, f"Refund of {Money(refund.amount, refund.currency)} {becomes}.")
        return self.back()

    def _show(self, request: HttpRequest, form: RefundForm) -> HttpResponse:
        terms = self.content.refund_terms
        return self.page(
            request,
            refund_form=form,
            terms=terms,
            balances=terms.balances,
            currency=self.content.currency,
            refund_obstacle=may_refund(request.user, terms),
        )

    def _request(self, request: HttpRequest, form: RefundForm) -> Refund:
        """The refund and its log entry, both once: the service's lock is held until both are written."""
        with transaction.atomic():
            refund = request_refund(
                self.trip,
                refund_request_id=form.cleaned_data["refund_request_id"],
                actor=request.user.get_username(),
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
                **form.what(),
            )
            if not _is_logged(self.trip, refund.refund_request_id):
                amount = Money(refund.amount, refund.currency)
                self.model_admin.log_change(request, self.trip, f"Refund of {amount}: {refund.refund_request_id}")
        return refund


def _is_logged(trip: Trip, refund_request_id: UUID) -> bool:
    entries = LogEntry.objects.filter(content_type__app_label="orders", content_type__model="trip")
    return entries.filter(object_id=str(trip.pk), change_message__contains=str(refund_request_id)).exists()
