"""Every page that staff can open: taken from the routes, so that a new page joins by itself.

`names()` is known before anything runs; `addresses()` asks the database which rows the pages are to be about.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Model, Q
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from orders.models import Line, Trip
from orders.states import TripState
from payments.models import Charge, ContestedCart, Debt, Receipt, Refund
from payments.states import ChargeState, ContestState, DebtState, ReceiptState, RefundState
from reports.models import SavedReport
from staff.models import SavedView, User

# Of all routes, those with pages for people.
_PEOPLES = ("admin/", "account/", "reports/", "receipts/", "api/docs/")

PART = "a part of a page, which that page fetches"
DATA = "data for a script, or a file"
POST = "takes a form and shows nothing"
LEADS_ON = "leads on to another page"
NEEDS_A_PASSKEY = "needs a passkey: test_signing_in.py, staff/tests/test_passkeys.py"
# Named routes that are no pages, each with its reason.
LEFT_OUT = {
    "account_reset_password_from_key": "by the link of a mail only: staff/tests/test_password_reset.py",
    "admin:autocomplete": DATA,
    "admin:jsi18n": DATA,
    "admin:login": LEADS_ON,
    "admin:loyalty_member_process_import": POST,
    "admin:loyalty_member_scan_key": POST,
    "admin:orders_trip_content": PART,
    "admin:orders_trip_peek": PART,
    "admin:orders_trip_propose_products": DATA,
    "admin:logout": LEADS_ON,
    "admin:password_change": LEADS_ON,
    "admin:password_change_done": "nobody is led there: allauth changes passwords",
    "admin:payments_bulkjob_content": PART,
    "admin:payments_bulkjob_drop": POST,
    "admin:payments_bulkjob_start": POST,
    "admin:payments_bulkjob_try_again": POST,
    "admin:payments_refund_peek": PART,
    "admin:payments_receipt_change": LEADS_ON,
    "admin:payments_refund_change": LEADS_ON,
    "admin:search": "the theme's own search, in whose place our box stands",
    "admin:view_on_site": LEADS_ON,
    "api-docs": "Swagger UI's own page for developers: its colours fail, and are not ours",
    "audit_export": DATA,
    "delete_view": POST,
    "mfa_authenticate": "in the middle of signing in, whose journey looks at it",
    "mfa_download_recovery_codes": DATA,
    "mfa_edit_webauthn": NEEDS_A_PASSKEY,
    "mfa_list_webauthn": LEADS_ON,
    "mfa_login_webauthn": DATA,
    "mfa_reauthenticate_webauthn": NEEDS_A_PASSKEY,
    "mfa_remove_webauthn": NEEDS_A_PASSKEY,
    "notification": LEADS_ON,
    "openid_connect_callback": LEADS_ON,
    "openid_connect_login": LEADS_ON,
    "report-delete": POST,
    "report-file": POST,
    "report-files-content": PART,
    "report-send": POST,
    "search-proposals": PART,
}

NOBODY = ""
# Who opens a page; `admin` if nobody is named.
BY = {
    "account_inactive": NOBODY,
    "account_login": NOBODY,
    "account_reauthenticate": "newcomer",
    "account_reset_password": NOBODY,
    "account_reset_password_done": NOBODY,
    "account_reset_password_from_key_done": NOBODY,
    "mfa_activate_totp": "newcomer",
    "receipt": NOBODY,
    "socialaccount_login_cancelled": NOBODY,
    "start page of an associate": "associate",
    "trip of an associate": "associate",
    "trips of an associate": "associate",
}


class Route(NamedTuple):
    name: str
    path: str


def routes(resolver: URLResolver | None = None, prefix: str = "", namespace: str = "") -> Iterator[Route]:
    """The named ones that are for people."""
    for pattern in (resolver or get_resolver()).url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern, path, inner)
        elif isinstance(pattern, URLPattern) and pattern.name and path.startswith(_PEOPLES):
            yield Route(namespace + pattern.name, path)


LEFT_OUT |= {route.name: DATA for route in routes() if route.path.endswith(("/csv/", "/xlsx/"))}


def names() -> list[str]:
    """Of all pages to be opened."""
    named = dict.fromkeys(route.name for route in routes())
    return [name for name in named if name not in LEFT_OUT and not is_nobodys(name)] + list(MORE)


def addresses() -> dict[str, str]:
    """Of each name."""
    return {name: MORE[name]() if name in MORE else reverse(name, args=_arguments(name)) for name in names()}


def refundable_trips() -> list[Trip]:
    """Paid by card in the last days, several items, nothing given back; the newest first."""
    charges = Charge.objects.filter(
        state=ChargeState.CAPTURED,
        captured_at__gt=datetime.now(UTC) - timedelta(days=5),
        committed=0,
        refunds__isnull=True,
        trip__state=TripState.PAID,
        trip__item_count__gt=2,
        trip__contests__isnull=True,
        trip__store__external_id="DEMO-CARD",
        card__last_four__gt="",
        receipt__isnull=False,
    )
    return [charge.trip for charge in charges.select_related("trip").order_by("-captured_at")]


def is_nobodys(name: str) -> bool:
    """Whether the admin lets nobody add or delete rows there, not even a superuser."""
    if (model := _model_of(name)) is None:
        return False
    page, request = admin.site._registry[model], RequestFactory().get("/")
    request.user = get_user_model()(is_superuser=True, is_staff=True)
    may = {"_add": page.has_add_permission, "_delete": page.has_delete_permission}
    return any(name.endswith(f"_{model._meta.model_name}{end}") and not asks(request) for end, asks in may.items())


def _model_of(name: str) -> type[Model] | None:
    found = [
        model
        for model in admin.site._registry
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_")
    ]
    return found[0] if found else None


def _arguments(name: str) -> tuple[Any, ...]:
    if name in ROWS:
        return ROWS[name]()
    path = next(route.path for route in routes() if route.name == name)
    if "<" not in path:
        return ()
    model = _model_of(name)
    assert model is not None, f"say in ROWS what the page {name} is to be about ({path})"
    return (_newest(model).pk,)


def _newest(model: type[Any], *conditions: Q, **filters: Any) -> Any:
    row = model._default_manager.filter(*conditions, **filters).order_by("pk").last()
    assert row is not None, (model, conditions, filters)
    return row


def _refundable() -> tuple[Any, ...]:
    return (refundable_trips()[0].pk,)


def _failed() -> tuple[Any, ...]:
    return (_newest(Trip, state=TripState.FAILED).pk,)


def _in_doubt() -> tuple[Any, ...]:
    return (_newest(Charge, state=ChargeState.UNKNOWN).trip_id,)


def _with_receipt() -> tuple[Any, ...]:
    return (_newest(Receipt, state=ReceiptState.SENT).charge.trip_id,)


def _of_refund(state: RefundState) -> Callable[[], tuple[Any, ...]]:
    def find() -> tuple[Any, ...]:
        refund = _newest(Refund, state=state)
        return refund.charge.trip_id, refund.pk

    return find


def _seeable() -> tuple[Any, ...]:
    receipt = _newest(Receipt, state=ReceiptState.FAILED)
    return receipt.charge.trip_id, "receipt", receipt.pk


def _unknown_item() -> tuple[Any, ...]:
    line = _newest(Line, ~Q(problem=""), trip__state=TripState.REVIEW)
    return line.trip_id, line.pk


def _open_contest() -> tuple[Any, ...]:
    """The oldest: the newest is decided by a journey."""
    return (ContestedCart.objects.filter(state=ContestState.OPEN).order_by("pk")[0].pk,)


def _open_debt() -> tuple[Any, ...]:
    return (_newest(Debt, state=DebtState.OPEN).pk,)


def _list_of_trips() -> tuple[Any, ...]:
    return ("orders.trip",)


# What pages are about where the newest row will not do.
ROWS: dict[str, Callable[[], tuple[Any, ...]]] = {
    "admin:app_list": lambda: ("orders",),
    "admin:auth_user_password_change": lambda: (_newest(User, username="associate").pk,),
    "admin:orders_trip_adjust": _refundable,
    "admin:orders_trip_approve_refund": _of_refund(RefundState.PENDING_APPROVAL),
    "admin:orders_trip_change": _refundable,
    "admin:orders_trip_check_refund": _refundable,
    "admin:orders_trip_choose_product": _unknown_item,
    "admin:orders_trip_contest": _refundable,
    "admin:orders_trip_note_as_debt": _failed,
    "admin:orders_trip_refund": _refundable,
    "admin:orders_trip_reject_refund": _of_refund(RefundState.PENDING_APPROVAL),
    "admin:orders_trip_resend_receipt": _with_receipt,
    "admin:orders_trip_resolve_charge": _in_doubt,
    "admin:orders_trip_resolve_refund": _of_refund(RefundState.UNKNOWN),
    "admin:orders_trip_retry_charge": _failed,
    "admin:orders_trip_retry_refund": _of_refund(RefundState.FAILED),
    "admin:orders_trip_seen": _seeable,
    "admin:orders_trip_withdraw_refund": _of_refund(RefundState.PENDING_APPROVAL),
    "admin:payments_contestedcart_change": _open_contest,
    "admin:payments_contestedcart_refund": _open_contest,
    "admin:payments_contestedcart_reject": _open_contest,
    "admin:payments_debt_change": _open_debt,
    "admin:payments_debt_settle": _open_debt,
    "admin:payments_debt_waive": _open_debt,
    "admin:payments_debt_write_off": _open_debt,
    "list_settings": _list_of_trips,
    "receipt": lambda: (_newest(Receipt, state=ReceiptState.SENT).token,),
    "report-save": lambda: ("overview",),
    "report-saved": lambda: (_newest(SavedReport).pk,),
    "save_view": _list_of_trips,
    "saved_view": lambda: (_newest(SavedView).pk,),
}


def _trip(**filters: Any) -> Callable[[], str]:
    return lambda: reverse("admin:orders_trip_change", args=[_newest(Trip, **filters).pk])


def _trips(query: str) -> Callable[[], str]:
    return lambda: f"{reverse('admin:orders_trip_changelist')}?{query}"


def _search(query: str) -> Callable[[], str]:
    return lambda: f"{reverse('search')}?q={query}"


# Pages that look otherwise by what they are about, or for whom.
MORE: dict[str, Callable[[], str]] = {
    "adjusted trip": _trip(adjustments__isnull=False),
    "entries by reason": lambda: f"{reverse('report-entries')}?period=30-days&group=reason",
    "failed trip": _trip(state=TripState.FAILED),
    "partly paid trip": _trip(state=TripState.PARTLY_PAID),
    "search that finds": _search("12"),
    "search that finds nothing": _search("nothing-of-this-name"),
    "start page of an associate": lambda: reverse("admin:index"),
    "trip in doubt": lambda: reverse("admin:orders_trip_change", args=_in_doubt()),
    "trip in review": _trip(state=TripState.REVIEW),
    "trip of an associate": lambda: reverse("admin:orders_trip_change", args=_refundable()),
    "trip whose refund awaits approval": _trip(charge__refunds__state=RefundState.PENDING_APPROVAL),
    "trip whose refund failed": _trip(charge__refunds__state=RefundState.FAILED),
    "trips of an associate": _trips(""),
    "trips that need a look": _trips("attention=yes"),
    "trips, none found": _trips("q=status:paid+amount:%3E90000"),
}
