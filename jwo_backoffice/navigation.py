"""The sidebar of the admin: only what the user has rights for."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from payments.admin.reconciliation import RIGHTS
from payments.services.attention import needs_a_look

_MOST_COUNTED = 99


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    groups = [
        ("Trips", _trips(request)),
        ("Shoppers", _shoppers(request)),
        ("Shops", _shops(request)),
        ("System", _system(request)),
    ]
    shown = [(title, items) for title, items in groups if items]
    return [{"title": title, "separator": index > 0, "items": items} for index, (title, items) in enumerate(shown)]


def _trips(request: HttpRequest) -> list[dict[str, Any]]:
    trips = _item(request, "Trips", "shopping_cart", "orders", "trip")
    attention = _item(request, "Needs a look", "flag", "orders", "trip", query="?attention=yes")
    for item in attention:
        item["active"] = request.GET.get("attention") == "yes"
        item["badge"] = _how_many_need_a_look()
        item["badge_variant"] = "warning"
    for item in trips:
        item["active"] = item["active"] and request.GET.get("attention") != "yes"
    refunds = _item(request, "Refunds", "currency_exchange", "payments", "refund")
    debts = _item(request, "Debts", "money_off", "payments", "debt")
    receipts = _item(request, "Receipts", "receipt", "payments", "receipt")
    reports = _item(request, "Reports to Amazon", "outgoing_mail", "payments", "feedbackreport")
    carts = _item(request, "Dash Carts", "shopping_basket", "payments", "dashcartcharge")
    accounts = _item(request, "House accounts", "account_balance_wallet", "payments", "houseaccount")
    entries = _item(request, "Account entries", "receipt_long", "payments", "accountentry")
    money = [*refunds, *debts, *receipts, *reports, *carts, *accounts, *entries]
    return [*trips, *attention, *money, *_reconciliation(request)]


def _reconciliation(request: HttpRequest) -> list[dict[str, Any]]:
    """A page of no model."""
    if not request.user.has_perms(RIGHTS):
        return []
    link = reverse("reconciliation")
    return [{"title": "Reconciliation", "icon": "balance", "link": link, "active": request.path == link}]


def _shoppers(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        *_item(request, "Members", "badge", "loyalty", "member"),
        *_item(request, "Payment methods", "credit_card", "payments", "paymentmethod"),
        *_item(request, "Scans", "qr_code_scanner", "loyalty", "scan"),
        *_item(request, "Gate decisions", "sensor_door", "payments", "gatedecision"),
        *_item(request, "Blocked shoppers", "block", "payments", "blockedshopper"),
        *_item(request, "Gate rules", "rule", "payments", "gaterules"),
    ]


def _shops(request: HttpRequest) -> list[dict[str, Any]]:
    stores = _item(request, "Stores", "storefront", "stores", "store")
    products = _item(request, "Products", "sell", "stores", "product")
    return [*stores, *products, *_item(request, "Promotions", "loyalty", "loyalty", "promotion")]


def _system(request: HttpRequest) -> list[dict[str, Any]]:
    inbound = _item(request, "Calls from Amazon", "call_received", "amazon", "inboundcall")
    calls = [*inbound, *_item(request, "Calls to Amazon", "swap_horiz", "amazon", "outboundcall")]
    users = _item(request, "Users", "person", "auth", "user")
    return [*calls, *users, *_item(request, "Groups", "group", "auth", "group")]


def _item(request: HttpRequest, title: str, icon: str, app: str, model: str, query: str = "") -> list[dict[str, Any]]:
    """The item, or nothing without a right to see it or a page that shows it."""
    may_see = any(request.user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change"))
    if not may_see or not admin.site.is_registered(apps.get_model(app, model)):
        return []
    link = reverse(f"admin:{app}_{model}_changelist")
    return [{"title": title, "icon": icon, "link": link + query, "active": request.path.startswith(link)}]


def _how_many_need_a_look() -> str:
    found = needs_a_look().order_by()[: _MOST_COUNTED + 1].count()
    return f"{_MOST_COUNTED}+" if found > _MOST_COUNTED else str(found or "")
