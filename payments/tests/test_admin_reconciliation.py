"""The page that compares some days of a store with the books or with a report."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from payments.admin import reconciliation
from payments.tests.admin_rows import a_trip, paid_trip, staff_with
from payments.tests.midday import MIDDAY_ZONE, TODAY
from payments.tests.trips import a_store, captured_trip
from sandbox.testing import SandboxProcess
from stores.models import Store

pytestmark = pytest.mark.django_db

PAGE = "/admin/reconciliation/"
RIGHTS = ("payments.view_charge", "payments.reconcile")


@pytest.fixture
def store() -> Store:
    """Ours alone: the sandbox's books hold other tests' trips too."""
    return a_store(f"RECONCILE-{uuid4()}", time_zone=MIDDAY_ZONE)


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with(*RIGHTS, "orders.view_trip"))
    return client


@pytest.fixture
def books(sandbox: SandboxProcess, settings: Any) -> SandboxProcess:
    settings.RECONCILE_BOOKS_URL = f"{sandbox.url}/books"
    return sandbox


def filled_in(store: Store, **fields: Any) -> dict[str, Any]:
    return {"store": store.pk, "first": TODAY, "last": TODAY, "against": "books", "columns": "plain"} | fields


def report(*lines: str, **fields: Any) -> dict[str, Any]:
    content = "\n".join(["trip_id,kind,amount,currency", *lines]).encode()
    return {"against": "report", "report": SimpleUploadedFile("report.csv", content), **fields}


def words(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_day_that_agrees(staff: Client, books: SandboxProcess, store: Store) -> None:
    captured_trip(books, store=store)

    shown = words(staff.post(PAGE, filled_in(store)))

    assert f"{store}, {TODAY} ({MIDDAY_ZONE})" in shown
    assert f"1 trip compared with {books.url}/books." in shown
    assert shown.count('<td class="bo-number">$10.00</td>') == 2
    assert "No difference" in shown


def test_a_difference_leads_to_its_trip_and_says_what_to_do(staff: Client, books: SandboxProcess, store: Store) -> None:
    trip = paid_trip("6.88", store=store)

    shown = words(staff.post(PAGE, filled_in(store)))

    assert f'<a class="bo-link" href="/admin/orders/trip/{trip.pk}/change/">{trip}</a></td><td>only here</td>' in shown
    assert "Nobody there knows of this money." in shown


def test_a_report_is_uploaded(staff: Client, store: Store) -> None:
    trip = paid_trip("6.88", store=store)

    shown = words(staff.post(PAGE, filled_in(store, **report(f"{trip},capture,6.80,USD"))))

    assert "1 trip compared with report.csv." in shown
    assert "<td>captured differs</td>" in shown


def test_a_report_that_names_no_store_tells_nothing_of_other_stores(staff: Client, store: Store) -> None:
    elsewhere = [paid_trip(store=a_store("ELSEWHERE")), a_trip("review", store=a_store("ELSEWHERE"))]
    lines = [f"{trip},capture,6.88,USD" for trip in elsewhere]

    shown = words(staff.post(PAGE, filled_in(store, **report(*lines, "nobody's,capture,1.00,USD"))))

    assert "nobody&#x27;s" in shown
    assert not [trip for trip in elsewhere if str(trip) in shown]


def test_a_report_with_a_mapping_of_its_own(staff: Client, store: Store) -> None:
    trip = paid_trip("6.88", store=store)
    mapping = SimpleUploadedFile(
        "own.toml", b'trip = "trip_id"\nkind = "kind"\namount = "amount"\ncurrency = "currency"\ncaptures = ["Sale"]'
    )

    shown = words(staff.post(PAGE, filled_in(store, **report(f"{trip},sale,6.88,USD", mapping=mapping))))

    assert "No difference" in shown


def test_bad_rows_are_named_and_nothing_is_compared(staff: Client, store: Store) -> None:
    shown = words(staff.post(PAGE, filled_in(store, **report("A,capture,x,USD", "B,sale,1,USD"))))

    assert "Line 2: “x” is no amount such as 1234.50." in shown
    assert "Line 3: “sale” is none of the kinds capture, refund." in shown
    assert "compared with" not in shown


def test_a_mapping_that_is_none_is_named(staff: Client, store: Store) -> None:
    mapping = SimpleUploadedFile("own.toml", b"x")

    assert "own.toml is no mapping:" in words(staff.post(PAGE, filled_in(store, **report(mapping=mapping))))


def test_without_books_it_says_so(staff: Client, store: Store, settings: Any) -> None:
    settings.RECONCILE_BOOKS_URL = ""

    shown = words(staff.post(PAGE, filled_in(store)))

    assert "No books are set: RECONCILE_BOOKS_URL is empty." in shown


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"store": ""}, "This field is required."),
        ({"store": "999999"}, "Select a valid choice."),
        ({"first": "yesterday"}, "Enter a valid date."),
        ({"first": "2026-03-02", "last": "2026-03-01"}, "2026-03-02 comes after 2026-03-01."),
        ({"first": "2026-01-01", "last": "2026-02-01"}, "At most 31 days here. Use: manage.py reconcile --store "),
        ({"against": "report"}, "Choose the file."),
        ({"against": "guess"}, "Select a valid choice."),
        ({"columns": "guess"}, "Select a valid choice."),
    ],
)
def test_a_form_that_makes_no_sense_says_why(
    staff: Client, store: Store, fields: dict[str, str], complaint: str
) -> None:
    assert complaint in words(staff.post(PAGE, filled_in(store) | fields))


def test_the_days_may_be_left_out(staff: Client, books: SandboxProcess, store: Store) -> None:
    shown = words(staff.post(PAGE, filled_in(store, first="", last="")))

    assert f"{store}, {TODAY - timedelta(days=1)} ({MIDDAY_ZONE})" in shown


def test_a_large_file_takes_the_command(staff: Client, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "MOST_BYTES", 10)

    assert "larger files take the command" in words(staff.post(PAGE, filled_in(store, **report("A,capture,1,USD"))))


def test_many_trips_take_the_command(
    staff: Client, books: SandboxProcess, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "MOST_TRIPS", 1)
    paid_trip("6.88", store=store)
    paid_trip("6.88", store=store)

    shown = words(staff.post(PAGE, filled_in(store)))

    assert f"More than 1 trips take a command. Use: manage.py reconcile --store {store.external_id}" in shown


def test_of_many_differences_the_first_are_shown(
    staff: Client, books: SandboxProcess, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "MOST_SHOWN", 2)
    for _ in range(3):
        paid_trip("6.88", store=store)

    shown = words(staff.post(PAGE, filled_in(store)))

    assert "3 differences" in shown
    assert "The first 2 are shown. Use: manage.py reconcile" in shown
    assert shown.count("<td>only here</td>") == 2


def test_who_may_not_see_trips_gets_no_links(client: Client, books: SandboxProcess, store: Store) -> None:
    client.force_login(staff_with(*RIGHTS))
    trip = paid_trip("6.88", store=store)

    shown = words(client.post(PAGE, filled_in(store)))

    assert str(trip) in shown
    assert f"/admin/orders/trip/{trip.pk}/" not in shown


@pytest.mark.parametrize("missing", RIGHTS)
def test_the_page_needs_its_rights(client: Client, store: Store, missing: str) -> None:
    client.force_login(staff_with("orders.view_trip", *(right for right in RIGHTS if right != missing)))

    for answer in (client.get(PAGE), client.post(PAGE, filled_in(store))):
        assert answer.status_code == 403
        assert missing in answer.content.decode()
    assert PAGE not in client.get("/admin/orders/trip/").content.decode()


def test_the_sidebar_leads_there(staff: Client) -> None:
    assert f'href="{PAGE}"' in staff.get("/admin/orders/trip/").content.decode()
    assert "Compare our money" in words(staff.get(PAGE))
