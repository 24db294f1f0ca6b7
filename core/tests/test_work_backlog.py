"""The work that waits, as `manage.py work_backlog` and /readyz tell it."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import backlog as backlog_module
from core.backlog import Backlog, backlog
from core.work import WorkRow

pytestmark = pytest.mark.django_db

KINDS = {str(model._meta.model_name) for model in apps.get_models() if issubclass(model, WorkRow)}


def add_trip(number: int, *, since: float | None, failed_attempts: int = 0) -> None:
    """A trip that has been due for so many seconds (will be in as many, when negative; never, when None)."""
    stores = apps.get_model("stores", "Store")
    fields = {"name": "S", "region": "us-east-1", "time_zone": "UTC", "currency": "USD"}
    store, _ = stores.objects.get_or_create(external_id="S", defaults=fields)
    apps.get_model("orders", "Trip").objects.create(
        amazon_trip_id=f"T{number}",
        state="priced" if since is None else "received",
        store=store,
        entry="CARD",
        request_id="R",
        item_count=1,
        started_at=Now(),
        ended_at=Now(),
        next_attempt_at=None if since is None else Now() - timedelta(seconds=since),
        failed_attempts=failed_attempts,
    )


def of_trips() -> Backlog:
    return next(kind for kind in backlog() if kind.kind == "trip")


def run(*arguments: str) -> tuple[int, str]:
    """The exit status and what stands on the screen, with the complaint at the end."""
    output = StringIO()
    try:
        call_command("work_backlog", *arguments, stdout=output)
    except CommandError as error:
        return error.returncode, output.getvalue() + str(error)
    return 0, output.getvalue()


def test_it_tells_what_is_due_what_fails_and_what_is_late() -> None:
    for number, (since, failed) in enumerate([(600, 0), (30, 2), (1, 0), (-900, 5), (None, 0)]):
        add_trip(number, since=since, failed_attempts=failed)

    trips = of_trips()

    assert (trips.due, trips.failing, trips.late) == (3, 2, 1)
    assert trips.oldest is not None


def test_the_kind_whose_work_is_due_the_longest_stands_first() -> None:
    assert [kind.kind for kind in backlog()] == sorted(KINDS)

    add_trip(1, since=5)

    assert backlog()[0].kind == "trip"


def test_each_kind_costs_one_statement_however_much_is_due() -> None:
    for number in range(30):
        add_trip(number, since=number)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        backlog()

    assert len(queries) == len(KINDS)


def test_no_more_rows_are_read_than_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog_module, "MOST_COUNTED", 3)
    for number in range(5):
        add_trip(number, since=100 + number, failed_attempts=1)

    trips = of_trips()

    assert [str(count) for count in (trips.due, trips.failing, trips.late)] == ["3+", "3+", "3+"]


def test_rows_that_wait_for_later_do_not_make_the_due_ones_uncertain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog_module, "MOST_COUNTED", 3)
    add_trip(1, since=100)
    for number in range(2, 7):
        add_trip(number, since=-100, failed_attempts=1)

    trips = of_trips()

    assert [str(count) for count in (trips.due, trips.failing, trips.late)] == ["1", "3+", "1"]


def test_the_command_prints_a_table_and_ends_well_while_all_is_in_time() -> None:
    add_trip(1, since=5)

    status, said = run()

    first, second = said.splitlines()[:2]
    assert status == 0
    assert first.split() == ["kind", "due", "oldest", "due", "since", "(UTC)", "failing", "late"]
    assert second.split()[:2] == ["trip", "1"]


def test_the_command_fails_when_something_is_due_for_too_long() -> None:
    add_trip(1, since=90)

    status, said = run()

    assert status == 1
    assert said.endswith("Due for more than 60 seconds: trip. Does a worker run? Does Amazon answer?")
    assert run("--late-after", "100")[0] == 0


def test_for_programs_it_is_json() -> None:
    add_trip(1, since=5)

    rows = json.loads(run("--json")[1])

    assert {row["kind"] for row in rows} == KINDS
    assert rows[0].keys() == {"kind", "due", "oldest", "failing", "late"}
    assert (rows[0]["kind"], rows[0]["due"]) == ("trip", 1)


def test_readyz_tells_the_same(client: Client) -> None:
    add_trip(1, since=90)

    assert client.get("/readyz").json()["work"] == json.loads(run("--json")[1].splitlines()[0])


def test_a_database_that_does_not_answer_is_said_so() -> None:
    def unreachable(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(unreachable):
        status, said = run()

    assert (status, said) == (2, "The database does not answer: connection refused")
