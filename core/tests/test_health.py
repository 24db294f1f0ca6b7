from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from core.work import WorkRow


def test_process_that_answers_is_healthy_and_asks_nobody(client: Client) -> None:
    """Without the database: pytest-django refuses any use of it here."""
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_process_tells_its_backlog_for_every_kind_of_work(client: Client) -> None:
    answer = client.get("/readyz")

    kinds = {model._meta.model_name for model in apps.get_models() if issubclass(model, WorkRow)}
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert {row["kind"] for row in answer.json()["work"]} == kinds
    assert all((row["due"], row["oldest"]) == (0, None) for row in answer.json()["work"])
    assert kinds >= {"trip", "charge", "refund"}


@pytest.mark.django_db
def test_process_whose_database_lacks_a_migration_is_not_ready(client: Client) -> None:
    MigrationRecorder(connection).record_unapplied("orders", "0001_initial")

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert "manage.py migrate" in answer.json()["reason"]


@pytest.mark.django_db
def test_due_work_is_counted_from_when_it_became_due(client: Client) -> None:
    trips, stores = apps.get_model("orders", "Trip"), apps.get_model("stores", "Store")
    store = stores.objects.create(external_id="S", name="S", region="us-east-1", time_zone="UTC", currency="USD")
    then = MigrationRecorder(connection).migration_qs.latest("applied").applied
    for number, due_at in enumerate([then, then - timedelta(seconds=1), None, then + timedelta(days=400)]):
        trips.objects.create(
            amazon_trip_id=f"T{number}",
            state="received" if due_at else "priced",
            store=store,
            entry="CARD",
            request_id="R",
            item_count=1,
            started_at=then,
            ended_at=then,
            next_attempt_at=due_at,
        )

    first = client.get("/readyz").json()["work"][0]

    assert (first["kind"], first["due"]) == ("trip", 2)
    assert first["oldest"].startswith((then - timedelta(seconds=1)).isoformat()[:19])
