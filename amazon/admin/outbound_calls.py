"""The journal of our calls to Amazon."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from amazon.models import OutboundCall
from core.admin import ReadOnlyAdmin
from core.templatetags.payloads import pretty_json


@admin.register(OutboundCall)
class OutboundCallAdmin(ReadOnlyAdmin):
    list_display = ["started", "operation", "amazon_trip_id", "store_external_id", "outcome", "milliseconds"]
    list_display_links = ["started"]
    sortable_by: list[str] = []
    ordering = ["-id"]
    search_fields = ["amazon_trip_id__exact"]
    search_help_text = "Whole trip id"
    empty_title = "No call yet"
    empty_text = "Every call to Amazon is written down here, with what was sent and what came back."
    fieldsets = [
        (None, {"fields": ["started", "operation", "amazon_trip_id", "store_external_id", "url"]}),
        ("What was sent", {"fields": ["sent"]}),
        ("What came back", {"fields": ["outcome", "milliseconds", "error", "amazon_request_id", "came_back"]}),
    ]
    readonly_fields = ["started", "sent", "outcome", "milliseconds", "came_back"]

    @display(description="time (UTC)")
    def started(self, call: OutboundCall) -> str:
        return call.at.strftime("%Y-%m-%d %H:%M:%S")

    @display(description="answer", label={"good": "success", "refused": "danger", "none": "warning"})
    def outcome(self, call: OutboundCall) -> tuple[str, str]:
        if call.status is None:
            return "none", "no answer"
        return ("good" if call.status < 300 else "refused"), str(call.status)

    @display(description="took")
    def milliseconds(self, call: OutboundCall) -> str:
        return f"{call.duration_ms:,} ms"

    @display(description="request")
    def sent(self, call: OutboundCall) -> SafeString:
        return format_html("<pre>{}</pre>", pretty_json(call.request))

    @display(description="answer")
    def came_back(self, call: OutboundCall) -> SafeString:
        return format_html("<pre>{}</pre>", pretty_json(call.answer) or "–")
