"""The sidebar of the admin: only what the user has rights for."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from payments.admin.frame import how_many_need_a_look
from payments.admin.reconciliation import RIGHTS
from reports.audit.page import RIGHT as AUDIT_RIGHT
from reports.rights import RIGHT as REPORTS_RIGHT


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    groups = [
        (_("Trips"), _trips(request)),
        (_("Shoppers"), _shoppers(request)),
        (_("Shops"), _shops(request)),
        (_("System"), _system(request)),
    ]
    shown = [(title, items) for title, items in groups if items]
    return [{"title": title, "separator": index > 0, "items": items} for index, (title, items) in enumerate(shown)]


def _trips(request: HttpRequest) -> list[dict[str, Any]]:
    trips = _item(request, _("Trips"), "shopping_cart", "orders", "trip")
    attention = _item(request, _("Needs a look"), "flag", "orders", "trip", query="?attention=yes")
    for item in attention:
        item["active"] = item["active"] and "attention" in request.GET
        item["badge"] = str(how_many_need_a_look(request) or "")
        item["badge_variant"] = "warning"
    for item in trips:
        item["active"] = item["active"] and "attention" not in request.GET
    contests = _item(request, _("Contested carts"), "contract_edit", "payments", "contestedcart", query="?state=open")
    refunds = _item(request, _("Refunds"), "currency_exchange", "payments", "refund")
    debts = _item(request, _("Debts"), "money_off", "payments", "debt")
    receipts = _item(request, _("Receipts"), "receipt", "payments", "receipt")
    reports = _item(request, _("Reports to Amazon"), "outgoing_mail", "payments", "feedbackreport")
    carts = _item(request, _("Dash Carts"), "shopping_basket", "payments", "dashcartcharge")
    accounts = _item(request, _("House accounts"), "account_balance_wallet", "payments", "houseaccount")
    jobs = _item(request, _("Jobs"), "checklist", "payments", "bulkjob")
    entries = _item(request, _("Account entries"), "receipt_long", "payments", "accountentry")
    money = [*contests, *refunds, *debts, *receipts, *reports, *carts, *accounts, *entries, *jobs]
    return [*trips, *attention, *money, *_reconciliation(request), *_reports(request)]


def _reconciliation(request: HttpRequest) -> list[dict[str, Any]]:
    """A page of no model."""
    if not request.user.has_perms(RIGHTS):
        return []
    link = reverse("reconciliation")
    return [{"title": _("Reconciliation"), "icon": "balance", "link": link, "active": request.path == link}]


def _reports(request: HttpRequest) -> list[dict[str, Any]]:
    """Pages of their own, that lead back."""
    if not request.user.has_perm(REPORTS_RIGHT):
        return []
    return [{"title": _("Reports"), "icon": "bar_chart", "link": reverse("report-overview"), "active": False}]


def _shoppers(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        *_item(request, _("Members"), "badge", "loyalty", "member"),
        *_item(request, _("Payment methods"), "credit_card", "payments", "paymentmethod"),
        *_item(request, _("Scans"), "qr_code_scanner", "loyalty", "scan"),
        *_item(request, _("Gate decisions"), "sensor_door", "payments", "gatedecision"),
        *_item(request, _("Blocked shoppers"), "block", "payments", "blockedshopper"),
        *_item(request, _("Gate rules"), "rule", "payments", "gaterules"),
    ]


def _shops(request: HttpRequest) -> list[dict[str, Any]]:
    stores = _item(request, _("Stores"), "storefront", "stores", "store")
    products = _item(request, _("Products"), "sell", "stores", "product")
    return [*stores, *products, *_item(request, _("Promotions"), "loyalty", "loyalty", "promotion")]


def _system(request: HttpRequest) -> list[dict[str, Any]]:
    inbound = _item(request, _("Calls from Amazon"), "call_received", "amazon", "inboundcall")
    calls = [*inbound, *_item(request, _("Calls to Amazon"), "swap_horiz", "amazon", "outboundcall")]
    users = _item(request, _("Users"), "person", "staff", "user")
    groups = _item(request, _("Groups"), "group", "auth", "group")
    limits = _item(request, _("Refund limits"), "price_check", "payments", "refundlimit")
    reasons = _item(request, _("Refund reasons"), "list", "payments", "refundreason")
    looks = _item(request, _("Looks at personal data"), "visibility", "staff", "personaldatalook")
    return [*calls, *users, *groups, *limits, *reasons, *looks, *_audit(request)]


def _audit(request: HttpRequest) -> list[dict[str, Any]]:
    """A page of no model."""
    if not request.user.has_perm(AUDIT_RIGHT):
        return []
    link = reverse("audit")
    return [{"title": _("Who did what"), "icon": "history", "link": link, "active": request.path == link}]


def _item(request: HttpRequest, title: str, icon: str, app: str, model: str, query: str = "") -> list[dict[str, Any]]:
    """The item, or nothing without a right to see it or a page that shows it."""
    may_see = any(request.user.has_perm(f"{app}.{verb}_{model}") for verb in ("view", "change"))
    if not may_see or not admin.site.is_registered(apps.get_model(app, model)):
        return []
    link = reverse(f"admin:{app}_{model}_changelist")
    return [{"title": title, "icon": icon, "link": link + query, "active": request.path.startswith(link)}]
