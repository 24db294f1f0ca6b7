"""Two colleagues save the same form at the same moment: one saves, the other is told. Nobody else waits for them."""

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client

from core.admin.overtaking import VERSION
from payments.tests.admin_rows import a_product, a_store
from stores.admin import StoreAdmin
from stores.models import Product, Store
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


def sold_meanwhile(store: Store, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a row that points to the store is written while somebody's form of it holds the lock."""
    boss = signed_in("boss")
    form = opened(boss, store)
    seller = Thread(target=lambda: (a_product(store), connection.close()))
    was_sold = []

    def save_while_selling(*args: object, **options: object) -> None:
        seller.start()
        seller.join(2)
        was_sold.append(not seller.is_alive())

    monkeypatch.setattr(StoreAdmin, "save_model", save_while_selling)
    assert boss.post(url_of(store), form).status_code == 302
    seller.join(30)
    assert Product.objects.count() == 1
    return was_sold == [True]


def test_what_points_to_the_row_is_written_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sold_meanwhile(a_store(), monkeypatch)


def test_with_a_lock_on_the_key_too_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    lock = QuerySet.select_for_update
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **options: lock(rows))

    assert not sold_meanwhile(a_store(), monkeypatch)
