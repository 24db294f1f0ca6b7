"""The journal of our calls to Amazon."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from amazon.models import OutboundCall
from amazon.outbound.advice import read_answer
from core.admin import ReadOnlyAdmin
from core.templatetags.payloads import pretty_json


@admin.register(OutboundCall)
class OutboundCallAdmin(ReadOnlyAdmin):
    store_path, store_by = "store_external_id", "external_id"
    list_display = ["started", "operation", "amazon_trip_id", "store_external_id", "outcome", "milliseconds"]
    list_display_links = ["started"]
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["amazon_trip_id__exact"]
    search_help_text = gettext_lazy("Whole trip id")
    empty_title = gettext_lazy("No call yet")
    empty_text = gettext_lazy("Every call to Amazon is written down here, with what was sent and what came back.")
    fieldsets = [
        (None, {"fields": ["started", "operation", "trip", "store_external_id", "url"]}),
        (gettext_lazy("What was sent"), {"fields": ["sent"]}),
        (
            gettext_lazy("The answer"),
            {"fields": ["outcome", "meaning", "error", "milliseconds", "amazon_request_id", "came_back"]},
        ),
    ]
    readonly_fields = ["started", "trip", "sent", "outcome", "meaning", "milliseconds", "came_back"]

    @display(description=gettext_lazy("time (UTC)"))
    def started(self, call: OutboundCall) -> str:
        return call.at.strftime("%Y-%m-%d %H:%M:%S")

    @display(description=gettext_lazy("answer"), label={"good": "success", "refused": "danger", "none": "warning"})
    def outcome(self, call: OutboundCall) -> tuple[str, str]:
        if call.status is None:
            return "none", _("no answer")
        return ("good" if call.status < 300 else "refused"), str(call.status)

    @display(description=gettext_lazy("trip"))
    def trip(self, call: OutboundCall) -> SafeString:
        """The list of trips, searched for this one, leads on to its page."""
        url = f"{reverse('admin:orders_trip_changelist')}?{urlencode({'q': call.amazon_trip_id})}"
        return format_html('<a class="bo-link" href="{}">{}</a>', url, call.amazon_trip_id)

    @display(description=gettext_lazy("what it means"))
    def meaning(self, call: OutboundCall) -> str:
        reading = read_answer(call.operation, call.status, call.answer, call.error)
        return f"{reading.words} {reading.retry}".strip() or "–"

    @display(description=gettext_lazy("took"))
    def milliseconds(self, call: OutboundCall) -> str:
        return f"{call.duration_ms:,} ms"

    @display(description=gettext_lazy("request"))
    def sent(self, call: OutboundCall) -> SafeString:
        return format_html("<pre>{}</pre>", pretty_json(call.request))

    @display(description=gettext_lazy("answer"))
    def came_back(self, call: OutboundCall) -> SafeString:
        return format_html("<pre>{}</pre>", pretty_json(call.answer) or "–")
