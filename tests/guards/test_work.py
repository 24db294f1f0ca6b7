"""Every kind of work has a task that does it, and every task is swept for."""

import pytest
from django.apps import apps

from core.work import WorkRow
from jwo_backoffice.celery import HOUSEKEEPING, WATCHES, WORK, app

OURS = ("orders.", "payments.", "stores.", "amazon.", "staff.", "loyalty.", "reports.", "core.")


def test_the_schedule_names_every_task_and_no_other() -> None:
    app.loader.import_default_modules()

    scheduled = {*WORK, *WATCHES, *HOUSEKEEPING}
    assert scheduled == {name for name in app.tasks if name.startswith(OURS)}
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == scheduled


def test_every_work_table_has_the_index_that_finds_what_is_due() -> None:
    tables = [model for model in apps.get_models() if issubclass(model, WorkRow)]

    assert len(tables) >= 4
    for model in tables:
        assert any(index.fields == ["next_attempt_at"] for index in model._meta.indexes), model


@pytest.mark.parametrize("model", [model for model in apps.get_models() if issubclass(model, WorkRow)])
def test_every_kind_of_work_can_be_put_off_whatever_its_state(model: type[WorkRow]) -> None:
    row = model()

    row.retry_after_fault("ValueError: nobody thought of this")

    assert row.last_error == "ValueError: nobody thought of this"
    assert row.next_attempt_at is not None
