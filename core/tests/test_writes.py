"""Writes of one transaction: in how few statements, and that they are those that would have been made one by one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, models
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext, isolate_apps

from core import writes
from core.writes import written_together

Notes = type[Any]


@pytest.fixture
def note_model(transactional_db: None) -> Iterator[Notes]:
    with isolate_apps("core"):

        class Note(models.Model):
            name = models.CharField(max_length=20)
            number = models.IntegerField(default=0)
            at = models.DateTimeField(null=True)

            class Meta:
                app_label = "core"
                constraints = [
                    models.UniqueConstraint(fields=["name"], name="note_name_once"),
                    models.UniqueConstraint(fields=["number"], condition=models.Q(number__gt=99), name="note_big_once"),
                ]

    with connection.schema_editor() as editor:
        editor.create_model(Note)
    yield Note
    with connection.schema_editor() as editor:
        editor.delete_model(Note)


def statements(act: Callable[[], None]) -> int:
    """How many are made to write, without those that begin and end the transaction."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len([query for query in captured if query["sql"].startswith(("INSERT", "UPDATE"))])


def numbers(model: Notes) -> dict[str, int]:
    return dict(model.objects.values_list("name", "number"))


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_statements_does_not_grow_with_the_rows(note_model: Notes, count: int) -> None:
    standing = [note_model.objects.create(name=f"old {number}") for number in range(2 * count)]

    def write() -> None:
        with written_together():
            for number, row in enumerate(standing[:count]):
                row.number, row.at = number, Now()
                writes.update(row, "number", "at")
            for row in standing[count:]:
                row.number = 7
                writes.update(row, "number")
            for number in range(count):
                writes.insert(note_model(name=f"new {number}"), unless=("name",))

    assert statements(write) == 3
    assert numbers(note_model) == (
        {f"old {number}": number for number in range(count)}
        | {f"old {number}": 7 for number in range(count, 2 * count)}
        | {f"new {number}": 0 for number in range(count)}
    )


def test_without_a_common_transaction_each_is_written_at_once(note_model: Notes) -> None:
    writes.insert(note_model(name="a"))
    row = note_model.objects.get()
    row.number, row.at = 1, Now()
    writes.update(row, "number")

    row.refresh_from_db()
    assert (row.name, row.number, row.at) == ("a", 1, None)


@pytest.mark.parametrize("together", [True, False])
def test_what_stands_already_is_not_inserted_again_and_stays_as_it_is(note_model: Notes, together: bool) -> None:
    note_model.objects.create(name="a", number=1)

    def write() -> None:
        for number in (2, 3):
            writes.insert(note_model(name="a", number=number), unless=("name",))
            writes.insert(note_model(name="b", number=number), unless=("name",))

    if together:
        with written_together():
            write()
    else:
        write()

    assert numbers(note_model) == {"a": 1, "b": 2}


def test_any_other_constraint_still_holds(note_model: Notes) -> None:
    note_model.objects.create(name="a", number=100)

    with pytest.raises(IntegrityError), written_together():
        writes.insert(note_model(name="b", number=100), unless=("name",))


def test_of_a_row_that_changes_twice_the_last_state_is_written(note_model: Notes) -> None:
    row = note_model.objects.create(name="a")

    with written_together():
        for row.number in (1, 2):
            writes.update(row, "number")

    assert numbers(note_model) == {"a": 2}


def test_what_must_be_read_is_written_now(note_model: Notes) -> None:
    with written_together():
        writes.insert(note_model(name="a"))
        assert not note_model.objects.exists()
        writes.write_now()
        assert note_model.objects.exists()

    assert note_model.objects.count() == 1


def test_nothing_is_written_of_a_transaction_that_fails_nor_later(note_model: Notes) -> None:
    def fail() -> None:
        with written_together():
            writes.insert(note_model(name="a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    writes.insert(note_model(name="b"))

    assert numbers(note_model) == {"b": 0}
