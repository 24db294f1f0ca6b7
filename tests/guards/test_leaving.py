"""Whoever has done something here is deactivated and not deleted: what they did stays, under their name."""

from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import Client

from core.history import history_of
from core.tests.staff import staff_with
from orders.models import TripEvent
from payments.models import BlockedShopper
from payments.tests.admin_rows import a_trip
from staff.admin import people
from staff.models import PersonalDataLook, User
from staff.services.leaving import who_acted

pytestmark = pytest.mark.django_db

PEOPLE = "/admin/staff/user/"
KEPT = "anna has acted here: what they did is told under their name, so the user cannot be deleted."


@pytest.fixture
def boss(client: Client) -> Client:
    person = staff_with(username="boss")
    person.is_superuser = True
    person.save()
    client.force_login(person)
    return client


@pytest.fixture
def anna() -> User:
    person: User = staff_with("payments.add_blockedshopper", username="anna")
    return person


def logged(anna: User) -> None:
    LogEntry.objects.create(user=anna, object_repr="ada-1", action_flag=CHANGE, change_message="Blocked.")


def noted(anna: User) -> None:
    TripEvent.objects.create(trip=a_trip(), kind="noted", actor="anna")


def looked(anna: User) -> None:
    PersonalDataLook.objects.create(actor="anna", whose="ada-1", page="/admin/")


def configured(anna: User) -> None:
    client = Client()
    client.force_login(anna)
    client.post("/admin/payments/blockedshopper/add/", {"shopper_id": "card-9", "reason": "Theft."})
    assert history_of(BlockedShopper).get().actor == "anna"
    LogEntry.objects.all().delete()


ACTS: list[Callable[[User], None]] = [logged, noted, looked, configured]


def deleted_by_sql(person: User) -> None:
    people = User._base_manager.filter(pk=person.pk)
    people._raw_delete(people.db)
    connection.check_constraints()


def words(page: Any) -> str:
    return " ".join(page.content.decode().split())


@pytest.mark.parametrize("act", ACTS)
def test_whoever_has_acted_is_not_deleted_on_their_page(boss: Client, anna: User, act: Callable[[User], None]) -> None:
    act(anna)

    for answer in (boss.get(f"{PEOPLE}{anna.pk}/delete/"), boss.post(f"{PEOPLE}{anna.pk}/delete/", {"post": "yes"})):
        assert answer.status_code == 200
        assert KEPT in words(answer)
        assert f"{PEOPLE}{anna.pk}/deactivate/" in words(answer)
    assert User.objects.filter(pk=anna.pk).exists()


def test_nor_by_the_action_of_the_list(boss: Client, anna: User) -> None:
    other = staff_with(username="other")
    logged(anna)
    said = {"action": "delete_selected", "_selected_action": [anna.pk, other.pk], "post": "yes"}

    answer = boss.post(PEOPLE, said)

    assert KEPT in words(answer)
    assert User.objects.filter(pk__in=[anna.pk, other.pk]).count() == 2


def overlooked_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if they acted after the page had asked who has."""
    answers = chain([lambda found: found.none()], repeat(who_acted))
    monkeypatch.setattr(people, "who_acted", lambda found: next(answers)(found))


DELETIONS: list[Callable[[User], tuple[str, dict[str, Any]]]] = [
    lambda anna: (f"{PEOPLE}{anna.pk}/delete/", {"post": "yes"}),
    lambda anna: (PEOPLE, {"action": "delete_selected", "_selected_action": [anna.pk], "post": "yes"}),
]


@pytest.mark.parametrize("deletion", DELETIONS, ids=["page", "list"])
def test_whoever_acts_while_they_are_deleted_is_kept_and_the_page_says_so(
    boss: Client, anna: User, deletion: Callable[[User], tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    noted(anna)
    overlooked_at_first(monkeypatch)

    answer = boss.post(*deletion(anna))

    assert answer.status_code == 200
    assert KEPT in words(answer)
    assert User.objects.filter(pk=anna.pk).exists()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("deletion", DELETIONS, ids=["page", "list"])
def test_asked_once_it_is_an_error(
    boss: Client, anna: User, deletion: Callable[[User], tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    noted(anna)
    overlooked_at_first(monkeypatch)
    monkeypatch.setattr(people, "_asked_again", lambda act, *args: act(*args))

    with pytest.raises(ProtectedError):
        boss.post(*deletion(anna))


def test_whoever_has_done_nothing_is_deleted(boss: Client, anna: User) -> None:
    """The negative control: such as somebody whose name was typed wrong."""
    other = staff_with(username="other")
    noted(anna)

    boss.post(f"{PEOPLE}{other.pk}/delete/", {"post": "yes"})

    assert list(User.objects.values_list("username", flat=True).order_by("pk")) == ["boss", "anna"]


def test_no_program_deletes_them_either(anna: User) -> None:
    logged(anna)

    for delete in (anna.delete, User.objects.filter(pk=anna.pk).delete):
        with pytest.raises(ProtectedError), transaction.atomic():
            delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        deleted_by_sql(anna)
    assert LogEntry.objects.count() == 1


def test_they_are_deactivated_instead(boss: Client, anna: User) -> None:
    logged(anna)
    signed_in = Client()
    signed_in.force_login(anna)
    address = f"{PEOPLE}{anna.pk}/deactivate/"

    assert "Deactivate anna?" in words(boss.get(address))
    assert signed_in.get("/admin/").status_code == 200
    boss.post(address)

    anna.refresh_from_db()
    assert not anna.is_active
    assert signed_in.get("/admin/").status_code == 302
    assert history_of(User).filter(id=anna.pk)[0].changes == [{"name": "is_active", "old": True, "new": False}]
    assert "They are deactivated already." in words(boss.get(f"{PEOPLE}{anna.pk}/delete/"))
    assert "anna is not active any more." in words(boss.get(address))


def test_deactivated_twice_they_were_deactivated_once(boss: Client, anna: User) -> None:
    address = f"{PEOPLE}{anna.pk}/deactivate/"
    boss.post(address)

    answer = boss.post(address, follow=True)

    assert "anna is not active any more." in [str(message) for message in answer.context["messages"]]
    assert LogEntry.objects.count() == 1


def test_only_who_may_do_more_deactivates(client: Client, anna: User) -> None:
    """Neither an equal nor oneself, and never without the right."""
    equal = staff_with("payments.add_blockedshopper", username="equal")
    client.force_login(equal)

    assert client.post(f"{PEOPLE}{anna.pk}/deactivate/").status_code == 403
    equal.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    for person in (anna, equal):
        assert client.post(f"{PEOPLE}{person.pk}/deactivate/").status_code == 403
    assert User.objects.filter(is_active=True).count() == 2
