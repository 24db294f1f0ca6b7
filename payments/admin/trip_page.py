"""The trip page, and the part of it that refreshes itself."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from core.admin import missing_right, neighbours
from core.admin.neighbours import FILTERS
from orders.models import Line
from payments.admin.adjust import adjustment_card
from payments.admin.contests import contest_card
from payments.admin.debt_page import debt_card
from payments.admin.feedback import feedback_card
from payments.admin.labels import REFUND_TONES, REFUND_WORDS, TRIP_TONES
from payments.admin.looks import note_look
from payments.admin.note import RIGHT as NOTE_RIGHT
from payments.admin.note import new_note_form
from payments.admin.receipts import receipt_card
from payments.admin.refund_dialog import may_refund
from payments.admin.seen import RIGHT as SEEN_RIGHT
from payments.admin.trip_action import WholeTripView
from payments.admin.trip_menu import menu_of
from payments.services.attention import whys_in, with_whys
from payments.services.collection import retry_obstacle
from payments.services.refund_approval import approval_obstacle, withdrawal_obstacle
from payments.services.resolution import resolution_obstacle
from payments.services.trip_page import TripPage
from payments.states import ChargeState, RefundState

# How often the page asks while something is under way, and while it only waits for its next attempt.
POLL_SECONDS = 2
SLOW_POLL_SECONDS = 15


class TripPageView(WholeTripView):
    url_name = "page"
    template_name = "admin/trips/page.html"

    def rows(self) -> QuerySet[Any]:
        return with_whys(super().rows())

    def get(self, request: HttpRequest) -> HttpResponse:
        self.note_look(request)
        return self.page(request, **page_context(request, self.content), **self._beside(request))

    def _beside(self, request: HttpRequest) -> dict[str, Any]:
        """Where the trips before and after this one are, in the filtered list that it was opened from."""
        if FILTERS not in request.GET:
            return {}
        query = urlencode({FILTERS: request.GET[FILTERS]})
        before, after = neighbours(self.model_admin, request, self.trip)
        return {
            name: f"{reverse('admin:orders_trip_change', args=[pk])}?{query}"
            for name, pk in (("before_url", before), ("after_url", after))
            if pk is not None
        }

    def note_look(self, request: HttpRequest, *, is_refresh: bool = False) -> None:
        receipt = getattr(self.content.charge, "receipt", None)
        messages = [contest.message for contest, _tone in contest_card(self.content.trip, request.user)]
        note_look(request, self.trip, [receipt.email if receipt else "", *messages], is_refresh=is_refresh)


class TripContentView(TripPageView):
    """Only what changes while something is under way; the page puts it in its place."""

    url_name = "content"

    def get(self, request: HttpRequest) -> HttpResponse:
        self.note_look(request, is_refresh=True)
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
                "parts": content.parts_of(refund),
                "notice": getattr(refund, "notice", None),
                "withdrawal_obstacle": withdrawal_obstacle(refund, user.get_username()),
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
        "may_view_scan": user.has_perm("loyalty.view_scan"),
        "may_view_decision": user.has_perm("payments.view_gatedecision"),
        "may_view_inbound": user.has_perm("amazon.view_inboundcall"),
        "may_view_outbound": user.has_perm("amazon.view_outboundcall"),
        "may_view_cart": user.has_perm("orders.view_cart"),
        "may_refund": user.has_perm("payments.request_refund"),
        "stays_unknown": content.charge is not None and not resolution_obstacle(content.charge),
        "may_resolve": user.has_perm("payments.resolve_charge"),
        "may_approve": user.has_perm("payments.approve_refund"),
        "other_trips": [(other, TRIP_TONES[other.state]) for other in content.other_trips],
        "refund_obstacle": may_refund(user, content.refund_terms),
        "terms": content.refund_terms,
        "debt": debt_card(content.charge, user),
        "receipt": receipt_card(content.charge, user),
        "feedback": feedback_card(content.charge, user),
        "adjustments": adjustment_card(content.trip, content.refunds),
        "contests": contest_card(content.trip, user),
        "advice": content.advice,
        "menu": menu_of(content.trip, content.charge, user),
        "note_form": new_note_form(),
        "note_obstacle": "" if user.has_perm(NOTE_RIGHT) else missing_right(NOTE_RIGHT),
        "poll_seconds": _poll_seconds(content),
        "whys": whys_in(content.trip),
        "may_mark_seen": user.has_perm(SEEN_RIGHT),
        "mark_seen_refusal": missing_right(SEEN_RIGHT),
    }


def _poll_seconds(content: TripPage) -> int:
    """0 when nothing will happen by itself."""
    if content.next_attempt_at is None:
        return 0
    is_soon = (content.next_attempt_at - content.now).total_seconds() < SLOW_POLL_SECONDS
    return POLL_SECONDS if is_soon or content.is_being_asked else SLOW_POLL_SECONDS


def _add_product_url(line: Line) -> str:
    """The form of a new product, filled in with what the cart says."""
    known = {"store": line.trip.store_id, "sku": line.sku, "name": line.name, "unit": line.unit}
    return f"{reverse('admin:stores_product_add')}?{urlencode({**known, 'barcode': line.barcodes}, doseq=True)}"
