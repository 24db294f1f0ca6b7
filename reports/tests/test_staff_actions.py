"""/reports/staff-actions/: what each person did, for who may see who did what."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.rights import refusal
from core.tests.staff import staff_with
from orders.models import TripEvent
from orders.services.pricing import choose_product
from payments.models import Debt
from payments.services.debts import settle, write_off
from payments.tests.admin_rows import a_product, a_store, paid_trip, review_trip
from payments.tests.midday import MIDDAY_ZONE, TODAY
from reports.tests.rows import folded, refunded
from staff.services.personal_data import note_looks
from stores.models import Store

pytestmark = pytest.mark.django_db

PAGE = "/reports/staff-actions/"
RIGHTS = ["reports.view_reports", "staff.view_audit", "orders.view_tripevent", "payments.view_paymentevent"]
LOOKS = "staff.view_personaldatalook"


@pytest.fixture
def store() -> Store:
    return a_store("Gate store", time_zone=MIDDAY_ZONE)


def signed_in(*rights: str, at: Store | None = None, username: str = "boss") -> Client:
    person = staff_with(*rights, username=username, sees_all_stores=at is None)
    if at:
        person.stores.add(at)
    client = Client()
    client.force_login(person)
    return client


def blocks(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{PAGE}?from={TODAY}&to={TODAY}{query}")
    assert answer.status_code == 200
    return {block.currency: block for block in answer.context["report"].blocks}


def done_at(store: Store) -> None:
    """Of each kind of act at least one, by ann or bob."""
    trip = paid_trip("10.00", store=store)
    refunded(trip, "1.00", TODAY, person="ann")
    refunded(trip, "2.50", TODAY, person="ann")
    refunded(paid_trip("10.00", store=store), "4.00", TODAY, person="bob")
    for kind in ("adjusted", "adjusted", "contest_decided"):
        TripEvent.objects.create(trip=trip, kind=kind, actor="ann")
    TripEvent.objects.create(trip=trip, kind="priced")  # by the system
    line = review_trip(store=store).lines.get()
    choose_product(line, a_product(store), actor="bob")
    owing = Debt.objects.get(charge=paid_trip("9.00", captured="2.00", store=store).charge)
    settle(owing, key=uuid4(), amount=Decimal("3.00"), means="waived", actor="ann", note="Was ill")
    settle(owing, key=uuid4(), amount=Decimal("1.00"), means="cash", actor="bob")
    write_off(owing, actor="bob", note="Moved away")


def test_what_each_person_did(store: Store) -> None:
    done_at(store)
    folded()

    block = blocks(signed_in(*RIGHTS))["USD"]

    ann, bob = block.rows
    assert ann == {
        "person": "ann",
        "refunds": 2,
        "refunded": Decimal("3.50"),
        "adjustments": 2,
        "reviews": 0,
        "contests": 1,
        "waived": 1,
        "waived_amount": Decimal("3.00"),
        "written_off": 0,
        "written_off_amount": Decimal("0.00"),
    }
    assert (bob["person"], bob["refunds"], bob["reviews"], bob["waived"]) == ("bob", 1, 1, 0)
    assert (bob["written_off"], bob["written_off_amount"]) == (1, Decimal("3.00"))
    assert (block.total["refunds"], block.total["refunded"]) == (3, Decimal("7.50"))


def test_exports_and_looks_have_no_currency_and_no_store(store: Store) -> None:
    boss = signed_in(*RIGHTS, LOOKS)
    boss.post("/admin/audit/export/")
    request = boss.get("/admin/").wsgi_request
    note_looks(request.user.username, ["ada-1", "bob-1"], page="a page")
    LogEntry.objects.create(user=request.user, object_repr="x", action_flag=CHANGE, content_type_id=1)

    block = blocks(boss)[""]

    assert block.rows == [{"person": "boss", "exports": 1, "looks": 2}]
    assert blocks(boss, f"&store={store.external_id}") == {}


def test_what_one_may_not_see_is_a_dash(store: Store) -> None:
    done_at(store)
    folded()
    client = signed_in("reports.view_reports", "staff.view_audit", "payments.view_paymentevent")
    client.post("/admin/audit/export/")

    found = blocks(client)

    ann = found["USD"].rows[0]
    assert (ann["refunds"], ann["adjustments"], ann["contests"], ann["waived"]) == (2, None, None, 1)
    assert found[""].rows == [{"person": "boss", "exports": 1, "looks": None}]


def test_only_at_ones_own_stores_and_of_people_who_work_there(store: Store) -> None:
    done_at(store)
    done_at(a_store("Elsewhere", time_zone=MIDDAY_ZONE))
    folded()
    colleague = staff_with(username="colleague", sees_all_stores=False)
    colleague.stores.add(store)
    staff_with(username="stranger", sees_all_stores=False)
    for name in ("colleague", "stranger"):
        note_looks(name, ["ada-1"], page="a page")

    found = blocks(signed_in(*RIGHTS, LOOKS, at=store))

    assert [row["refunds"] for row in found["USD"].rows] == [2, 1]
    assert [row["waived"] for row in found["USD"].rows] == [1, 0]
    assert [(row["person"], row["looks"]) for row in found[""].rows] == [("colleague", 1)]


def test_acts_of_other_days_are_not_counted(store: Store) -> None:
    done_at(store)
    folded()
    tomorrow = TODAY + timedelta(days=1)

    answer = signed_in(*RIGHTS).get(f"{PAGE}?from={tomorrow}&to={tomorrow}")

    assert answer.context["report"].blocks == []


def test_the_page_and_its_files_need_the_right_to_see_who_did_what(store: Store) -> None:
    client = signed_in("reports.view_reports")

    for address in (PAGE, f"{PAGE}csv/", f"{PAGE}xlsx/"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert answer.context["said"] == refusal("staff.view_audit")
    refused = client.get("/api/v1/reports/staff-actions/")
    assert (refused.status_code, refused.json()["detail"]) == (403, refusal("staff.view_audit"))
    assert PAGE not in client.get("/reports/").content.decode()
    assert PAGE in signed_in(*RIGHTS, username="other").get("/reports/").content.decode()


def test_a_file_holds_both_parts(store: Store) -> None:
    done_at(store)
    folded()
    client = signed_in(*RIGHTS)
    client.post("/admin/audit/export/")

    asked = f"from={TODAY}&to={TODAY}"
    lines = b"".join(client.get(f"{PAGE}csv/?{asked}").streaming_content).decode().splitlines()

    assert lines[-6].startswith("Currency,Person,Refunds,Refunded,Adjustments,")
    assert lines[-5] == "USD,ann,2,3.50,2,0,1,1,3.00,0,0.00,,"
    assert lines[-2] == "Exports and looks,boss,,,,,,,,,,1,"
    assert client.get(f"{PAGE}xlsx/?{asked}").status_code == 200


def test_a_page_takes_as_many_statements_however_much_there_is(store: Store) -> None:
    client = signed_in(*RIGHTS, LOOKS, at=store)

    def statements() -> int:
        blocks(client)
        with CaptureQueriesContext(connection) as queries:
            blocks(client)
        return len(queries)

    done_at(store)
    folded()
    few = statements()
    for _ in range(3):
        done_at(store)
    folded()

    assert statements() == few < 10


def test_who_sees_no_store_is_told_so() -> None:
    person = staff_with(*RIGHTS, LOOKS, sees_all_stores=False)
    client = Client()
    client.force_login(person)

    answer = client.get(PAGE)

    assert answer.status_code == 200
    assert "You see no store yet" in answer.content.decode()
    assert client.get(f"{PAGE}csv/").status_code == 200
