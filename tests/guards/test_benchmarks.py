"""The benchmarks fill tables by SQL of their own: a column that they do not know would stop them, unseen."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from bench.collection import ours
from bench.gate import programs
from bench.purchases import target
from payments.models import Charge, FeedbackReport, GateDecision
from payments.tests.admin_rows import a_product, a_store

pytestmark = [pytest.mark.services, pytest.mark.django_db]


def run(path: Path, **values: Any) -> None:
    literals = {name: sql.Literal(value) for name, value in values.items()}
    connection.ensure_connection()
    connection.connection.execute(sql.SQL(path.read_text()).format(**literals) if values else path.read_text())


def test_the_gates_tables_can_be_filled() -> None:
    a_store()
    with connection.cursor() as cursor:
        cursor.execute(target._LOAD_TRIPS, [200])

    run(programs._TARGET_TABLES, rows=200, exception=programs.EXCEPTION)

    assert GateDecision.objects.count() == 200
    assert Charge.objects.filter(state="declined", debt__owed=21).exists()


def test_the_tables_of_collecting_can_be_filled() -> None:
    a_product(a_store("BENCH"))
    folder = ours._FOLDER
    state = {"trip_state": "paid", "charge_state": "captured", "captured": Decimal("20.16"), "due_in": None}

    run(folder / "ours.sql", trip_ids=["a", "b"], currency="USD", body=b"{}", minutes_apart=1, **state)
    run(folder / "ours_settled.sql")

    assert FeedbackReport.objects.count() == 2
