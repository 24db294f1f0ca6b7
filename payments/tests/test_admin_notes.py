"""Notes for colleagues on a trip's timeline."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from orders.events import trip_noted
from orders.models import Trip, TripEvent
from orders.services.notes import names_in
from payments.tests.admin_rows import a_store, paid_trip, staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip", "orders.add_note"))
    return client


@pytest.fixture
def heard() -> Any:
    """Who was named in the notes that were added."""
    names: list[list[str]] = []

    def listen(sender: Any, mentioned: list[str], **kwargs: Any) -> None:
        names.append(mentioned)

    trip_noted.connect(listen)
    yield names
    trip_noted.disconnect(listen)


def url_of(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/note/"


def form(text: str = "The apple was bruised.", **fields: Any) -> dict[str, str]:
    return {"note": text, "key": str(uuid4())} | fields


def page(client: Client, trip: Trip) -> str:
    return " ".join(client.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode().split())


def test_a_note_stands_on_the_timeline_with_whoever_wrote_it(staff: Client) -> None:
    trip = paid_trip()

    answer = staff.post(url_of(trip), form("It was <b>bruised</b>.\nSeen by @amina."), follow=True)

    assert "Note added." in answer.content.decode()
    note = TripEvent.objects.get(kind="noted")
    assert (note.actor, note.trip) == ("clerk", trip)
    shown = page(staff, trip)
    assert "It was &lt;b&gt;bruised&lt;/b&gt;.<br>Seen by <strong>@amina</strong>." in shown
    assert "for colleagues only" in shown


def test_the_same_form_twice_makes_one_note(staff: Client, heard: Any) -> None:
    trip, twice = paid_trip(), form()

    for _ in range(2):
        staff.post(url_of(trip), twice)

    assert TripEvent.objects.filter(kind="noted").count() == 1
    assert len(heard) == 1


def test_the_same_words_in_another_form_are_another_note(staff: Client) -> None:
    trip = paid_trip()

    for _ in range(2):
        staff.post(url_of(trip), form())

    assert TripEvent.objects.filter(kind="noted").count() == 2


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"note": "  "}, "This field is required."),
        ({"note": "x" * 2001}, "at most 2000 characters"),
        ({"key": "x"}, "Enter a valid UUID."),
    ],
)
def test_a_note_that_is_none_is_refused_in_words(staff: Client, fields: dict[str, str], error: str) -> None:
    answer = staff.post(url_of(paid_trip()), form(**fields))

    assert error in answer.content.decode()
    assert not TripEvent.objects.filter(kind="noted").exists()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@amina, please look", ["amina"]),
        ("Ask @amina.", ["amina"]),
        ("@amina @bo @amina", ["amina", "bo"]),
        ("write to a@example.com", []),
        ("@ nobody", []),
        ("(@j.doe+x)", ["j.doe+x"]),
    ],
)
def test_an_at_names_somebody(text: str, names: list[str]) -> None:
    assert names_in(text) == names


def test_only_who_sees_the_trip_is_told(staff: Client, heard: Any) -> None:
    store = a_store()
    staff_with("orders.view_trip", username="everywhere")
    staff_with("orders.view_trip", username="elsewhere", sees_all_stores=False)
    here = staff_with("orders.view_trip", username="here", sees_all_stores=False)
    here.stores.add(store)

    staff.post(url_of(paid_trip(store=store)), form("@everywhere @elsewhere @here @nobody @clerk"))

    assert heard == [["everywhere", "here"]]


def test_without_the_right_the_button_names_it_and_the_door_is_shut(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))
    trip = paid_trip()

    assert "orders.add_note" in page(client, trip)
    assert client.post(url_of(trip), form()).status_code == 403
    assert not TripEvent.objects.filter(kind="noted").exists()


def test_the_retailers_systems_do_not_read_notes(staff: Client) -> None:
    trip = paid_trip()
    staff.post(url_of(trip), form("For colleagues."))

    url = f"/api/v1/trips/{trip.amazon_trip_id}/"
    answer = Client(headers={"Authorization": "Bearer test-read-key"}).get(url)

    assert answer.status_code == 200
    assert "For colleagues." not in answer.content.decode()
