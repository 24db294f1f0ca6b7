"""What the list of trips offers besides its rows: tabs, a look at the lines, and what is done most."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import RowAct, Tab
from orders.models import Trip
from orders.states import TripState
from payments.services.attention import needs_a_look
from payments.services.trip_refunds import with_refund_under_way

MOST_LINES = 20
_GAVE_MONEY = {TripState.PAID, TripState.PARTLY_PAID}


def _needing_a_look(trips: QuerySet[Any]) -> QuerySet[Any]:
    return trips.filter(pk__in=needs_a_look().order_by().values("pk"))


def _in_state(state: TripState) -> Tab:
    query = f"state__exact={state.value}"
    return Tab(capfirst(state.label), query, lambda trips: trips.filter(state=state))


TABS = [
    Tab(gettext_lazy("Needs a look"), "attention=yes", _needing_a_look),
    Tab(gettext_lazy("Refund under way"), "refund=under_way", with_refund_under_way),
    _in_state(TripState.FAILED),
    _in_state(TripState.UNPAID),
]


def look_inside(trip: Trip) -> dict[str, Any]:
    lines = list(trip.lines.all()[:MOST_LINES])
    return {"lines": lines, "more": max(trip.item_count - MOST_LINES, 0)}


def acts_on(request: HttpRequest, trip: Trip) -> list[RowAct]:
    may = request.user.has_perm
    acts = []
    if trip.state in _GAVE_MONEY and may("payments.request_refund"):
        acts.append(RowAct(_("Refund"), reverse("admin:orders_trip_refund", args=[trip.pk]), "currency_exchange"))
    if trip.state == TripState.FAILED and may("payments.retry_charge"):
        url = reverse("admin:orders_trip_retry_charge", args=[trip.pk])
        acts.append(RowAct(_("Ask for the money again"), url, "replay"))
    return acts
