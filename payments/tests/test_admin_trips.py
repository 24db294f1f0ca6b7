from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.admin import paging
from orders.models import Trip
from payments.services.attention import needs_a_look
from payments.services.trip_search import search_trips
from payments.tests.admin_rows import (
    a_charge,
    a_refund,
    a_store,
    a_trip,
    another_cart,
    failed_trip,
    paid_trip,
    review_trip,
    staff_with,
)

LIST = "/admin/orders/trip/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with("orders.view_trip"))
    return client


def ids_shown(client: Client, query: str = "") -> set[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200
    return {trip.amazon_trip_id for trip in answer.context["cl"].result_list}


def page_of(trip: Trip) -> str:
    return reverse("admin:orders_trip_change", args=[trip.pk])


def test_the_list_shows_total_state_and_time_as_the_store_knows_them(staff: Client) -> None:
    tokyo = a_store("Shibuya", currency="JPY", time_zone="Asia/Tokyo")
    a_trip("paid", store=tokyo, currency="JPY", total="1280", received_at=datetime(2026, 11, 24, 20, 5, tzinfo=UTC))

    page = staff.get(LIST).content.decode()

    assert "¥1,280" in page
    assert "25 Nov 2026, 05:05 JST" in page
    assert "2026-11-24 20:05:00 UTC" in page


def test_an_empty_list_says_how_trips_come(staff: Client) -> None:
    page = staff.get(LIST).content.decode()

    assert "No trip yet" in page
    assert "moments after a shopper has left" in page


def test_a_search_without_a_hit_says_what_can_be_searched(staff: Client) -> None:
    page = staff.get(LIST + "?q=nonsense").content.decode()

    assert "Nothing matches" in page
    assert "last 4 of the card" in page


def test_an_exact_trip_id_leads_straight_to_the_page(staff: Client) -> None:
    trip, _ = a_trip(), a_trip()

    assert staff.get(LIST, {"q": f" {trip.amazon_trip_id} "}).url == page_of(trip)


def test_a_purchase_id_leads_straight_to_the_page(staff: Client) -> None:
    trip = a_trip()

    assert staff.get(LIST, {"q": trip.purchase_id}).url == page_of(trip)


def test_a_refund_id_leads_straight_to_the_page(staff: Client) -> None:
    trip = paid_trip()
    refund = a_refund(trip, "1.00")

    assert staff.get(LIST, {"q": str(refund.refund_request_id)}).url == page_of(trip)


@pytest.mark.parametrize("term", ["P999999999", "P99999999999999999999", str(UUID(int=7)), "%", "' OR 1=1"])
def test_what_stands_for_nothing_finds_nothing(staff: Client, term: str) -> None:
    a_trip()

    assert ids_shown(staff, "?" + urlencode({"q": term})) == set()


def test_four_digits_find_the_trips_of_a_card(staff: Client) -> None:
    trip, other = paid_trip(last_four="4242"), paid_trip(last_four="1881")

    assert ids_shown(staff, "?q=4242") == {trip.amazon_trip_id}
    assert ids_shown(staff, "?q=1881") == {other.amazon_trip_id}


def test_the_beginning_of_a_trip_id_finds_it_and_case_matters(staff: Client) -> None:
    a_trip(amazon_trip_id="abc-1"), a_trip(amazon_trip_id="abc-2"), a_trip(amazon_trip_id="abd-3")

    assert ids_shown(staff, "?q=abc") == {"abc-1", "abc-2"}
    assert ids_shown(staff, "?q=ABC") == set()


def test_a_search_by_beginning_uses_the_index() -> None:
    plan = search_trips(Trip.objects.order_by(), "abc").explain()

    assert "Seq Scan" not in plan
    assert "SCAN orders_trip" not in plan


@pytest.mark.parametrize("query", ["", "?attention=yes", "?q=4242", "?received=30"])
def test_the_number_of_statements_does_not_grow_with_the_trips(staff: Client, query: str) -> None:
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            staff.get(LIST + query)
        return len(captured)

    some = [paid_trip() for _ in range(4)]
    another_cart(some[0], ("APPLE", "3"))
    statements()
    with_few = statements()
    for trip in [paid_trip() for _ in range(45)]:
        another_cart(trip, ("APPLE", "3"))

    assert statements() == with_few
    assert with_few < 15


def test_more_rows_than_anybody_pages_through_are_not_counted(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_COUNTED", 3)
    for _ in range(5):
        a_trip()

    with CaptureQueriesContext(connection) as captured:
        page = staff.get(LIST).content.decode()

    assert "3+ trips" in " ".join(page.split())
    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert all("LIMIT" in sql for sql in counts)


def test_trips_are_filtered_by_store_state_and_entry(staff: Client) -> None:
    store = a_store("Other shop")
    paid, review = a_trip("paid", total="1.00"), a_trip("review", store=store, entry="APP")

    assert ids_shown(staff, "?state__exact=paid") == {paid.amazon_trip_id}
    assert ids_shown(staff, "?entry__exact=APP") == {review.amazon_trip_id}
    assert ids_shown(staff, f"?store__id__exact={store.pk}") == {review.amazon_trip_id}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?received=today", {"today"}),
        ("?received=yesterday", {"yesterday"}),
        ("?received=7", {"today", "yesterday", "six days ago"}),
        ("?received=30", {"today", "yesterday", "six days ago", "long ago"}),
        ("?received_at_from=2026-11-22&received_at_to=2026-11-22", {"yesterday"}),
        ("?received_at_from=2026-11-22", {"today", "yesterday"}),
        ("?received_at_from=nonsense", {"today", "yesterday", "six days ago", "long ago"}),
    ],
)
@time_machine.travel(datetime(2026, 11, 24, 4, 30, tzinfo=UTC), tick=False)
def test_days_end_at_midnight_in_the_store(staff: Client, query: str, expected: set[str]) -> None:
    """It is still the 23rd in New York."""
    a_trip(amazon_trip_id="today", received_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    a_trip(amazon_trip_id="yesterday", received_at=datetime(2026, 11, 23, 4, 59, tzinfo=UTC))
    a_trip(amazon_trip_id="six days ago", received_at=datetime(2026, 11, 17, 5, 0, tzinfo=UTC))
    a_trip(amazon_trip_id="long ago", received_at=datetime(2026, 10, 30, 5, 0, tzinfo=UTC))

    assert ids_shown(staff, query) == expected


def test_what_needs_a_look_is_what_will_not_come_right_by_itself(staff: Client) -> None:
    old = datetime.now(UTC) - timedelta(hours=40)
    review, failed, divergent = review_trip(), failed_trip(), paid_trip()
    another_cart(divergent, ("APPLE", "3"))
    late_cart = a_trip("received", started_at=old)
    late_money = a_trip("collecting", total="5.00", started_at=old)
    a_charge(late_money, "unknown", next_attempt_at=datetime.now(UTC))
    a_trip("priced", total="5.00", entry="APP", started_at=old)
    paid_trip(), a_trip("received")

    unsure = paid_trip()
    a_refund(unsure, "1.00", state="unknown", failed_attempts=3, next_attempt_at=datetime.now(UTC))
    a_refund(paid_trip(), "1.00", state="unknown", failed_attempts=1, next_attempt_at=datetime.now(UTC))
    refused = paid_trip()
    a_refund(refused, "1.00", state="failed")

    wanted = (review, failed, divergent, late_cart, late_money, unsure, refused)
    expected = {trip.amazon_trip_id for trip in wanted}
    assert ids_shown(staff, "?attention=yes") == expected
    assert {trip.amazon_trip_id for trip in needs_a_look()} == expected


def test_flags_say_why(staff: Client) -> None:
    another_cart(paid_trip(), ("APPLE", "3"))
    a_trip("received", started_at=datetime.now(UTC) - timedelta(hours=47))

    shown = [[why.label for why in trip.whys] for trip in staff.get(LIST).context["cl"].result_list]
    assert sorted(shown) == [["deadline"], ["other cart"]]


def test_nobody_adds_changes_or_deletes_a_trip(client: Client, admin_user: object) -> None:
    client.force_login(admin_user)  # type: ignore[arg-type]
    trip = a_trip()

    assert client.get(LIST + "add/").status_code == 403
    assert client.get(f"{LIST}{trip.pk}/delete/").status_code == 403
    assert client.post(page_of(trip), {"state": "paid"}).status_code == 405
    assert Trip.objects.get(pk=trip.pk).state == "priced"


def test_the_list_needs_its_right(client: Client) -> None:
    assert client.get(LIST).url.startswith("/admin/login/")

    client.force_login(staff_with())
    assert client.get(LIST).status_code == 403
    assert client.get(LIST, {"q": a_trip().amazon_trip_id}).status_code == 403
