"""One box for everything staff look for."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from amazon.models import InboundCall
from loyalty.models import Code, Member
from orders.models import Trip
from payments.tests.admin_rows import a_product, a_refund, a_store, a_trip, paid_trip, staff_with
from staff.models import PersonalDataLook
from stores.models import Barcode, Store

SEARCH = "/admin/search/"
PROPOSALS = "/admin/search/proposals/"
SOME_ID = "0b5d7f3e-6c1a-4b7e-9f57-2f5d9d3f8a11"
ALL = (
    "orders.view_trip",
    "payments.view_refund",
    "loyalty.view_member",
    "stores.view_product",
    "stores.view_store",
    "amazon.view_inboundcall",
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with(*ALL))
    return client


def page_of(trip: Trip) -> str:
    return reverse("admin:orders_trip_change", args=[trip.pk])


def a_request(trip_id: str = "", store: str = "corner-shop") -> InboundCall:
    return InboundCall.objects.create(
        at=datetime.now(UTC),
        endpoint="/v1/order/purchases",
        caller="key 1",
        request_id=str(uuid4()),
        store_external_id=store,
        amazon_trip_id=trip_id,
        body="{}",
        is_whole=True,
        status=201,
        answer="",
        duration_ms=3,
    )


def opened(client: Client, text: str) -> str:
    """The page that an exact id leads to; empty where the page of what was found stands."""
    answer = client.get(SEARCH, {"q": text})
    return str(answer.url) if answer.status_code == 302 else ""


def titles(client: Client, text: str, url: str = SEARCH) -> dict[str, list[str]]:
    answer = client.get(url, {"q": text})
    assert answer.status_code == 200
    return {group["kind"]: [hit.title for hit in group["hits"]] for group in answer.context["groups"]}


def content(client: Client, text: str) -> str:
    page: str = client.get(SEARCH, {"q": text}).content.decode()
    return page[page.index('class="bo-home"') :]


def somebody_elsewhere(*rights: str) -> Any:
    person = staff_with(*rights, username="elsewhere", sees_all_stores=False)
    person.stores.add(a_store("Other shop"))
    return person


def test_the_box_stands_on_every_page(staff: Client) -> None:
    trip = a_trip()

    for url in ("/admin/", "/admin/orders/trip/", page_of(trip), SEARCH):
        assert 'role="search"' in staff.get(url).content.decode()


def test_an_exact_id_opens_its_page(staff: Client) -> None:
    trip = paid_trip()
    refund = a_refund(trip, "1.00")
    call, of_trip = a_request(), a_request(trip.amazon_trip_id)
    product, member = a_product(trip.store), Member.objects.create(external_id="M-7")
    Barcode.objects.create(product=product, code="4006381333931")
    Code.objects.create(member=member, value="CARD-7")

    assert opened(staff, f"  {trip.amazon_trip_id} ") == page_of(trip)
    assert opened(staff, trip.purchase_id.lower()) == page_of(trip)
    assert opened(staff, str(refund.refund_request_id)) == f"{page_of(trip)}#refund-{refund.pk}"
    assert opened(staff, of_trip.request_id) == page_of(trip)
    assert opened(staff, call.request_id) == f"/admin/amazon/inboundcall/{call.pk}/change/"
    assert opened(staff, "APPLE") == opened(staff, "4006381333931") == f"/admin/stores/product/{product.pk}/change/"
    assert opened(staff, "M-7") == opened(staff, "CARD-7") == f"/admin/loyalty/member/{member.pk}/change/"


def test_what_stands_for_several_things_shows_them_all(staff: Client) -> None:
    trip = paid_trip(last_four="4242")
    a_product(trip.store, "4242", name="Water")
    Member.objects.create(external_id="4242")

    assert titles(staff, "4242") == {"trips": [trip.amazon_trip_id], "members": ["4242"], "products": ["Water"]}


def test_an_amount_finds_trips_and_refunds(staff: Client) -> None:
    trip, other = paid_trip("12.40"), paid_trip("40.00")
    a_refund(other, "12.40")

    for text in ("12.40", "$12.40", "12.4"):
        assert titles(staff, text) == {"trips": [trip.amazon_trip_id], "refunds": ["$12.40"]}


def test_a_stores_name_finds_it_by_its_beginning(staff: Client) -> None:
    a_store(), a_store("Corner two"), a_store("Other shop")

    assert titles(staff, "corner") == {"stores": ["Corner shop", "Corner two"]}
    assert titles(staff, "other-shop") == {"stores": ["Other shop"]}


def test_the_beginning_of_a_trip_id_finds_it(staff: Client) -> None:
    a_trip(amazon_trip_id="abc-1"), a_trip(amazon_trip_id="abc-2"), a_trip(amazon_trip_id="abd-1")

    assert set(titles(staff, "abc")["trips"]) == {"abc-1", "abc-2"}
    assert titles(staff, "ab") == {}  # that short, it would be anything


def test_each_kind_shows_its_first_and_trips_lead_to_all(staff: Client) -> None:
    for number in range(12):
        a_trip(amazon_trip_id=f"abc-{number}")

    assert len(titles(staff, "abc")["trips"]) == 10
    assert len(titles(staff, "abc", PROPOSALS)["trips"]) == 3
    assert "/admin/orders/trip/?q=abc" in content(staff, "abc")
    assert staff.get("/admin/orders/trip/?q=abc").context["cl"].result_count == 12


def test_operators_find_trips_and_so_does_the_list(staff: Client) -> None:
    today = datetime.now(UTC).replace(hour=17)  # the same day at the store
    small, large = paid_trip("5.00"), paid_trip("50.00")
    elsewhere = paid_trip("60.00", store=a_store("Other shop"))
    a_trip("unpaid", total="70.00")
    old = paid_trip("80.00", received_at=today - timedelta(days=30), started_at=today - timedelta(days=30))
    a_product(small.store, "status:paid")  # operators are about trips

    expected = {
        "status:paid amount:>20": {large, elsewhere, old},
        "status:paid amount:>20 store:corner-shop": {large, old},
        'status:paid store:"other shop"': {elsewhere},
        f"status:paid date:{old.received_at:%Y-%m-%d}": {old},
        f"status:paid {small.amazon_trip_id[:8]}": {small},
        "amount:50..60": {large, elsewhere},
        f"date:..{today - timedelta(days=9):%Y-%m-%d}": {old},
    }
    for text, trips in expected.items():
        ids = {trip.amazon_trip_id for trip in trips}
        assert set(titles(staff, text).get("trips", [])) == ids, text
        listed = staff.get("/admin/orders/trip/", {"q": text}).context["cl"].result_list
        assert {trip.amazon_trip_id for trip in listed} == ids, text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colour:red", "“colour:” means nothing here"),
        ("status:happy", "“happy” is no status of a trip"),
        ("store:Nowhere", "You see no store that is called “Nowhere”."),
        ("date:soon", "“soon” is no day"),
        ("x" * 201, "too long"),
    ],
)
def test_an_operator_that_means_nothing_is_told_so(staff: Client, text: str, sentence: str) -> None:
    a_trip()

    assert sentence in content(staff, text)
    assert sentence in staff.get(PROPOSALS, {"q": text}).content.decode()
    if len(text) < 200:
        listed = staff.get("/admin/orders/trip/", {"q": text})
        assert sentence in listed.content.decode()
        assert list(listed.context["cl"].result_list) == []


def test_an_id_may_look_like_an_operator(staff: Client) -> None:
    trip = a_trip(amazon_trip_id="urn:trip:1")

    assert opened(staff, "urn:trip:1") == page_of(trip)
    assert titles(staff, "urn:trip:1", PROPOSALS) == {"trips": ["urn:trip:1"]}


def test_what_is_typed_is_shown_as_text(staff: Client) -> None:
    page = content(staff, "<script>alert(1)</script>")

    assert "<script>alert(1)" not in page
    assert "Nothing was found for" in page


def test_nothing_typed_shows_what_can_be_searched(staff: Client) -> None:
    assert "What can be searched" in content(staff, "  ")
    assert staff.get(PROPOSALS).status_code == 200


@pytest.mark.parametrize("right", ALL)
def test_each_kind_needs_its_right(client: Client, right: str) -> None:
    trip = paid_trip("12.40", last_four="4242")
    a_refund(trip, "12.40"), a_product(trip.store, "12.40"), Member.objects.create(external_id="12.40")
    Store.objects.update(name="12.40")
    call = a_request()
    InboundCall.objects.filter(pk=call.pk).update(request_id="12.40")
    client.force_login(staff_with(*(each for each in ALL if each != right)))
    kinds = {"view_trip": "trips", "view_refund": "refunds", "view_member": "members", "view_product": "products"}
    kinds |= {"view_store": "stores", "view_inboundcall": "calls"}

    # By operator or by words, an id or not: nothing of that kind is told.
    found = titles(client, "12.40", PROPOSALS)

    assert set(kinds.values()) - set(found) == {kinds[right.partition(".")[2]]}


def test_without_any_right_nothing_is_found(client: Client) -> None:
    trip = paid_trip()
    client.force_login(staff_with())

    assert titles(client, trip.amazon_trip_id) == {}


def test_other_stores_trips_are_found_by_nothing(client: Client) -> None:
    trip = paid_trip("12.40", last_four="4242")
    refund, call = a_refund(trip, "12.40"), a_request(trip.amazon_trip_id)
    a_product(trip.store)
    client.force_login(somebody_elsewhere(*ALL))

    ids = (trip.amazon_trip_id, trip.purchase_id, str(refund.refund_request_id), call.request_id)
    for text in (*ids, trip.amazon_trip_id[:8], "4242", "12.40", "APPLE", "Corner", "status:paid", "amount:>1"):
        assert titles(client, text) == titles(client, text, PROPOSALS) == {}, text
    assert "You see no store" in content(client, "store:corner-shop")


def test_the_box_is_for_staff(client: Client) -> None:
    for url in (SEARCH, PROPOSALS):
        assert client.get(url, {"q": "abc"}).status_code == 302


def test_members_are_found_by_contact_where_that_may_be_seen_and_it_is_written_down(client: Client) -> None:
    for number in "12":
        Member.objects.create(external_id=f"M-{number}", name="Ann Lee", email=f"ann{number}@example.com")
    client.force_login(staff_with(*ALL, "loyalty.view_personal_data"))

    assert titles(client, "ann lee", PROPOSALS) == {}
    assert not PersonalDataLook.objects.exists()

    page = content(client, "ann LEE")
    assert page.count("Ann Lee ·") == 2
    assert set(PersonalDataLook.objects.values_list("actor", "whose", "page")) == {
        ("clerk", "M-1", SEARCH),
        ("clerk", "M-2", SEARCH),
    }
    assert "/loyalty/member/" in opened(client, "ann1@example.com")


def test_without_that_right_contacts_find_nobody_and_names_stay_hidden(staff: Client) -> None:
    for number in "12":
        Member.objects.create(external_id=f"M-{number}", name="Ann Lee", email="ann@example.com")
    Code.objects.create(member=Member.objects.get(external_id="M-2"), value="M-1")

    assert titles(staff, "Ann Lee") == titles(staff, "ann@example.com") == {}
    assert "Ann Lee" not in content(staff, "M-1")
    assert not PersonalDataLook.objects.exists()


@pytest.mark.parametrize("text", ["4242", "12.40", "abc", "status:paid amount:>1 date:today", SOME_ID])
def test_the_number_of_statements_is_fixed(staff: Client, text: str) -> None:
    def statements(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            staff.get(url, {"q": text})
        return len(captured)

    paid_trip("12.40", amazon_trip_id="abc-1")
    statements(SEARCH)
    before = [statements(url) for url in (SEARCH, PROPOSALS)]
    for number in range(2, 9):
        a_refund(paid_trip("12.40", amazon_trip_id=f"abc-{number}"), "12.40")

    assert [statements(url) for url in (SEARCH, PROPOSALS)] == before


@pytest.mark.parametrize("text", ["4242", "abc", "M-7", SOME_ID, "P000000001", "status:paid amount:>1 store:corner"])
def test_whatever_is_looked_for_takes_fewer_than_fifteen_statements(client: Client, text: str) -> None:
    client.force_login(somebody_elsewhere(*ALL, "loyalty.view_personal_data"))
    paid_trip("12.40", amazon_trip_id="abc-1")
    client.get(SEARCH, {"q": text})

    for url in (SEARCH, PROPOSALS):
        with CaptureQueriesContext(connection) as captured:
            client.get(url, {"q": text})
        assert len(captured) < 15, "\n".join(query["sql"][:150] for query in captured)


def test_an_exact_id_takes_few_statements(staff: Client) -> None:
    trip = paid_trip()
    opened(staff, trip.amazon_trip_id)

    with CaptureQueriesContext(connection) as captured:
        opened(staff, trip.amazon_trip_id)

    assert len(captured) < 10


@pytest.mark.parametrize(
    "text",
    ["4242", "12.40", "abc-1", "M-7", "APPLE", "P000000001", SOME_ID, "status:review", "amount:>20", "date:today"],
)
def test_every_lookup_uses_an_index(client: Client, text: str) -> None:
    client.force_login(staff_with(*ALL, "loyalty.view_personal_data"))
    paid_trip("12.40")

    with CaptureQueriesContext(connection) as captured:
        client.get(SEARCH, {"q": text})

    grow = (
        r"orders_trip|payments_(?:refund|charge|carddetails)|amazon_inboundcall|loyalty_(?:member|code)"
        r"|stores_(?:product|barcode)"
    )
    asked = [query["sql"] for query in captured if re.search(rf'FROM "({grow})"', query["sql"])]
    assert asked
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in asked:
            cursor.execute(f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}")
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
            scanned = re.findall(rf"Seq Scan on ({grow})|^SCAN ({grow})(?! USING)", plan, re.MULTILINE)
            assert not scanned, f"{sql}\n{plan}"
