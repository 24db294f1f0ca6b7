"""The search box of every page: what it proposes while somebody types, and the page of all that was found."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from amazon.admin.labels import OUTCOME_TONES, outcome_of
from amazon.models import InboundCall
from core.languages import Words
from core.money import Money
from core.templatetags.money import money
from core.templatetags.times import text_in_zone
from loyalty.admin.looks import note_member_looks
from loyalty.models import Member
from orders.models import Trip
from payments.admin.labels import REFUND_TONES, REFUND_WORDS, TRIP_TONES
from payments.models import Refund
from payments.services.search import Found, find_exactly, search
from payments.services.search_terms import HELP
from payments.states import RefundState
from staff.services.personal_data import RIGHT as PERSONAL_RIGHT
from stores.models import Product, Store

MOST_PROPOSED = 3
MOST_SHOWN = 10
TITLES = {
    "trips": gettext_lazy("Trips"),
    "refunds": gettext_lazy("Refunds"),
    "members": gettext_lazy("Members"),
    "products": gettext_lazy("Products"),
    "stores": gettext_lazy("Stores"),
    "calls": gettext_lazy("Calls from Amazon"),
}
# What an id of these is, is opened at once; a store's name may be the beginning of a search.
_OPENED = (Member, Product)


@dataclass(frozen=True, slots=True)
class Hit:
    """One row as the search shows it."""

    url: str
    icon: str
    title: str
    detail: str
    label: Words = ""
    tone: str = ""


class SearchView(View):
    """An exact id opens its page; anything else shows what was found, grouped by kind."""

    def get(self, request: HttpRequest) -> HttpResponse:
        person: Any = request.user
        text = request.GET.get("q", "")
        if exact := find_exactly(person, text):
            return redirect(hit_of(exact).url)
        found = search(person, text, most=MOST_SHOWN, by_contact=True, may_be_id=False)
        if isinstance(found.only_row, _OPENED):
            return redirect(hit_of(found.only_row).url)
        note_member_looks(request, found.of("members"))
        request.current_app = admin.site.name
        shown = _shown(found, text, with_names=person.has_perm(PERSONAL_RIGHT))
        context = {"title": _("Search"), "text": text.strip(), "help": HELP, **shown}
        return TemplateResponse(request, "admin/search/page.html", admin.site.each_context(request) | context)


class ProposalsView(View):
    """A few of each kind, as a part of the page. Nobody's personal data are searched with each key that is pressed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        person: Any = request.user
        text = request.GET.get("q", "")
        return render(request, "admin/search/proposals.html", _shown(search(person, text, most=MOST_PROPOSED), text))


urls: list[URLPattern] = [
    path("admin/search/", admin.site.admin_view(SearchView.as_view()), name="search"),
    path("admin/search/proposals/", admin.site.admin_view(ProposalsView.as_view()), name="search-proposals"),
]


def hit_of(row: Any) -> Hit:
    return _HITS[type(row)](row)


def _shown(found: Found, text: str, *, with_names: bool = False) -> dict[str, Any]:
    groups = [
        {
            "kind": group.kind,
            "title": TITLES[group.kind],
            "hits": [_named(row) if with_names and group.kind == "members" else hit_of(row) for row in group.rows],
            "all_url": _all_url(text) if group.has_more and group.kind == "trips" else "",
            "has_more": group.has_more,
        }
        for group in found.groups
    ]
    return {"groups": groups, "problem": found.problem}


def _all_url(text: str) -> str:
    return f"{reverse('admin:orders_trip_changelist')}?{urlencode({'q': text.strip()})}"


def _trip(trip: Trip) -> Hit:
    facts = [str(trip.store), text_in_zone(trip.received_at, trip.store.time_zone), money(trip.total, trip.currency)]
    return Hit(
        reverse("admin:orders_trip_change", args=[trip.pk]),
        "shopping_cart",
        trip.amazon_trip_id,
        " · ".join(facts),
        trip.get_state_display(),
        TRIP_TONES[trip.state],
    )


def _refund(refund: Refund) -> Hit:
    trip, state = refund.charge.trip, RefundState(refund.state)
    facts = [str(refund.store), text_in_zone(refund.requested_at, refund.store.time_zone), f"trip {trip}"]
    return Hit(
        f"{reverse('admin:orders_trip_change', args=[trip.pk])}#refund-{refund.pk}",
        "currency_exchange",
        str(Money(refund.amount, refund.currency)),
        " · ".join(facts),
        REFUND_WORDS[state],
        REFUND_TONES[state],
    )


def _member(member: Member) -> Hit:
    url = reverse("admin:loyalty_member_change", args=[member.pk])
    return Hit(url, "badge", member.external_id, " · ".join(filter(None, [member.get_kind_display(), member.tier])))


def _named(member: Member) -> Hit:
    hit = _member(member)
    return replace(hit, detail=" · ".join(filter(None, [member.name, hit.detail])))


def _product(product: Product) -> Hit:
    url = reverse("admin:stores_product_change", args=[product.pk])
    facts = [f"SKU {product.sku}", str(product.store), money(product.price, product.store.currency)]
    return Hit(url, "sell", product.name, " · ".join(facts))


def _store(store: Store) -> Hit:
    url = reverse("admin:stores_store_change", args=[store.pk])
    return Hit(url, "storefront", store.name, store.external_id)


def _call(call: InboundCall) -> Hit:
    url = reverse("admin:amazon_inboundcall_change", args=[call.pk])
    facts = _("%(text_in_zone)s · request id %(request_id)s") % {
        "text_in_zone": text_in_zone(call.at, "UTC"),
        "request_id": call.request_id,
    }
    return Hit(url, "call_received", call.endpoint, facts, str(call.status), OUTCOME_TONES[outcome_of(call)])


_HITS: dict[type, Callable[[Any], Hit]] = {
    Trip: _trip,
    Refund: _refund,
    Member: _member,
    Product: _product,
    Store: _store,
    InboundCall: _call,
}
