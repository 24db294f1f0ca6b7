"""The start page: what waits for a person, today at each store, how calls and work go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amazon.models import InboundCall
from core.models import Heartbeat
from core.tasks import note_heartbeat
from payments.models import Charge
from payments.services import home
from payments.tests.admin_rows import (
    a_call,
    a_charge,
    a_refund,
    a_store,
    a_trip,
    an_event,
    another_cart,
    failed_trip,
    paid_trip,
    review_trip,
    staff_with,
)
from stores.models import Store

HOME = "/admin/"
LIST = "/admin/orders/trip/"
ALL = ("orders.view_trip", "amazon.view_inboundcall", "amazon.view_outboundcall", "stores.view_store")
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # in New York

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with(*ALL))
    return client


def somebody_of(store: Store, *rights: str) -> Any:
    person = staff_with(*rights, username=f"of {store}", sees_all_stores=False)
    person.stores.add(store)
    return person


def waiting(client: Client) -> dict[str, Any]:
    return {item.why.key: item for item, _ in client.get(HOME).context["waiting"]}


def days(client: Client) -> dict[str, Any]:
    return {str(day.store): day for day in client.get(HOME).context["days"]}


def an_inbound_call(status: int = 201, *, minutes_ago: float = 1, duration_ms: int = 20, **fields: Any) -> InboundCall:
    at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    known = {"endpoint": "/v1/order/purchases", "caller": "key 1", "store_external_id": "corner-shop", "body": "{}"}
    known |= {"is_whole": True, "answer": "", "status": status, "at": at, "duration_ms": duration_ms}
    return InboundCall.objects.create(**(known | fields))


def test_each_cause_leads_to_as_many_trips_as_it_counts(staff: Client) -> None:
    failed_trip(), review_trip(), review_trip(), another_cart(paid_trip(), ("APPLE", "3"))
    twice = paid_trip()
    a_refund(twice, "1.00", "failed"), a_refund(twice, "2.00", "failed")

    shown = staff.get(HOME).context["waiting"]

    assert {item.why.key: item.trips for item, _ in shown} == {"failed": 1, "refund": 1, "review": 2, "other_cart": 1}
    for item, url in shown:
        assert staff.get(url).context["cl"].result_count == item.trips


def test_the_amount_stands_in_each_currency_by_itself(staff: Client) -> None:
    tokyo = a_store("Shibuya", currency="JPY", time_zone="Asia/Tokyo")
    a_refund(paid_trip("9.00"), "1.25", "pending_approval"), a_refund(paid_trip("9.00"), "2.00", "pending_approval")
    a_refund(paid_trip("900", store=tokyo, currency="JPY"), "300", "pending_approval")

    assert [str(amount) for amount in waiting(staff)["approval"].amounts] == ["¥300", "$3.25"]


def test_the_oldest_says_since_when(staff: Client) -> None:
    old = datetime.now(UTC) - timedelta(days=2)
    review_trip(), review_trip(started_at=old)

    found = waiting(staff)["review"]

    assert datetime.now(UTC) - found.oldest > timedelta(days=1, hours=23)
    assert "1\xa0day, 23\xa0hours" in staff.get(HOME).content.decode()


def test_nobody_counts_to_the_end_of_many(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "MOST_COUNTED", 2)
    oldest = review_trip(started_at=datetime.now(UTC) - timedelta(days=9))
    review_trip(), review_trip()

    found = waiting(staff)["review"]

    assert (str(found.trips), found.oldest, found.amounts) == ("2+", oldest.received_at, [])


def test_nothing_to_do_is_said(staff: Client) -> None:
    paid_trip()

    assert "Nothing waits for anybody." in staff.get(HOME).content.decode()


def test_staff_see_what_waits_at_their_stores(client: Client) -> None:
    failed_trip(), review_trip(store=a_store("Other shop"))
    client.force_login(somebody_of(a_store("Other shop"), *ALL))

    assert list(waiting(client)) == ["review"]
    assert list(days(client)) == ["Other shop"]


@time_machine.travel(NOON, tick=False)
def test_today_adds_up_what_moved_since_midnight_at_the_store(staff: Client) -> None:
    yesterday = paid_trip("5.00", started_at=NOON - timedelta(hours=14))  # 22:00 in New York
    today = paid_trip("7.00", captured="4.00")
    refund = a_refund(yesterday, "1.50", "done")
    assert refund.charge.events.filter(kind="refund", phase="succeeded").update(at=NOON)

    day = days(staff)["Corner shop"]

    assert day.trips == 1
    assert [[str(sum_) for sum_ in sums] for sums in (day.taken, day.refunded, day.unpaid)] == [
        ["$4.00"],
        ["$1.50"],
        ["$3.00"],
    ]
    assert day.store.last_cart_at == today.received_at


@time_machine.travel(datetime(2026, 11, 24, 16, 0, tzinfo=UTC), tick=False)
def test_each_store_has_a_midnight_of_its_own(staff: Client) -> None:
    tokyo = a_store("Shibuya", currency="JPY", time_zone="Asia/Tokyo")  # there it is 01:00 of the next day
    at = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    for store in (tokyo, a_store()):
        a_trip("paid", store=store, received_at=at)
    a_trip("paid", store=tokyo, received_at=at + timedelta(minutes=90))

    found = days(staff)

    assert (found["Shibuya"].trips, found["Corner shop"].trips) == (1, 1)


def test_a_store_leads_to_its_trips_of_today(staff: Client) -> None:
    trip, other = paid_trip(), paid_trip(store=a_store("Other shop"))

    url = f"{LIST}?store__id__exact={trip.store_id}&received=today"
    assert url.replace("&", "&amp;") in staff.get(HOME).content.decode()
    assert list(staff.get(url).context["cl"].result_list) in ([trip], [])  # none in the first minutes of a day
    assert other.store_id != trip.store_id


def test_only_so_many_stores_are_told_of(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "MOST_STORES", 2)
    for name in "ABC":
        a_store(name)

    assert list(days(staff)) == ["A", "B"]
    assert "The first 2 stores by name." in staff.get(HOME).content.decode()


def test_amazons_calls_of_the_last_hour(staff: Client) -> None:
    for ms in range(1, 21):
        an_inbound_call(duration_ms=ms)
    an_inbound_call(403, duration_ms=5), an_inbound_call(503, endpoint="/v1/identity/keys")
    an_inbound_call(500, minutes_ago=61), an_inbound_call(500, is_replay=True)

    found = staff.get(HOME).context["inbound"]

    assert (found.calls, found.refused, found.failed, found.is_cut) == (22, 1, 1, False)
    assert {part.name: (part.calls, part.p95_ms) for part in found.parts} == {
        "/v1/order/purchases": (21, 19),
        "/v1/identity/keys": (1, 20),
    }


def test_a_quiet_hour_says_when_the_last_call_was(staff: Client) -> None:
    a_store()
    an_inbound_call(minutes_ago=90)

    found = staff.get(HOME).context["inbound"]

    assert (found.calls, found.last_at is not None) == (0, True)
    assert "None. The last one was" in staff.get(HOME).content.decode()


def test_a_host_that_fails_is_named(staff: Client) -> None:
    trip = a_trip()
    now = datetime.now(UTC)
    a_call(trip, "adjust", 200, at=now - timedelta(minutes=9))
    a_call(trip, "adjust", None, at=now - timedelta(minutes=5)), a_call(trip, "adjust", 503, at=now)
    a_call(trip, "report", 200, url="https://feedback.example/v1/report", at=now)

    page = staff.get(HOME).content.decode()

    assert "payments.example does not answer as it should" in page
    assert "feedback.example does not" not in page


def test_calls_are_those_of_ones_stores(client: Client) -> None:
    an_inbound_call(), an_inbound_call(store_external_id="other-shop")
    client.force_login(somebody_of(a_store("Other shop"), *ALL))

    assert client.get(HOME).context["inbound"].calls == 1


@pytest.mark.parametrize(
    ("rights", "seen", "unseen"),
    [
        (("orders.view_trip",), ["Needs a person now", "Today"], ["Calls from Amazon", "Calls to Amazon"]),
        (("amazon.view_inboundcall",), ["Calls from Amazon"], ["Needs a person now", "Calls to Amazon"]),
        ((), ["Your rights show you nothing here"], ["Needs a person now", "Calls from Amazon"]),
    ],
)
def test_each_part_needs_its_right(client: Client, rights: Any, seen: Any, unseen: Any) -> None:
    failed_trip()
    client.force_login(staff_with(*rights))

    page = client.get(HOME).content.decode()

    content = page[page.index('class="bo-home"') :]
    assert [text for text in seen if text not in content] == []
    assert [text for text in unseen if text in content] == []


def test_a_fresh_installation_says_how_to_begin(client: Client) -> None:
    client.force_login(staff_with(*ALL, "stores.add_store"))
    assert "/admin/stores/store/add/" in client.get(HOME).content.decode()

    a_store()
    page = client.get(HOME).content.decode()
    assert "No trip yet" in page
    assert "manage.py send_trip" in page
    assert "--store corner-shop" in page

    a_trip()
    assert "No trip yet" not in client.get(HOME).content.decode()


def test_who_sees_no_store_is_told_so(client: Client) -> None:
    a_store()
    client.force_login(staff_with(*ALL, sees_all_stores=False))

    assert "You see no store yet" in client.get(HOME).content.decode()


def test_an_outage_is_said_on_every_page(staff: Client, settings: Any) -> None:
    assert "bo-outage" not in staff.get(LIST).content.decode()

    settings.CONNECTOR_API_KEYS = []
    trip = a_trip("priced", total="5.00")
    a_charge(trip, "pending", next_attempt_at=datetime.now(UTC) - timedelta(minutes=3))

    for url in (HOME, LIST, f"{LIST}{trip.pk}/change/"):
        page = staff.get(url).content.decode()
        assert "no key is set (CONNECTOR_API_KEYS)" in page
        assert "nobody does it: charges" in page


def test_work_that_has_just_fallen_due_is_no_outage(staff: Client) -> None:
    a_charge(a_trip("priced", total="5.00"), "pending", next_attempt_at=datetime.now(UTC) - timedelta(seconds=30))

    page = staff.get(HOME)

    assert "bo-outage" not in page.content.decode()
    assert list(page.context["pulse"].oldest) == ["charges"]


def test_beat_that_has_fallen_silent_is_an_outage(staff: Client) -> None:
    note_heartbeat()
    note_heartbeat()
    assert "bo-outage" not in staff.get(HOME).content.decode()

    Heartbeat.objects.update(at=datetime.now(UTC) - timedelta(minutes=6))
    assert "Nothing has woken the workers since" in staff.get(HOME).content.decode()


def test_a_store_in_test_mode_is_named(staff: Client) -> None:
    a_store("Trial shop", is_test_mode=True)

    assert "Test mode: Trial shop." in staff.get(HOME).content.decode()


def test_the_number_of_statements_is_fixed(client: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(HOME).status_code == 200
        return len(captured)

    stores = [a_store(name, time_zone=zone) for name, zone in (("A", "Asia/Tokyo"), ("B", "Europe/London"))]
    person = somebody_of(stores[0], *ALL)
    person.stores.add(*stores)
    client.force_login(person)
    statements()
    with_none = statements()
    for store in stores:
        for _ in range(4):
            failed_trip(store=store), review_trip(store=store), an_inbound_call(store_external_id=store.external_id)
            another_cart(paid_trip(store=store), ("APPLE", "3"))
            a_refund(paid_trip(store=store), "1.00", "failed")
    an_event(Charge.objects.filter(trip__state="paid")[0], "refund", "succeeded", "1.00", key="x")

    assert statements() <= with_none < 15
