"""What is done about a contested cart: noting it, giving money back, rejecting it. Adjusting is the trip's dialog."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import AskTwiceView, ConfirmView
from core.errors import Conflict, DomainError, Invalid
from core.languages import Words
from core.money import Money
from orders.models import Trip
from orders.states import TripState
from payments.admin.contest_forms import OpenForm, RefundForm, RejectForm
from payments.admin.looks import note_look
from payments.admin.trip_action import ConfirmActionView
from payments.models import ContestedCart
from payments.services.contest_message import message_for
from payments.services.contests import (
    Decision,
    decision_obstacle,
    open_contest,
    refund_contested,
    reject_contest,
)
from payments.services.refund_terms import refund_obstacle
from payments.services.refundable import cost_of_lines, refunded_quantities
from payments.services.trips import balances_of
from payments.states import RefundState

OPEN_RIGHT = "payments.open_contestedcart"
DECIDE_RIGHT = "payments.decide_contestedcart"


class OpenContestView(ConfirmActionView):
    """On a trip: what the shopper says they took."""

    url_name = "contest"
    right = OPEN_RIGHT
    template_name = "admin/trips/contest.html"
    title = gettext_lazy("Contested by the shopper")

    def find_trip(self, pk: int | str) -> Trip:
        trip = super().find_trip(pk)
        self.lines = list(trip.lines.select_related("product"))
        return trip

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self._ask(OpenForm(self.trip, self.lines))

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        form = OpenForm(self.trip, self.lines, request.POST.dict())
        if not form.is_valid():
            return self._ask(form)
        said = form.cleaned_data
        try:
            contest = open_contest(
                self.trip,
                form.claims(),
                key=said["key"],
                message=said["message"],
                actor=request.user.get_username(),
            )
        except DomainError as error:
            form.take_refusal(error)
            return self._ask(form)
        messages.success(request, _("Noted: somebody with the right will decide."))
        return redirect("admin:payments_contestedcart_change", contest.pk)

    def _ask(self, form: OpenForm) -> HttpResponse:
        obstacle = (
            _("The cart is being priced. Try again in a moment.") if self.trip.state == TripState.RECEIVED else ""
        )
        return self.page(self.request, form=form, obstacle=obstacle)


class DecisionView(ConfirmView):
    row: ContestedCart
    right = DECIDE_RIGHT

    def rows(self) -> QuerySet[Any]:
        return (
            super()
            .rows()
            .select_related("trip__store", "trip__member")
            .prefetch_related("lines__line", "lines__product")
        )

    def page(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        note_look(request, self.row.trip, [self.row.message])
        return super().page(request, status=status, **context)

    def message(self) -> tuple[Words, Words]:
        return _("The shopper says"), message_for(self.request.user, self.row) or "–"

    def decision(self, actor: str) -> Decision:
        said = self.form.cleaned_data
        return Decision(actor, said["note"], said["answer"])


class RejectContestView(DecisionView):
    url_name = "reject"
    title = gettext_lazy("Reject")
    form_class = RejectForm

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Leave the trip as it is?"),
            "facts": [
                (_("Trip"), self.row.trip),
                (_("It cost"), _money(self.row.trip.total, self.row.trip.store.currency)),
                self.message(),
            ],
            "explanation": _("Nothing is changed and nothing is given back."),
            "obstacle": decision_obstacle(self.row),
            "button": _("Reject"),
        }

    def act(self, actor: str) -> Words:
        reject_contest(self.row, decision=self.decision(actor))
        return gettext_lazy("Rejected; the trip stays as it is.")


class RefundContestView(AskTwiceView, DecisionView):
    """Asks how much of what."""

    url_name = "refund"
    title = gettext_lazy("Refund")

    form: RefundForm

    def make_form(self, data: Any = None) -> RefundForm:
        given = refunded_quantities(self.row.trip)
        left = {line.pk: line.quantity - given[line.pk] for line in self.row.trip.lines.all()}
        return RefundForm(self.row, left, data)

    def question(self) -> dict[str, Any]:
        return {
            "question": _("How much is to be given back?"),
            "facts": [(_("Trip"), self.row.trip), self.message()],
            "explanation": _("The trip stays as it is. Where the cart is wrong, adjust it instead."),
            "obstacle": decision_obstacle(self.row) or cannot_refund(self.row.trip),
            "button": _("Continue"),
        }

    def act(self, actor: str) -> Words:
        said = self.form.cleaned_data
        refund = refund_contested(
            self.row, self.form.quantities, key=said["key"], reason=said["reason"], decision=self.decision(actor)
        )
        return format_lazy(
            gettext_lazy("Refund of {amount} asked for: it is {state}."),
            amount=Money(refund.amount, refund.currency),
            state=RefundState(refund.state).label,
        )

    def confirmation(self) -> dict[str, Any]:
        if not self.form.quantities:
            raise Invalid(_("Say how much of which item is to be given back."))
        if obstacle := decision_obstacle(self.row):
            raise Conflict(obstacle)
        currency = self.row.trip.store.currency
        parts = cost_of_lines(self.row.trip, self.form.quantities)
        amount = Money.total((Money(part.amount, currency) for part in parts), currency)
        facts = [
            (
                _("%(quantity)s of %(name)s")
                % {"quantity": f"{part.quantity.normalize():f}", "name": part.line.name or part.line.sku},
                Money(part.amount, currency),
            )
            for part in parts
        ]
        return {
            "question": _("Give %(amount)s back?") % {"amount": amount},
            "facts": [
                *facts,
                (_("In all"), amount),
                (_("The shopper is told"), self.form.cleaned_data["answer"] or _("nothing")),
            ],
            "button": _("Refund %(amount)s") % {"amount": amount},
        }


def cannot_refund(trip: Trip) -> str:
    return refund_obstacle(trip, getattr(trip, "charge", None), balances_of(trip))


def _money(amount: Any, currency: str) -> Any:
    return "–" if amount is None else Money(amount, currency)
