"""The page of a job: what it will do and leave out, then how far it is and what came of each trip."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import RowView, require_right
from core.errors import DomainError
from core.languages import Words, english
from payments.admin.bulk_form import FORMS, StartForm
from payments.admin.labels import BULK_ITEM_TONES, BULK_TONES
from payments.models import BulkItem, BulkJob
from payments.services.bulk.jobs import (
    ACTS,
    drop_job,
    progress,
    reasons_left_out,
    start_job,
    sums,
    try_failed_again,
)

MOST_SHOWN = 100
POLL_SECONDS = 2
# What needs a person first.
_ORDER = [BulkItem.State.FAILED, BulkItem.State.PLANNED, BulkItem.State.DONE, BulkItem.State.SKIPPED]


class BulkJobView(RowView):
    row: BulkJob

    def context(self, request: HttpRequest, form: StartForm | None = None) -> dict[str, Any]:
        job, states = self.row, BulkItem.State
        is_draft = job.state == BulkJob.State.DRAFT
        is_own = job.person == request.user
        if is_draft and is_own and form is None:
            form = FORMS.get(job.kind, StartForm)(job)
        return {
            "job": job,
            "tone": BULK_TONES[BulkJob.State(job.state)],
            "progress": progress(job),
            "planned_sums": sums(job, states.PLANNED),
            "done_sums": sums(job, states.DONE),
            "left_out": reasons_left_out(job),
            "items": self._items(),
            "form": form,
            "may_start": is_draft and is_own,
            "may_try_again": job.state == BulkJob.State.DONE and is_own,
            "may_view_trip": request.user.has_perm("orders.view_trip"),
            "poll_seconds": POLL_SECONDS if job.state == BulkJob.State.RUNNING else 0,
        }

    def _items(self) -> list[tuple[BulkItem, str]]:
        """The first MOST_SHOWN, what needs a person before the others."""
        found: list[BulkItem] = []
        for state in _ORDER:
            room = MOST_SHOWN - len(found)
            found += self.row.items.filter(state=state).select_related("trip__store")[:room] if room else []
        return [(item, BULK_ITEM_TONES[BulkItem.State(item.state)]) for item in found]


class BulkJobPageView(BulkJobView):
    url_name = "page"
    template_name = "admin/bulk/page.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, **self.context(request))


class BulkJobContentView(BulkJobView):
    """Only what changes while the job runs; the page puts it in its place."""

    url_name = "content"

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "admin/bulk/content.html", self.context(request))


class BulkJobActView(BulkJobView):
    """POST acts. Its person alone may, who still has the right to do what the job does."""

    template_name = "admin/bulk/page.html"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        require_right(request, ACTS[self.row.kind].right)
        if self.row.person != request.user:
            messages.error(
                request, _("%(person)s has planned this job, and decides about it.") % {"person": self.row.person}
            )
            return self.back()
        return self.act(request)

    def act(self, request: HttpRequest) -> HttpResponse:
        raise NotImplementedError

    def say(self, request: HttpRequest, done: Words) -> HttpResponse:
        with english():  # the job's own name, too
            self.model_admin.log_change(request, self.row, str(done))
        messages.success(request, done)
        return self.back()

    def refuse(self, request: HttpRequest, error: DomainError) -> HttpResponse:
        messages.error(request, error.message)
        return self.back()


class StartView(BulkJobActView):
    url_name = "start"

    def act(self, request: HttpRequest) -> HttpResponse:
        form = FORMS.get(self.row.kind, StartForm)(self.row, request.POST)
        if self.row.state == BulkJob.State.DRAFT and not form.is_valid():
            return self.page(request, **self.context(request, form))
        words = form.cleaned_data if form.is_valid() else {}
        try:
            with transaction.atomic():
                start_job(self.row, **words)
                return self.say(request, gettext_lazy("Started."))
        except DomainError as error:
            return self.refuse(request, error)


class DropView(BulkJobActView):
    url_name = "drop"

    def act(self, request: HttpRequest) -> HttpResponse:
        try:
            drop_job(self.row)
        except DomainError as error:
            return self.refuse(request, error)
        return self.say(request, gettext_lazy("Dropped. Nothing was done."))


class TryAgainView(BulkJobActView):
    url_name = "try_again"

    def act(self, request: HttpRequest) -> HttpResponse:
        try:
            with transaction.atomic():
                count = try_failed_again(self.row)
                return self.say(request, format_lazy(gettext_lazy("{count} tried again."), count=count))
        except DomainError as error:
            return self.refuse(request, error)
