"""The trip page, and the part of it that refreshes itself."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from orders.models import Line, Trip
from payments.admin.debt_page import debt_card
from payments.admin.feedback import feedback_card
from payments.admin.labels import REFUND_TONES, REFUND_WORDS, TRIP_TONES
from payments.admin.receipts import receipt_card
from payments.admin.refund_dialog import may_refund, new_refund_form
from payments.admin.trip_action import TripView
from payments.services.collection import retry_obstacle
from payments.services.refund_approval import approval_obstacle
from payments.services.resolution import resolution_obstacle
from payments.services.trip_page import TripPage, load_trip_page
from payments.states import ChargeState, RefundState

# How often the page asks while something is under way, and while the next attempt is still far off.
POLL_SECONDS = 2
SLOW_POLL_SECONDS = 15


class TripPageView(TripView):
    url_name = "page"
    template_name = "admin/trips/page.html"

    def find_trip(self, pk: int | str) -> Trip:
        self.content = load_trip_page(super().find_trip(pk).pk)
        return self.content.trip

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, **page_context(request, self.content))


class TripContentView(TripPageView):
    """Only what changes while something is under way; the page puts it in its place."""

    url_name = "content"

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"trip": self.trip, "store": self.trip.store, **page_context(request, self.content)}
        return render(request, "admin/trips/content.html", context)


def page_context(request: HttpRequest, content: TripPage) -> dict[str, Any]:
    user = request.user
    return {
        "content": content,
        "charge": content.charge,
        "balances": content.balances,
        "currency": content.currency,
        "tone": TRIP_TONES[content.trip.state],
        "refunds": [
            {
                "row": refund,
                "tone": REFUND_TONES[RefundState(refund.state)],
                "state": REFUND_WORDS[RefundState(refund.state)],
                "has_failed": refund.state == RefundState.FAILED,
                "stays_unknown": not resolution_obstacle(refund),
                "awaits_approval": refund.state == RefundState.PENDING_APPROVAL,
                "approval_obstacle": approval_obstacle(refund, user.get_username()),
            }
            for refund in content.refunds
        ],
        "unpriced": [{"row": row, "add_url": _add_product_url(row.line)} for row in content.unpriced],
        "has_failed": content.charge is not None
        and content.charge.state == ChargeState.FAILED
        and not retry_obstacle(content.charge),
        "can_ask_again": content.charge is not None
        and content.charge.state == ChargeState.DECLINED
        and not retry_obstacle(content.charge),
        "is_unknown": content.charge is not None
        and content.charge.state in {ChargeState.UNKNOWN, ChargeState.CAPTURING},
        "may_change_trip": user.has_perm("orders.change_trip"),
        "may_add_product": user.has_perm("stores.add_product"),
        "may_retry_charge": user.has_perm("payments.retry_charge"),
        "may_view_member": user.has_perm("loyalty.view_member"),
        "may_view_cart": user.has_perm("orders.view_cart"),
        "may_refund": user.has_perm("payments.request_refund"),
        "stays_unknown": content.charge is not None and not resolution_obstacle(content.charge),
        "may_resolve": user.has_perm("payments.resolve_charge"),
        "may_approve": user.has_perm("payments.approve_refund"),
        "other_trips": [(other, TRIP_TONES[other.state]) for other in content.other_trips],
        "refund_obstacle": may_refund(user, content.refund_terms),
        "refund_form": new_refund_form(content.refund_terms),
        "terms": content.refund_terms,
        "debt": debt_card(content.charge, user),
        "receipt": receipt_card(content.charge, user),
        "feedback": feedback_card(content.charge, user),
        "poll_seconds": _poll_seconds(content),
    }


def _poll_seconds(content: TripPage) -> int:
    """0 when nothing will happen by itself."""
    if content.next_attempt_at is None:
        return 0
    is_soon = (content.next_attempt_at - content.now).total_seconds() < SLOW_POLL_SECONDS
    return POLL_SECONDS if is_soon else SLOW_POLL_SECONDS


def _add_product_url(line: Line) -> str:
    """The form of a new product, filled in with what the cart says."""
    known = {"store": line.trip.store_id, "sku": line.sku, "name": line.name, "unit": line.unit}
    return f"{reverse('admin:stores_product_add')}?{urlencode({**known, 'barcode': line.barcodes}, doseq=True)}"
