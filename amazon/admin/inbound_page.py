"""The page of one call of Amazon's, and sending it again."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amazon.admin.labels import OUTCOME_TONES, outcome_of
from amazon.admin.stores import with_store
from amazon.models import InboundCall
from amazon.services.curl import as_curl
from amazon.services.replay import obstacle_to_replay, replay
from core.admin import ConfirmView, RowView, missing_right
from core.errors import DomainError
from core.languages import in_english

RIGHT = "amazon.replay_inboundcall"


class CallView(RowView):
    row: Any  # an InboundCall with its store

    def rows(self) -> QuerySet[Any]:
        return with_store(super().rows())


class CallPageView(CallView):
    url_name = "page"
    template_name = "admin/inbound_calls/page.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        call = self.row
        obstacle = obstacle_to_replay(call) or ("" if request.user.has_perm(RIGHT) else missing_right(RIGHT))
        return self.page(
            request,
            call=call,
            zone=call.time_zone or "UTC",
            tone=OUTCOME_TONES[outcome_of(call)],
            trip_url=_trip_url(request, call),
            curl=as_curl(call, request.build_absolute_uri(call.endpoint)),
            obstacle=obstacle,
        )


class ReplayView(CallView, ConfirmView):
    url_name = "replay"
    right = RIGHT
    title = gettext_lazy("Send a call again")

    def question(self) -> dict[str, Any]:
        call = self.row
        return {
            "question": _("Send this call to %(endpoint)s again?") % {"endpoint": call.endpoint},
            "facts": [
                (_("It was answered"), call.status),
                (_("Store"), call.store_external_id or "–"),
                (_("Trip"), call.amazon_trip_id or "–"),
                (_("Request id"), call.request_id or "–"),
            ],
            "explanation": _(
                "Its body goes through this connector once more, as if Amazon had sent it now. "
                "What was done already is not done twice; Amazon does not learn of the answer."
            ),
            "obstacle": obstacle_to_replay(call),
            "button": _("Send again"),
        }

    def post(self, request: HttpRequest, **which: int) -> HttpResponse:
        """Outside of a transaction, unlike other actions: the call has its own, and what it did stays done."""
        try:
            replayed = replay(self.row)
        except DomainError as error:
            messages.error(request, error.message)
            return self.back()
        done = format_lazy(gettext_lazy("Sent again: answered {status}."), status=replayed.status)
        self.model_admin.log_change(request, self.row, in_english(done))
        if replayed.is_accepted:
            messages.success(request, done)
        else:
            messages.warning(request, f"{done} {replayed.answer}")
        return self.back()


def _trip_url(request: HttpRequest, call: InboundCall) -> str:
    """The list of trips, searched for this one: it leads on to the trip's page once there is such a trip."""
    if not call.amazon_trip_id or not request.user.has_perm("orders.view_trip"):
        return ""
    return f"{reverse('admin:orders_trip_changelist')}?{urlencode({'q': call.amazon_trip_id})}"
