"""Who was at the gate with a card, whom it let in, and why: the list of decisions and the page of each."""

from collections.abc import Iterable
from typing import Any

import msgspec
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import display

from core.admin import ReadOnlyAdmin
from core.money import Money
from core.templatetags.money import money
from core.templatetags.payloads import pretty_json
from core.templatetags.times import in_zone
from orders.models import Trip
from payments.admin.labels import GATE_TONES
from payments.authorization_wire import response
from payments.models import GateDecision
from stores.day_filters import DayFilter
from stores.store_filter import StoreFilter

_encode = msgspec.json.Encoder(decimal_format="number").encode
_NOTHING = "–"


class OutcomeFilter(DropdownFilter):
    title = gettext_lazy("outcome")
    parameter_name = "outcome"
    rows = {
        "in": Q(is_authorized=True),
        "refused": Q(is_authorized=False),
        "fallback": Q(is_fallback=True),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [("in", _("Let in")), ("refused", _("Refused")), ("fallback", _("Decided by the fallback"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[GateDecision]) -> QuerySet[GateDecision]:
        return queryset.filter(self.rows.get(self.value() or "", Q()))


class DecidedDayFilter(DayFilter):
    parameter_name = "decided"
    field = "decided_at"


@admin.register(GateDecision)
class GateDecisionAdmin(ReadOnlyAdmin):
    store_path = "store"
    list_display = ["decided", "store", "shopper_id", "outcome", "first_reason", "hold"]
    list_display_links = ["decided"]
    list_select_related = ["store"]
    list_filter = [("store", StoreFilter), OutcomeFilter, DecidedDayFilter]
    list_filter_submit = True
    sortable_by: list[str] = []
    search_fields = ["amazon_trip_id__exact", "shopper_id__exact"]
    search_help_text = gettext_lazy("Whole trip id, or Amazon's whole id of the shopper")
    empty_title = gettext_lazy("Nobody at the gate yet")
    empty_text = gettext_lazy(
        "When a card is held to a gate whose store decides with Amazon, each decision appears here with its reasons. "
        "The store needs gate rules for that."
    )
    fieldsets = [
        (None, {"fields": ["decided", "store", "shopper_id", "outcome_in_words", "all_reasons", "hold", "trip"]}),
        (gettext_lazy("Amazon's advice"), {"fields": ["advice"]}),
        (gettext_lazy("What Amazon was answered"), {"fields": ["answer"]}),
        (gettext_lazy("Ids"), {"fields": ["amazon_trip_id", "event_id"]}),
    ]
    readonly_fields = ["decided", "outcome_in_words", "all_reasons", "hold", "trip", "advice", "answer"]

    @display(description=gettext_lazy("time (store's time)"))
    def decided(self, decision: GateDecision) -> SafeString:
        return in_zone(decision.decided_at, decision.store.time_zone)

    @display(description=gettext_lazy("outcome"), label=GATE_TONES)
    def outcome(self, decision: GateDecision) -> tuple[str, str]:
        tone = "let in" if decision.is_authorized else "refused"
        return "fallback" if decision.is_fallback else tone, self.outcome_in_words(decision)

    @display(description=gettext_lazy("outcome"))
    def outcome_in_words(self, decision: GateDecision) -> str:
        word = _("let in") if decision.is_authorized else _("refused")
        return (_("%(word)s, by fallback") % {"word": word}) if decision.is_fallback else word

    @display(description=gettext_lazy("reason"))
    def first_reason(self, decision: GateDecision) -> str:
        return decision.reasons[0] if decision.reasons else _NOTHING

    @display(description=gettext_lazy("held on the card"))
    def hold(self, decision: GateDecision) -> str:
        """`$50.00`, or `$20.00 instead of $50.00`."""
        held = money(decision.held, decision.currency)
        if decision.adjusted_to is None:
            return held
        adjusted = money(decision.adjusted_to, decision.currency)
        return (
            adjusted
            if decision.held is None
            else (_("%(adjusted)s instead of %(held)s") % {"adjusted": adjusted, "held": held})
        )

    @display(description=gettext_lazy("reasons"))
    def all_reasons(self, decision: GateDecision) -> SafeString:
        return format_html_join("", "<p>{}</p>", ((reason,) for reason in decision.reasons)) or SafeString(_NOTHING)

    @display(description=gettext_lazy("trip"))
    def trip(self, decision: GateDecision) -> SafeString | str:
        trip = Trip.objects.filter(amazon_trip_id=decision.amazon_trip_id, store=decision.store_id).first()
        if trip is None:
            return _("No cart has come for it.")
        return format_html('<a href="{}">{}</a>', reverse("admin:orders_trip_change", args=[trip.pk]), trip)

    @display(description=gettext_lazy("recommendation"))
    def advice(self, decision: GateDecision) -> SafeString | str:
        return _("Amazon gave none.") if decision.recommended is None else _shown(decision.recommended)

    @display(description=gettext_lazy("answer"))
    def answer(self, decision: GateDecision) -> SafeString:
        adjusted_to = None if decision.adjusted_to is None else Money(decision.adjusted_to, decision.currency)
        return _shown(response(is_authorized=decision.is_authorized, risks=decision.risks, adjusted_to=adjusted_to))


def _shown(content: Any) -> SafeString:
    return format_html("<pre>{}</pre>", pretty_json(_encode(content).decode()))
