"""Two colleagues deactivate the same person at the same moment: one of them does."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet

from core.tests.staff import staff_with
from tests.guards.test_overtaken import signed_in
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 8
# The control gives up after so many.
MOST_ROUNDS = 40


def deactivations(number: int) -> int:
    """How many are written down of one person, whom two deactivate at once."""
    person = staff_with(username=f"person {number}")
    address = f"/admin/staff/user/{person.pk}/deactivate/"
    people = [signed_in(f"{name} {number}") for name in ("anna", "ben")]
    at_once(*(lambda client=client: client.post(address).status_code for client in people))  # type: ignore[misc]
    return LogEntry.objects.filter(object_id=str(person.pk)).count()


def test_one_of_two_does() -> None:
    assert [deactivations(number) for number in range(ROUNDS)] == [1] * ROUNDS


def test_without_the_lock_both_do_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)

    assert any(deactivations(number) == 2 for number in range(MOST_ROUNDS))
