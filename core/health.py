"""Is the process up, and can it work? For load balancers and monitoring."""

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from core.work import WorkRow


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; asks nothing of anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and is migrated, else 503; with the work that is due, oldest first."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return JsonResponse({"ready": False, "reason": "migrations are missing: run manage.py migrate"}, status=503)
        return JsonResponse({"ready": True, "work": _backlog()})
    except DatabaseError:
        return JsonResponse({"ready": False, "reason": "the database does not answer"}, status=503)


def _backlog() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for model in apps.get_models():
        if issubclass(model, WorkRow):
            due = model._default_manager.filter(next_attempt_at__lte=Now())
            row = due.aggregate(due=Count("pk"), oldest=Min("next_attempt_at"))
            rows.append({"kind": model._meta.model_name, **row})
    return sorted(rows, key=lambda row: str(row["oldest"] or "9"))


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
