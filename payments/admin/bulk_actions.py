"""What can be done to the trips that are ticked in their list: each plans a job and leads to its page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst

from core.admin import require_right
from core.errors import Invalid
from orders.models import Trip
from payments.models import BulkJob
from payments.services.bulk.jobs import ACTS, plan_job

Action = Callable[[Any, HttpRequest, "QuerySet[Trip]"], HttpResponse | None]


def bulk_actions(request: HttpRequest) -> dict[str, tuple[Action, str, str]]:
    """Those that this person has the right for, as ModelAdmin.get_actions returns them."""
    may = request.user.has_perm
    return {
        name: (action, name, capfirst(str(kind.label)))
        for kind, name, action in _ACTIONS
        if may("payments.view_bulkjob") and may(ACTS[kind].right)
    }


def _action(kind: BulkJob.Kind) -> Action:
    def plan(model_admin: Any, request: HttpRequest, trips: "QuerySet[Trip]") -> HttpResponse | None:
        require_right(request, ACTS[kind].right)
        try:
            job = plan_job(kind, trips, request.user)  # type: ignore[arg-type]
        except Invalid as error:
            messages.error(request, error.message)
            return None
        return redirect("admin:payments_bulkjob_change", job.pk)

    return plan


_ACTIONS = [(kind, f"bulk_{kind}", _action(kind)) for kind in BulkJob.Kind]
