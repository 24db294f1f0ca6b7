"""What was done to many trips at once: the list of jobs, and the ways into a job's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin import BaseAdmin, ReadOnlyAdmin, row_urls
from payments.admin.bulk_page import BulkJobContentView, BulkJobPageView, DropView, StartView, TryAgainView
from payments.admin.labels import BULK_TONES
from payments.models import BulkJob, BulkLimit


@admin.register(BulkJob)
class BulkJobAdmin(ReadOnlyAdmin):
    """One's own jobs. Those of others hold trips of any store, so they are for who sees all of them."""

    list_display = ["job", "state_label", "person", "planned_at", "finished_at"]
    list_display_links = ["job"]
    list_select_related = ["person"]
    list_filter = [("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter)]
    list_filter_submit = True
    sortable_by: list[str] = []
    ordering = ["-id"]
    empty_title = _("Nothing was done to many trips at once yet")
    empty_text = _("Tick trips in their list, choose what to do with them, and see what it would do before it starts.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkJob]:
        jobs: QuerySet[BulkJob] = super().get_queryset(request)
        person: Any = request.user
        sees_all = person.is_everywhere and person.has_perm("payments.view_all_bulkjobs")
        return jobs if sees_all else jobs.filter(person=person)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = BulkJobPageView.as_view(model_admin=self)(request, pk=object_id)  # type: ignore[assignment]
        return response

    def get_urls(self) -> list[URLPattern]:
        views = {"content": BulkJobContentView, "start": StartView, "drop": DropView, "try-again": TryAgainView}
        urls: list[URLPattern] = row_urls(self, views) + super().get_urls()
        return urls

    @display(description=_("what"))
    def job(self, job: BulkJob) -> str:
        return capfirst(str(job))

    @display(description=_("state"), label=BULK_TONES)
    def state_label(self, job: BulkJob) -> tuple[str, str]:
        return job.state, job.get_state_display()


@admin.register(BulkLimit)
class BulkLimitAdmin(BaseAdmin):
    is_for_all_stores = True
    list_display = ["group", "most_trips"]
    list_select_related = ["group"]
    empty_title = _("No limit of its own")
    empty_text = _("People may act on 500 trips at once unless a row here says otherwise for their group.")
    fields = ["group", "most_trips"]

    def get_readonly_fields(self, request: HttpRequest, obj: BulkLimit | None = None) -> list[str]:
        return [] if obj is None else ["group"]
