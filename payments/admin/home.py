"""The start page: each part for who has the right to see what it tells."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from amazon.models import InboundCall, OutboundCall
from amazon.services.traffic import calls_from_amazon, calls_to_amazon
from orders.models import Trip
from payments.services.home import StoreDay, Waiting, todays, waiting_for


def start_page(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """`context` is that of every page, payments.admin.frame has a part in it."""
    person: Any = request.user
    days, has_more = todays(person)
    shown = context | {
        "title": _("Home"),
        "days": days if person.has_perm("orders.view_trip") else [],
        "has_more_stores": has_more,
        "test_stores": [day.store for day in days if day.store.is_test_mode],
        "is_demo": settings.IS_DEMO,
        "blank": _blank(person, days),
        "waiting": None,
    }
    if person.has_perm("orders.view_trip"):
        shown["waiting"] = [(each, _list_of(each)) for each in waiting_for(person)]
        shown["trips_url"] = reverse("admin:orders_trip_changelist")
    if person.has_perm("amazon.view_inboundcall"):
        shown["inbound"] = calls_from_amazon(_at_stores(person, InboundCall))
        shown["inbound_url"] = reverse("admin:amazon_inboundcall_changelist")
    if person.has_perm("amazon.view_outboundcall"):
        shown["outbound"] = calls_to_amazon(_at_stores(person, OutboundCall))
        shown["outbound_url"] = reverse("admin:amazon_outboundcall_changelist")
    return shown


def _blank(person: Any, days: list[StoreDay]) -> str:
    """Why there is nothing to tell yet; empty if there is."""
    if not days:
        return "no store" if person.is_everywhere else "no store of yours"
    has_any_trip = any(day.store.last_cart_at for day in days)  # type: ignore[attr-defined]
    return "" if has_any_trip or Trip.objects.exists() else "no trip"


def _list_of(waiting: Waiting) -> str:
    return f"{reverse('admin:orders_trip_changelist')}?{urlencode({'attention': waiting.why.key})}"


def _at_stores(person: Any, journal: Any) -> Any:
    return person.visible(journal.objects.all(), "store_external_id", by="external_id")
