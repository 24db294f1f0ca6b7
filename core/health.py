"""Is the process up, and can it work? For load balancers and monitoring."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from core.backlog import backlog


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; asks nothing of anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and is migrated, else 503; with the work that waits, oldest first."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return JsonResponse({"ready": False, "reason": "migrations are missing: run manage.py migrate"}, status=503)
        return JsonResponse({"ready": True, "work": [kind.as_json for kind in backlog()]})
    except DatabaseError:
        return JsonResponse({"ready": False, "reason": "the database does not answer"}, status=503)


urlpatterns = [path("healthz", healthz, name="healthz"), path("readyz", readyz, name="readyz")]
