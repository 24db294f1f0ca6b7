"""Who did what: the page and its file."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.reasons import because
from core.rights import refusal
from core.tests.staff import staff_with
from loyalty.member_data import MemberData
from loyalty.models import PointsEntry
from loyalty.resources import MemberResource, read_table
from loyalty.services.members import register_member
from loyalty.services.points import correct
from loyalty.tests.people import a_member
from orders.models import TripEvent
from orders.services.notes import add_note
from payments.models import AccountEntry, BlockedShopper, HouseAccount, PaymentEvent, RefundReason
from payments.services.house_accounts import pay_in
from payments.services.refunds import request_refund
from payments.tests.admin_rows import a_product, a_store, an_event, paid_trip
from reports.audit import page
from staff.groups import make_groups
from staff.models import User
from staff.services.personal_data import note_looks
from stores.models import Product, Store

pytestmark = pytest.mark.django_db

AUDIT, EXPORT = "/admin/audit/", "/admin/audit/export/"
RIGHTS = [
    "staff.view_audit",
    "staff.view_user",
    "staff.view_personaldatalook",
    "stores.view_store",
    "stores.view_product",
    "stores.view_barcode",
    "orders.view_tripevent",
    "payments.view_paymentevent",
    "payments.view_accountentry",
    "payments.view_blockedshopper",
    "loyalty.view_member",
    "loyalty.view_pointsentry",
]


@pytest.fixture
def auditor() -> User:
    person: User = staff_with(*RIGHTS, username="auditor")
    return person


@pytest.fixture
def reader(client: Client, auditor: User) -> Client:
    client.force_login(auditor)
    return client


def acts(client: Client, query: str = "", *, but: str = "") -> list[Any]:
    """What the page shows. Tests make people as nobody: that is left out."""
    answer = client.get(f"{AUDIT}{query}")
    assert answer.status_code == 200, answer
    return [act for act in answer.context["acts"] if act.actor not in ("", but)]


def titles(client: Client, query: str = "") -> list[tuple[str, str]]:
    return [(act.actor, act.title) for act in acts(client, query)]


def by(*rights: str, username: str = "boss") -> Client:
    client = Client()
    client.force_login(staff_with(*rights, username=username))
    return client


def at(moment: datetime, *events: Any) -> None:
    for event in events:
        type(event).objects.filter(pk=event.pk).update(at=moment)


def rename(client: Client, store: Store, name: str) -> None:
    form = client.get(f"/admin/stores/store/{store.pk}/change/").context["adminform"].form
    said = {field: form[field].value() for field in form.fields}
    said = {field: value for field, value in said.items() if value is not None and value is not False}
    client.post(f"/admin/stores/store/{store.pk}/change/", said | {"name": name})


# --- What it tells ---------------------------------------------------------------------------------------------


def test_it_tells_what_people_did_everywhere_newest_first(reader: Client) -> None:
    store, member = a_store(), a_member("ada-1")
    trip = paid_trip(store=store)
    account = HouseAccount.objects.create(member=member, currency="USD")
    boss = by(
        "stores.change_store", "stores.view_store", "loyalty.block_member", "loyalty.view_member", username="boss"
    )

    rename(boss, store, "Kiosk")
    boss.post(f"/admin/loyalty/member/{member.pk}/block/", {"reason": "Shouted."})
    add_note(trip, "The freezer was off.", actor="clerk", key=uuid4())
    request_refund(trip, refund_request_id=uuid4(), actor="API", reason="OTHER", amount=Decimal("1.00"))
    pay_in(account, amount=Decimal(20), key=uuid4(), actor="clerk", note="Slip 4")
    correct(member, points=-5, note="Twice", actor="clerk", reference="corrected/1")
    note_looks("clerk", ["ada-1"], page="/admin/loyalty/member/1/change/")

    shown = acts(reader)
    assert [act.at for act in shown] == sorted((act.at for act in shown), reverse=True)
    found = {(act.actor, act.title, act.amount, "; ".join(map(str, act.changes)) or act.detail) for act in shown}
    assert found == {
        ("boss", "Changed", "", "Name: Corner shop → Kiosk"),
        ("boss", "ada-1 is blocked: Shouted.", "", ""),
        ("clerk", "Note", "", "The freezer was off."),
        ("API", "Refund requested", "$1.00", "other"),
        ("clerk", "Payment into the house account noted", "$20.00", "Slip 4"),
        ("clerk", "Points corrected", "-5", "Twice"),
        ("clerk", "Looked at personal data", "", "/admin/loyalty/member/1/change/"),
    }
    links = {act.title: act.url for act in shown}
    assert links["Changed"] == f"/admin/stores/store/{store.pk}/history/"
    assert links["Note"] == links["Refund requested"] == f"/admin/orders/trip/{trip.pk}/change/"
    nobody = by(username="nobody")
    assert {nobody.get(link).status_code for link in links.values()} == {403}  # pages that are there


def test_what_machines_did_is_not_told(reader: Client) -> None:
    trip = paid_trip()
    for actor in ("Amazon", "system", "Stripe", "house account"):
        an_event(trip.charge, "feedback", "succeeded", key=actor, actor=actor)

    assert acts(reader) == []
    assert PaymentEvent.objects.filter(store__isnull=False).count() == 0


def test_what_nobody_did_says_why(reader: Client) -> None:
    a_store()

    [act] = [act for act in reader.get(AUDIT + "?kind=configuration").context["acts"] if act.about.startswith("Store")]

    assert (act.actor, act.title, act.store) == ("", "Added", "Corner shop")


def test_times_are_the_stores(reader: Client) -> None:
    trip = paid_trip(store=a_store(time_zone="Asia/Tokyo"))
    note = add_note(trip, "Hello", actor="clerk", key=uuid4())
    at(datetime(2026, 3, 1, 20, 30, tzinfo=UTC), note)

    page = reader.get(AUDIT).content.decode()

    assert 'title="2026-03-01 20:30:00 UTC">2 Mar 2026, 05:30 JST' in page


def test_codes_of_members_are_not_told(reader: Client) -> None:
    member = a_member("ada-1")
    boss = by("loyalty.view_member", "loyalty.change_member", "loyalty.add_code", "loyalty.view_code", username="boss")
    codes = {
        "codes-TOTAL_FORMS": "1",
        "codes-INITIAL_FORMS": "0",
        "codes-0-value": "SECRET-7",
        "codes-0-member": member.pk,
    }

    boss.post(f"/admin/loyalty/member/{member.pk}/change/", {"kind": "SHOPPER", "tier": "gold"} | codes)

    [act] = acts(reader)
    assert (act.title, act.detail) == ("Changed, Added", "Tier")
    assert "SECRET-7" not in reader.get(AUDIT).content.decode()


def test_a_reset_sign_in_and_a_new_user(reader: Client) -> None:
    person = staff_with(username="new")
    boss = by()
    User.objects.filter(username="boss").update(is_superuser=True)

    boss.post(f"/admin/staff/user/{person.pk}/reset-sign-in/")

    [act] = acts(reader)
    assert act.title.startswith("Signing in of new reset.")


def sent(client: Client, method: str, path: str, body: dict[str, Any], **headers: str) -> int:
    request = getattr(client, method)
    answer = request(f"/api/v1/members/{path}", body, content_type="application/json", headers=headers)
    return int(answer.status_code)


def test_what_systems_and_people_change_of_members_by_the_api_is_told(reader: Client, settings: Any) -> None:
    """What changes nothing is no act, nor is what is refused."""
    settings.WRITE_API_KEYS = ["writer"]
    key = {"Authorization": "Bearer writer"}
    boss = by("loyalty.change_member", "loyalty.view_member", username="boss")

    assert [sent(Client(), "post", "", {"external_id": "ada-1", "name": "Ada"}, **key) for _ in range(2)] == [201, 200]
    assert sent(Client(), "post", "", {"external_id": "ada-1", "name": "Eve"}, **key) == 409
    assert sent(Client(), "patch", "ada-1/", {"name": "Ada B.", "codes": [{"value": "LOY-1"}]}, **key) == 200
    assert [sent(boss, "patch", "ada-1/", {"tier": "gold"}) for _ in range(2)] == [200, 200]
    assert sent(boss, "patch", "ada-1/", {"name": "Eve"}) == 403

    told = [(act.actor, act.title, act.about, act.detail) for act in acts(reader, but="auditor")]
    assert told == [
        ("boss", "Changed through the API", "ada-1", "tier"),
        ("API", "Changed through the API", "ada-1", "name, codes"),
        ("API", "Added through the API", "ada-1", ""),
    ]
    assert [act.kind for act in acts(reader, "?who=API")] == ["Members", "Members"]


def test_what_a_file_changes_of_members_is_told(reader: Client, tmp_path: Path) -> None:
    """With the person who imports it, or the command."""
    resource = MemberResource(actor="boss")
    resource.import_data(read_table(b"external_id,tier\nada-1,gold\n"), raise_errors=True)
    file = tmp_path / "members.csv"
    file.write_text("external_id,tier\nada-1,silver\nbob-1,gold\n")
    with because("manage.py import_members"):
        call_command("import_members", str(file), "--dry-run", stdout=io.StringIO())
        call_command("import_members", str(file), stdout=io.StringIO())

    told = [act for act in reader.get(AUDIT).context["acts"] if act.kind == "Members"]
    assert [(act.actor or act.reason, act.title, act.about, act.detail) for act in told] == [
        ("manage.py import_members", "Added by a file", "bob-1", ""),
        ("manage.py import_members", "Changed by a file", "ada-1", "tier"),
        ("boss", "Added by a file", "ada-1", ""),
    ]


def test_acts_on_members_need_the_right_to_see_members(client: Client) -> None:
    """The negative control of those above."""
    register_member("ada-1", MemberData(), actor="API")
    client.force_login(staff_with("staff.view_audit", username="auditor"))

    assert acts(client) == []


def test_what_was_done_to_an_erased_member_is_told_without_words(reader: Client) -> None:
    member, boss = a_member("ada-1"), by("loyalty.block_member", "loyalty.anonymize_member", "loyalty.view_member")
    boss.post(f"/admin/loyalty/member/{member.pk}/block/", {"reason": "Ada shouted."})
    boss.post(f"/admin/loyalty/member/{member.pk}/anonymize/")

    erased, blocked = acts(reader)

    assert erased.title.startswith("The personal data were erased.")
    assert (blocked.actor, blocked.title) == ("boss", "Changed; what it was is erased with the member")
    assert blocked.about == erased.about == f"anonymous-{member.pk}"


def test_a_user_who_is_deleted_is_told_once(reader: Client) -> None:
    person, boss = staff_with(username="old"), by()
    User.objects.filter(username="boss").update(is_superuser=True)

    boss.post(f"/admin/staff/user/{person.pk}/delete/", {"post": "yes"})

    assert [(act.title, act.about) for act in acts(reader)] == [("Deleted", "User old")]


# --- Filters and pages -----------------------------------------------------------------------------------------


@pytest.fixture
def busy() -> tuple[Store, Store]:
    """Two people at two stores, an hour apart."""
    stores = a_store("Here"), a_store("There", time_zone="Europe/London")
    moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    for store in stores:
        trip = paid_trip(store=store)
        for actor in ("ann", "bob"):
            moment += timedelta(hours=12)
            at(moment, add_note(trip, f"{actor} at {store}", actor=actor, key=uuid4()))
    return stores


def details(client: Client, query: str) -> list[str]:
    return [act.detail for act in acts(client, query)]


def test_by_person_store_kind_and_day(reader: Client, busy: tuple[Store, Store]) -> None:
    here, there = busy
    add_note(paid_trip(store=here), "now", actor="ann", key=uuid4())

    assert details(reader, "?who=ann&until=2026-12-31&since=2026-01-01")[-2:] == ["ann at There", "ann at Here"]
    assert details(reader, f"?store={there.pk}") == ["bob at There", "ann at There"]
    assert details(reader, f"?store={here.pk}&who=bob") == ["bob at Here"]
    # London's days and, without a store, UTC's: 2 March at 00:00, 12:00, 3 March at 00:00, 12:00.
    assert details(reader, "?since=2026-03-02&until=2026-03-02") == ["bob at Here", "ann at Here"]
    assert details(reader, "?until=2026-03-01") == []
    assert details(reader, "?kind=trips&until=2026-03-03")[-1] == "ann at Here"
    assert details(reader, "?kind=money") == []
    assert details(reader, "?who=nobody") == []


def test_a_day_is_the_stores(reader: Client) -> None:
    store = a_store("Tokyo", time_zone="Asia/Tokyo")
    at(datetime(2026, 3, 1, 20, 0, tzinfo=UTC), add_note(paid_trip(store=store), "Hello", actor="ann", key=uuid4()))

    assert details(reader, f"?store={store.pk}&since=2026-03-02&until=2026-03-02") == ["Hello"]
    assert details(reader, f"?store={store.pk}&until=2026-03-01") == []


def test_what_is_wrong_with_a_filter_is_said_at_it(reader: Client) -> None:
    answer = reader.get(AUDIT + "?since=yesterday&store=x&kind=y")

    assert set(answer.context["form"].errors) == {"since", "store", "kind"}
    assert answer.context["acts"] == []


@pytest.mark.parametrize("place", ["x", "2026-03-01T12:00:00_1_1", "_", "2026-03-01T12:00:00+00:00_a_b", "1" * 5000])
def test_a_place_that_is_none_is_the_beginning(reader: Client, busy: tuple[Store, Store], place: str) -> None:
    assert len(acts(reader, f"?kind=trips&after={place}")) == 4


def test_older_goes_on_where_the_page_ended(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same moment, too, and with the filters in the address."""
    monkeypatch.setattr(page, "PER_PAGE", 3)
    trip, moment = paid_trip(), datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(5):
        at(moment, add_note(trip, f"note {number}", actor="ann", key=uuid4()))
        an_event(trip.charge, "debt", "paid", key=str(number), actor="ann", at=moment)
    add_note(trip, "of another", actor="bob", key=uuid4())

    seen: list[str] = []
    address = f"{AUDIT}?who=ann"
    for _ in range(4):
        answer = reader.get(address)
        seen += [act.detail or act.title for act in answer.context["acts"]]
        address = f"{AUDIT}?{answer.context['older']}"
        assert not answer.context["older"] or "who=ann" in address

    assert seen == [f"note {number}" for number in (4, 3, 2, 1, 0)] + ["Debt paid"] * 5
    assert answer.context["older"] == ""


def test_blank_pages_say_why(client: Client) -> None:
    client.force_login(staff_with("staff.view_audit"))

    assert "will appear here" in client.get(AUDIT).content.decode()
    assert "Nobody did anything like this." in client.get(AUDIT + "?who=eve").content.decode()


# --- Rights and stores -----------------------------------------------------------------------------------------


def test_it_needs_its_right_and_each_part_its_own(client: Client, busy: tuple[Store, Store]) -> None:
    note_looks("ann", ["ada-1"], page="/")
    client.force_login(staff_with("orders.view_tripevent", username="nobody"))
    for answer in (client.get(AUDIT), client.post(EXPORT)):
        assert (answer.status_code, answer.context["said"]) == (403, refusal("staff.view_audit"))
    assert "/admin/audit/" not in client.get("/admin/").content.decode()

    client.force_login(staff_with("staff.view_audit", "stores.view_store", username="half"))
    assert {act.about for act in client.get(AUDIT).context["acts"]} == {"Store Here", "Store There"}
    assert "/admin/audit/" in client.get("/admin/").content.decode()


@pytest.fixture
def local(busy: tuple[Store, Store]) -> Client:
    """Sees all kinds of things at the first store."""
    person = staff_with(*RIGHTS, username="local", sees_all_stores=False)
    person.stores.add(busy[0])
    client = Client()
    client.force_login(person)
    return client


def test_one_store_is_shown_nothing_of_another(local: Client, busy: tuple[Store, Store]) -> None:
    there = busy[1]
    far = staff_with(username="far", sees_all_stores=False)
    far.stores.add(there)
    for store in busy:
        product = a_product(store, f"SKU-{store}")
        product.price = Decimal(9)
        product.save()
        product.delete()
    BlockedShopper.objects.create(shopper_id="there-card", store=there, reason="-")
    BlockedShopper.objects.create(shopper_id="everywhere-card", reason="-")
    note_looks("far", ["ada-1"], page="/")

    shown = [f"{act.about} {act.line} {act.store}" for act in local.get(AUDIT).context["acts"]]
    file = b"".join(local.post(EXPORT).streaming_content).decode()

    for text in (*shown, *file.splitlines()):
        assert "There" not in text, text
        assert "there-card" not in text
        assert "far" not in text
    assert "everywhere-card" in file
    assert len([line for line in file.splitlines() if "SKU-Here" in line]) == 3
    assert details(local, "?who=ann") == ["ann at Here"]
    assert details(local, f"?store={there.pk}") == []
    assert set(local.get(f"{AUDIT}?store={there.pk}").context["form"].errors) == {"store"}


def test_without_a_store_one_sees_what_belongs_to_none(client: Client, busy: tuple[Store, Store]) -> None:
    RefundReason.objects.create(label="Too cold", code="OTHER")
    person = staff_with(*RIGHTS, "payments.view_refundreason", username="new", sees_all_stores=False)
    client.force_login(person)

    about = {act.about for act in client.get(AUDIT).context["acts"]}

    assert "Refund reason Too cold" in about
    assert not [text for text in about if "Here" in text or "There" in text]


@pytest.mark.parametrize(
    ("name", "may"), [("auditor", True), ("finance", True), ("manager", True), ("associate", False)]
)
def test_who_of_the_groups_may(client: Client, name: str, may: bool) -> None:
    make_groups(Group.objects, Permission.objects)
    person = staff_with(username="somebody")
    person.groups.add(Group.objects.get(name=name))
    client.force_login(person)

    assert client.get(AUDIT).status_code == (200 if may else 403)


# --- As a file -------------------------------------------------------------------------------------------------


def exported(client: Client, **filters: str) -> list[dict[str, str]]:
    answer = client.post(EXPORT, filters)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="who-did-what-' in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_the_file_holds_all_that_the_filters_find(
    reader: Client, busy: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "BATCH", 2)
    monkeypatch.setattr(page, "PER_PAGE", 1)

    rows = exported(reader, kind="trips")

    assert [(row["who"], row["what"], row["store"]) for row in rows] == [
        ("bob", "Note – bob at There", "There"),
        ("ann", "Note – ann at There", "There"),
        ("bob", "Note – bob at Here", "Here"),
        ("ann", "Note – ann at Here", "Here"),
    ]
    assert rows[-1]["time_utc"] == "2026-03-02 00:00:00"
    assert rows[-1]["store_time"] == "2026-03-01 19:00:00-05:00"
    assert [row["who"] for row in exported(reader, who="ann", kind="trips")] == ["ann", "ann"]


def test_who_exported_what_is_told(reader: Client, busy: tuple[Store, Store]) -> None:
    exported(reader, who="ann", kind="trips")
    exported(reader)

    assert titles(reader, "?kind=people&who=auditor") == [
        ("auditor", "Exported who did what: everything"),
        ("auditor", "Exported who did what: who ann, kind trips"),
    ]


def test_no_cell_is_a_formula(reader: Client) -> None:
    add_note(paid_trip(store=a_store("=1+1")), "=cmd", actor="@sum", key=uuid4())

    [row] = exported(reader, kind="trips")

    assert (row["who"], row["store"]) == ("'@sum", "'=1+1")
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_the_file_is_english_whoever_takes_it(reader: Client, busy: tuple[Store, Store]) -> None:
    answer = reader.post(EXPORT, {"kind": "trips"}, headers={"Accept-Language": "ja"})

    assert b"Note \xe2\x80\x93 ann at Here" in b"".join(answer.streaming_content)


def test_a_file_is_only_taken_by_post(reader: Client) -> None:
    assert reader.get(EXPORT).status_code == 405


# --- What it costs ---------------------------------------------------------------------------------------------


def statements(client: Client, query: str = "") -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(f"{AUDIT}{query}").status_code == 200
    return len(asked)


def test_the_number_of_statements_stays(reader: Client, local: Client, busy: tuple[Store, Store]) -> None:
    for client in (reader, local):
        statements(client)  # what is looked up once in a process
        before = statements(client), statements(client, f"?store={busy[0].pk}"), statements(client, "?who=ann")
        trip = paid_trip(store=busy[0])
        for number in range(20):
            add_note(trip, "more", actor="ann", key=uuid4())
            a_product(busy[0], f"SKU-{number}-{client is local}")
            staff_with(username=f"ann-{number}-{client is local}")

        after = statements(client), statements(client, f"?store={busy[0].pk}"), statements(client, "?who=ann")
        assert after == before
        assert max(after) < 15


def test_events_of_machines_are_in_none_of_its_indexes() -> None:
    """Those indexes hold as many rows as people did something, not as many as there are trips."""
    for model in (TripEvent, PaymentEvent, AccountEntry, PointsEntry):
        partial = [index for index in model._meta.indexes if index.condition and "actor__in" in str(index.condition)]
        assert len(partial) >= 2, model


def test_the_store_of_an_act_is_its_trips(busy: tuple[Store, Store]) -> None:
    assert TripEvent.objects.filter(kind="noted").count() == 4
    for event in TripEvent.objects.filter(kind="noted").select_related("trip"):
        assert event.store_id == event.trip.store_id
    assert not TripEvent.objects.filter(kind="priced", store__isnull=False).exists()
    assert Product.objects.count() == 0
