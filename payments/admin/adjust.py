"""Adjusting a trip: the form, what it would do to lines and money, and doing it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import leading_to, require_right
from core.errors import DomainError
from core.money import Money
from orders.models import Line, Trip
from payments.admin.adjust_form import AdjustForm, ContestedAdjustForm, initial_of
from payments.admin.adjust_words import consequences
from payments.admin.choose_product import search_products
from payments.admin.looks import note_look
from payments.admin.trip_action import ConfirmActionView, TripView
from payments.models import Charge, ContestedCart, Refund
from payments.services.adjustments import Plan, adjust_trip, adjustment_obstacle, plan_adjustment
from payments.services.contests import Decision, adjust_contested, decision_obstacle
from payments.services.trips import adjustments_of
from stores.models import Product

RIGHT = "payments.adjust_trip"
DECIDE = "payments.decide_contestedcart"
MOST_PROPOSED = 20


def adjustment_card(trip: Trip, refunds: Iterable[Refund]) -> list[dict[str, Any]]:
    """What was adjusted, for the trip's page, of what is fetched with the trip. The refund bears the same key."""
    by_key = {refund.refund_request_id: refund for refund in refunds}
    return [
        {"row": adjustment, "changes": changes, "refund": by_key.get(adjustment.key)}
        for adjustment, changes in adjustments_of(trip)
    ]


class AdjustView(ConfirmActionView):
    """First the form, then what it would do, then it is done. `?contest=` names a contest that is decided by it."""

    url_name = "adjust"
    right = RIGHT
    template_name = "admin/trips/adjust.html"
    title = gettext_lazy("Adjust")

    contest: ContestedCart | None = None

    def find_trip(self, pk: int | str) -> Trip:
        trip = super().find_trip(pk)
        self.contest = self._contest_of(trip)
        self.lines: list[Line] = list(trip.lines.select_related("product"))
        self.charge = Charge.objects.select_related("trip__store", "debt").filter(trip=trip).first()
        return trip

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self._ask(self._form(None, initial=initial_of(self.trip, self.lines, self.contest)))

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        form = self._form(request.POST.dict())
        if not form.is_valid() or "edit" in request.POST:
            return self._ask(form)
        try:
            if form.cleaned_data["shown"]:
                return self._act(form)
            return self._show(form)
        except DomainError as error:
            return self._refuse(form, error)

    def _form(self, data: dict[str, Any] | None, **options: Any) -> AdjustForm:
        kind = ContestedAdjustForm if self.contest else AdjustForm
        return kind(self.trip, self.lines, data, **options)

    def _contest_of(self, trip: Trip) -> ContestedCart | None:
        number = self.request.GET.get("contest", "")
        if not number:
            return None
        require_right(self.request, DECIDE)
        contest = trip.contests.filter(pk=number).first() if number.isdecimal() else None
        if contest is None:
            raise Http404("This trip has no such contest.")
        return contest

    def page(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        if self.contest:
            note_look(request, self.trip, [self.contest.message])
        return super().page(request, status=status, **context)

    def _ask(self, form: AdjustForm) -> HttpResponse:
        obstacle = adjustment_obstacle(self.trip, self.charge)
        if self.contest:
            obstacle = decision_obstacle(self.contest) or obstacle
        return self.page(self.request, form=form, contest=self.contest, charge=self.charge, obstacle=obstacle)

    def _show(self, form: AdjustForm, change: str = "") -> HttpResponse:
        """`change`: that something is different from what was shown before."""
        plan = plan_adjustment(self.trip, form.wanted(), actor=self.request.user.get_username())
        return self.page(
            self.request,
            form=form.with_shown(plan.fingerprint),
            plan=plan,
            change=change,
            contest=self.contest,
            currency=plan.currency,
            consequences=consequences(plan, self.charge),
            button=_("Adjust to %(after)s") % {"after": _after(plan)},
        )

    def _refuse(self, form: AdjustForm, error: DomainError) -> HttpResponse:
        if error.field == "shown":
            try:
                return self._show(form, error.message)
            except DomainError as other:
                error = other
        form.take_refusal(error)
        return self._ask(form)

    def _act(self, form: AdjustForm) -> HttpResponse:
        """The adjustment and its log entry, both once: the service's lock is held until both are written."""
        said, actor = form.cleaned_data, self.request.user.get_username()
        common = {"key": said["key"], "reason": said["reason"], "shown": said["shown"]}
        with transaction.atomic():
            if self.contest:
                decision = Decision(actor, said["note"], said["answer"])
                adjustment = adjust_contested(self.contest, form.wanted(), decision=decision, **common)
            else:
                adjustment = adjust_trip(self.trip, form.wanted(), actor=actor, note=said["note"], **common)
            total = Money(adjustment.total_after, self.trip.store.currency)
            if not _is_logged(self.trip, adjustment.key):
                self.model_admin.log_change(self.request, self.trip, f"Adjusted to {total}: {adjustment.key}")
        done = _("Adjusted to %(total)s.") % {"total": total}
        messages.success(self.request, leading_to(f"#adjustment-{adjustment.pk}", done))
        return self.back()


class ProposeProductsView(TripView):
    """What the store sells, for the field in which a product is typed: JSON."""

    url_name = "propose_products"

    def get(self, request: HttpRequest) -> HttpResponse:
        term = request.GET.get("q", "").strip()
        products = search_products(Product.objects.filter(store=self.trip.store_id), term)[:MOST_PROPOSED]
        currency = self.trip.store.currency
        found = [
            {"sku": product.sku, "text": f"{product.name}, {Money(product.price, currency)} / {product.unit}"}
            for product in products
        ]
        return JsonResponse({"products": found if term else []})


def _after(plan: Plan) -> Money:
    return Money(plan.lines.after.total, plan.currency)


def _is_logged(trip: Trip, key: UUID) -> bool:
    entries = LogEntry.objects.filter(content_type__app_label="orders", content_type__model="trip")
    return entries.filter(object_id=str(trip.pk), change_message__contains=str(key)).exists()
