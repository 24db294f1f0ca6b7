"""/reports/files/: large files are written once and whole, for those who may have them, and go in time."""

import csv
import re
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.rights import refusal
from core.tests.staff import staff_with
from core.work import LeaseLost
from orders.models import Trip
from reports.exports import rows as exported_rows
from reports.models import ReportFile
from reports.services.exports import write_file
from reports.tasks import forget_files, write_files_due
from reports.tests.rows import a_paid_trip, a_store, refunded
from staff.models import Notification

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)
RIGHTS = ("reports.view_reports", "orders.view_trip", "payments.view_refund")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    disk = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.MEDIA_ROOT, settings.STORAGES = tmp_path, settings.STORAGES | {"default": disk}
    return tmp_path


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(staff_with(*RIGHTS, username="manager"))
    return client


def ask(client: Client, what: str = "trips", extension: str = "csv", **fields: Any) -> Any:
    days = {"from": str(DAY), "to": str(DAY)}
    return client.post("/reports/files/", {"what": what, "extension": extension} | days | fields)


def written(client: Client, *asked: str, **fields: Any) -> bytes:
    assert ask(client, *asked, **fields).status_code == 302
    write_files_due()
    return taken(client)


def taken(client: Client) -> bytes:
    answer = client.post(f"/reports/files/{ReportFile.objects.latest('pk').pk}/")
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    return b"".join(answer.streaming_content)


def lines_of(content: bytes) -> list[dict[str, str]]:
    """Below what the file says about itself."""
    _, _, table = content.decode().partition("\r\n\r\n")
    return list(csv.DictReader(StringIO(table)))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# --- What is in them -------------------------------------------------------------------------------------------


def test_each_trip_is_a_line_and_comes_to_the_sales(manager: Client) -> None:
    here, there = a_store("=Here"), a_store("Tokyo", time_zone="Asia/Tokyo", currency="JPY")
    first = a_paid_trip(here, DAY, "10.00", hour=0, captured="6.00")
    a_paid_trip(here, DAY, "2.50", hour=23)
    a_paid_trip(there, DAY, "450", hour=0)
    a_paid_trip(here, DAY + timedelta(days=1), "99.00", hour=0)
    refunded(first, "1.25", DAY + timedelta(days=1))

    lines = lines_of(written(manager))

    assert [(line["Store"], line["Time"], line["Currency"], line["Total"]) for line in lines] == [
        ("'=Here", "00:00:00", "USD", "10.00"),
        ("'=Here", "23:00:00", "USD", "2.50"),
        ("Tokyo", "00:00:00", "JPY", "450"),
    ]
    line = lines[0]
    assert (line["Trip"], line["State"], line["Entry"]) == (first.amazon_trip_id, "partly paid", "card")
    assert (line["Taken"], line["Refunded"], line["Outstanding"]) == ("6.00", "1.25", "4.00")
    assert (line["Day"], line["Card"], line["Last four"]) == ("2026-03-10", "VISA", "4242")


def test_each_refund_is_a_line_on_the_day_it_was_done(manager: Client) -> None:
    store = a_store()
    trip = a_paid_trip(store, DAY, "10.00")
    refunded(trip, "1.25", DAY + timedelta(days=3), reason="Spoilt", person="ann")
    refunded(trip, "2.00", DAY + timedelta(days=9))

    (line,) = lines_of(written(manager, "refunds", to=str(DAY + timedelta(days=4))))

    assert (line["Day"], line["Day of the trip"], line["Refunded"]) == ("2026-03-13", "2026-03-10", "1.25")
    assert (line["Reason"], line["Asked for by"], line["Trip"]) == ("Spoilt", "ann", trip.amazon_trip_id)


def test_a_workbook_holds_numbers_and_no_formula(manager: Client) -> None:
    a_paid_trip(a_store("=1+1 shop"), DAY, "1234.50")

    with ZipFile(BytesIO(written(manager, "trips", "xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.search("<v>1234.50*</v>", sheet)
    assert f"<v>{(DAY - date(1899, 12, 30)).days}</v>" in sheet
    assert "<f>" not in sheet


@pytest.mark.parametrize("number", [1, 4, 5, 7])
def test_batches_leave_no_trip_out_and_none_twice(
    manager: Client, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Also where many came in the same moment."""
    monkeypatch.setattr(exported_rows, "BATCH", 2)
    store = a_store()
    for each in range(number):
        a_paid_trip(store, DAY, hour=12 if each < 4 else 13)

    lines = lines_of(written(manager))

    assert sorted(line["Trip"] for line in lines) == sorted(Trip.objects.values_list("amazon_trip_id", flat=True))


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_a_file_is_never_in_memory_as_a_whole(manager: Client, monkeypatch: pytest.MonkeyPatch, extension: str) -> None:
    """Of 6,000 trips no more is held than of a batch and what stands around it."""
    monkeypatch.setattr(exported_rows, "BATCH", 200)
    a_paid_trip(a_store(), DAY)
    first = Trip.objects.get()
    fields = {
        field.attname: getattr(first, field.attname) for field in Trip._meta.concrete_fields if field.name != "id"
    }
    Trip.objects.bulk_create(
        [Trip(**(fields | {"amazon_trip_id": f"trip-{number:06}"})) for number in range(5_999)], 500
    )
    ask(manager, "trips", extension)

    tracemalloc.start()
    write_files_due()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert ReportFile.objects.get().rows_done == 6_000
    assert most < 4_000_000


# --- Once and whole --------------------------------------------------------------------------------------------


def test_the_page_shows_how_far_it_is_and_that_it_is_ready(manager: Client) -> None:
    a_paid_trip(a_store(), DAY)
    ask(manager)

    page = manager.get("/reports/files/").content.decode()
    assert "0 of about 1" in page
    assert 'data-poll-seconds="2"' in page

    write_files_due()
    part = manager.get("/reports/files/content/").content.decode()
    assert "Download" in part
    assert 'data-poll-seconds="0"' in part
    assert Notification.objects.get().title == "trips-2026-03-10-2026-03-10.csv is ready: 1 rows"


def test_one_file_is_written_at_a_time(manager: Client) -> None:
    """The other threads of the workers are there for carts and money."""
    a_paid_trip(a_store(), DAY)
    ask(manager)
    ask(manager, "refunds")
    (first,) = ReportFile.lease_due(10)
    assert write_files_due() == 0

    write_file(first)
    assert write_files_due() == 1

    assert set(ReportFile.objects.values_list("state", flat=True)) == {"done"}


def test_one_that_failed_before_is_written_alone_too(manager: Client) -> None:
    a_paid_trip(a_store(), DAY)
    ask(manager)
    ReportFile.objects.update(failed_attempts=1)
    ReportFile.lease_due(1)
    ask(manager, "refunds")

    assert write_files_due() == 0


class SlowDisk(FileSystemStorage):
    """What it is given takes as long as a lease."""

    def _save(self, name: str, content: Any) -> str:
        ReportFile.objects.update(next_attempt_at=Now())
        saved: str = super()._save(name, content)
        assert not ReportFile.due().exists()
        return saved


def test_the_lease_lasts_while_the_storage_takes_the_file(manager: Client, settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.SlowDisk"}}
    a_paid_trip(a_store(), DAY)

    assert len(lines_of(written(manager))) == 1


def test_who_comes_back_late_leaves_no_file(manager: Client, folder: Path) -> None:
    a_paid_trip(a_store(), DAY)
    ask(manager)
    (late,) = ReportFile.lease_due(1)
    ReportFile.objects.update(next_attempt_at=Now())
    write_files_due()

    with pytest.raises(LeaseLost):
        write_file(late)

    assert len(files_in(folder)) == 1
    assert len(lines_of(taken(manager))) == 1


def test_what_a_killed_worker_left_behind_is_no_file_of_anybody(manager: Client, folder: Path) -> None:
    """It had put its file into the storage, and ended before it said so."""
    a_paid_trip(a_store(), DAY)
    ask(manager)
    (killed,) = ReportFile.lease_due(1)
    half = folder / "report-files" / f"{killed.pk}-1.csv"
    half.parent.mkdir()
    half.write_text("half of it")
    assert manager.post(f"/reports/files/{killed.pk}/").status_code == 404

    ReportFile.objects.update(next_attempt_at=Now())
    write_files_due()

    assert not half.exists()
    assert len(lines_of(taken(manager))) == 1


def test_what_cannot_be_written_says_so(manager: Client, folder: Path) -> None:
    (folder / "report-files").write_text("in the way")
    a_paid_trip(a_store(), DAY)
    ask(manager)
    for _ in range(5):
        ReportFile.objects.filter(state="waiting").update(next_attempt_at=Now())
        write_files_due()

    assert (
        "Something is wrong here; the log of the worker says what." in manager.get("/reports/files/").content.decode()
    )
    file = ReportFile.objects.get()
    assert (file.state, file.next_attempt_at) == ("failed", None)


def test_old_files_are_deleted(manager: Client, folder: Path, settings: Any) -> None:
    a_paid_trip(a_store(), DAY)
    written(manager)
    written(manager)
    first = ReportFile.objects.earliest("pk")
    ReportFile.objects.filter(pk=first.pk).update(
        asked_at=datetime.now(UTC) - timedelta(days=settings.FILES_KEPT_DAYS, minutes=1)
    )

    assert forget_files() == 1

    assert not ReportFile.objects.filter(pk=first.pk).exists()
    assert len(files_in(folder)) == 1


def test_a_file_that_the_storage_gave_another_name_is_deleted(manager: Client, folder: Path, settings: Any) -> None:
    a_paid_trip(a_store(), DAY)
    written(manager)
    (file,) = files_in(folder)
    file.rename(file.with_name("other.csv"))
    too_old = datetime.now(UTC) - timedelta(days=settings.FILES_KEPT_DAYS, minutes=1)
    ReportFile.objects.update(name="report-files/other.csv", asked_at=too_old)

    assert forget_files() == 1

    assert files_in(folder) == []


# --- Whose -----------------------------------------------------------------------------------------------------


def test_pages_need_their_right(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))
    for answer in (
        client.get("/reports/files/"),
        client.get("/reports/files/content/"),
        client.post("/reports/files/1/"),
    ):
        assert answer.status_code == 403
        assert answer.context["said"] == refusal("reports.view_reports")


def test_whoever_sees_no_trips_gets_none(client: Client) -> None:
    a_store()
    client.force_login(staff_with("reports.view_reports", "payments.view_refund"))

    page = client.get("/reports/files/").content.decode()
    assert "refunds, one line each" in page
    assert "trips, one line each" not in page
    assert "Select a valid choice" in ask(client).content.decode()
    assert not ReportFile.objects.exists()


def test_only_ones_own_stores_and_ones_own_files(client: Client) -> None:
    here, there = a_store("Here"), a_store("There")
    a_paid_trip(here, DAY)
    a_paid_trip(there, DAY)
    person = staff_with(*RIGHTS, sees_all_stores=False)
    person.stores.add(here)
    client.force_login(person)
    assert "none of the stores that you see" in ask(client, store="there").content.decode()

    assert {line["Store"] for line in lines_of(written(client))} == {"Here"}

    other = Client()
    other.force_login(staff_with(*RIGHTS, username="other"))
    assert other.post(f"/reports/files/{ReportFile.objects.get().pk}/").status_code == 404
    assert "No files yet" in other.get("/reports/files/").content.decode()


def test_who_lost_a_store_or_a_right_meanwhile_gets_nothing(client: Client) -> None:
    here, there = a_store("Here"), a_store("There")
    a_paid_trip(here, DAY)
    person = staff_with(*RIGHTS, sees_all_stores=False)
    person.stores.add(here, there)
    client.force_login(person)
    written(client)
    ask(client)

    person.stores.remove(there)
    write_files_due()

    first, second = ReportFile.objects.order_by("pk")
    assert client.post(f"/reports/files/{first.pk}/").status_code == 403
    assert (second.state, second.problem) == (
        "failed",
        "You may not see these rows any more, or not all of these stores.",
    )


def test_no_address_leads_past_the_view(manager: Client, folder: Path) -> None:
    a_paid_trip(a_store(), DAY)
    written(manager)
    (file,) = files_in(folder)
    for address in (f"/{file.name}", f"/media/{file.relative_to(folder)}", f"/{file.relative_to(folder)}"):
        assert manager.get(address).status_code == 404
    assert manager.get(f"/reports/files/{ReportFile.objects.get().pk}/").status_code == 405
    assert file.stat().st_mode & 0o077 == 0


def test_who_did_what_tells_who_asked_and_who_took_it(manager: Client) -> None:
    a_paid_trip(a_store(), DAY)
    written(manager)

    auditor = Client()
    auditor.force_login(staff_with("staff.view_audit", username="auditor"))
    page = auditor.get("/admin/audit/").content.decode()

    assert "Asked for trips-2026-03-10-2026-03-10.csv, 1 store" in page
    assert "Took away trips-2026-03-10-2026-03-10.csv, 1 store" in page
    assert "corner-shop" not in page  # whoever reads it may not see that store


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": "2026-03-01"}, "The last day is before the first one."),
        ({"what": "members"}, "Select a valid choice. members is not one of the available choices."),
        ({"extension": "exe"}, "Select a valid choice. exe is not one of the available choices."),
        ({"from": "x"}, "Enter a valid date."),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_in_words(
    manager: Client, fields: dict[str, str], sentence: str
) -> None:
    a_store()
    answer = ask(manager, **fields)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not ReportFile.objects.exists()


def test_not_too_many_at_once(manager: Client) -> None:
    a_store()
    for _ in range(5):
        assert ask(manager).status_code == 302
    assert "5 files of yours are being written already." in ask(manager).content.decode()


def test_the_page_takes_few_statements(manager: Client) -> None:
    for number in range(3):
        a_store(f"Shop {number}")
        ask(manager)
    with CaptureQueriesContext(connection) as queries:
        manager.get("/reports/files/?period=today")
    assert len(queries) < 10


@pytest.mark.parametrize("what", ["trips", "refunds"])
def test_asking_takes_as_many_statements_for_many_stores(manager: Client, what: str) -> None:
    zones = ["America/New_York", "Asia/Tokyo", "Europe/London", "UTC"]
    taken = []
    for number in range(5):
        trip = a_paid_trip(a_store(f"Shop {number}", time_zone=zones[number % 4]), DAY, hour=23)
        refunded(trip, "1.00", DAY)
        with CaptureQueriesContext(connection) as queries:
            ask(manager, what)
        taken.append(len(queries))

    assert set(taken[1:]) == {taken[1]}
    assert [file.rows_expected for file in ReportFile.objects.order_by("pk")] == [1, 2, 3, 4, 5]
