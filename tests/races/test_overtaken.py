"""Two colleagues save the same form at the same moment: one saves, the other is told."""

from collections.abc import Callable

import pytest
from django.db.models import QuerySet
from django.test import Client

from core.admin.overtaking import VERSION
from payments.tests.admin_rows import a_store
from stores.models import Store
from tests.guards.test_history import url_of
from tests.guards.test_overtaken import opened, signed_in
from tests.races.simultaneous import at_once

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 8
# The control gives up after so many.
MOST_ROUNDS = 40


def saved_at_once(store: Store, people: list[Client]) -> list[int]:
    """What each of them was answered."""
    forms = [opened(person, store) for person in people]

    def saving(person: Client, number: int) -> Callable[[], int]:
        said = forms[number] | {"receipt_header": f"{number} of {forms[number][VERSION]}"}
        return lambda: person.post(url_of(store), said).status_code

    return sorted(at_once(*(saving(person, number) for number, person in enumerate(people))))


def test_one_of_two_is_told() -> None:
    store, people = a_store(), [signed_in("anna"), signed_in("ben")]

    assert [saved_at_once(store, people) for _ in range(ROUNDS)] == [[200, 302]] * ROUNDS


def test_without_the_lock_both_save_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: rows)
    store, people = a_store(), [signed_in("anna"), signed_in("ben")]

    assert any(saved_at_once(store, people) == [302, 302] for _ in range(MOST_ROUNDS))
