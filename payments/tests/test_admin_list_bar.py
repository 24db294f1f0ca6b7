"""What stands above and in every list: tabs, saved views, filters in force, columns, a look inside, three blanks."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payments.tests.admin_rows import a_line, a_refund, a_store, a_trip, failed_trip, paid_trip, review_trip, staff_with
from staff.models import SavedView, User

TRIPS = "/admin/orders/trip/"
REFUNDS = "/admin/payments/refund/"
VIEWS = "/admin/lists/orders.trip/views/"
SETTINGS = "/admin/lists/orders.trip/settings/"

pytestmark = pytest.mark.django_db


def tabs(client: Client, url: str = TRIPS) -> dict[str, Any]:
    return {tab.name: tab for tab in client.get(url).context["cl"].tabs}


def chips(client: Client, url: str) -> dict[str, str]:
    return {f"{chip.title}: {chip.value}": chip.url for chip in client.get(url).context["cl"].chips}


def found(client: Client, url: str) -> list[int]:
    return [row.pk for row in client.get(url).context["cl"].result_list]


def headers(client: Client, url: str = TRIPS) -> list[str]:
    return list(client.get(url).context["cl"].list_display)


def test_a_tab_counts_what_it_leads_to(admin_client: Client) -> None:
    review, failed, paid = review_trip(), failed_trip(), paid_trip()
    a_trip("unpaid", total="3.00")
    a_refund(paid, "1.00")

    shown = tabs(admin_client)

    assert {name: tab.count for name, tab in shown.items()} == {
        "All": None,
        "Needs a look": 2,
        "Refund under way": 1,
        "Failed": 1,
        "Unpaid": 1,
    }
    for tab in list(shown.values())[1:]:
        assert len(found(admin_client, f"{TRIPS}?{tab.query}")) == tab.count
    assert set(found(admin_client, f"{TRIPS}?{shown['Needs a look'].query}")) == {review.pk, failed.pk}


def test_a_tab_counts_only_what_happened_at_ones_stores(client: Client) -> None:
    mine, other = a_store("Mine"), a_store("Other")
    failed_trip(store=mine), failed_trip(store=other), failed_trip(store=other)
    person = staff_with("orders.view_trip", sees_all_stores=False)
    client.force_login(person)
    assert tabs(client)["Failed"].count == 0

    person.stores.add(mine)
    assert tabs(client)["Failed"].count == 1


def test_the_open_tab_is_marked_and_a_page_number_makes_no_difference(admin_client: Client) -> None:
    assert tabs(admin_client)["All"].is_active
    shown = tabs(admin_client, f"{TRIPS}?state__exact=failed&p=1")
    assert [name for name, tab in shown.items() if tab.is_active] == ["Failed"]
    assert not [tab for tab in tabs(admin_client, f"{TRIPS}?state__exact=paid").values() if tab.is_active]


def test_a_tab_counts_no_further_than_it_must(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.admin.lists.MOST_COUNTED_ON_A_TAB", 2)
    for _ in range(3):
        a_trip("unpaid", total="1.00")

    assert str(tabs(admin_client)["Unpaid"].count) == "2+"


def test_each_filter_in_force_can_be_taken_away(admin_client: Client) -> None:
    store = a_store()
    url = f"{TRIPS}?state__exact=failed&store__id__exact={store.pk}&received_at_from=2026-11-01&refund=failed&q=abc&p=1"

    shown = chips(admin_client, url)

    assert list(shown) == [
        "search: “abc”",
        "store: Corner shop",
        "state: failed",
        "refunds: Refund failed",
        "own range of days: from 2026-11-01",
    ]
    assert "state__exact" not in shown["state: failed"]
    assert f"store__id__exact={store.pk}" in shown["state: failed"]
    assert "received_at_from" in shown["refunds: Refund failed"]
    assert "q=abc" not in shown["search: “abc”"]


def test_a_list_without_filters_has_no_chips(admin_client: Client) -> None:
    assert not chips(admin_client, TRIPS)
    assert 'aria-label="Filters in force"' not in admin_client.get(TRIPS).content.decode()


def test_a_saved_view_is_a_tab_that_brings_its_filters_back(admin_client: Client) -> None:
    failed = failed_trip()
    paid_trip()

    answer = admin_client.post(VIEWS, {"name": "Broken", "query": "state__exact=failed&q=&p=7"})

    assert answer.url == f"{TRIPS}?state__exact=failed"
    view = tabs(admin_client)["Broken"]
    assert found(admin_client, f"{TRIPS}?{view.query}") == [failed.pk]
    assert "Broken" not in tabs(admin_client, REFUNDS)


def test_a_view_is_personal_unless_it_is_shared(client: Client) -> None:
    owner = staff_with("orders.view_trip", "staff.share_savedview")
    other = staff_with("orders.view_trip", username="other")
    client.force_login(owner)
    client.post(VIEWS, {"name": "Mine", "query": "state__exact=failed"})
    client.post(VIEWS, {"name": "Ours", "query": "state__exact=unpaid", "is_shared": "on"})

    client.force_login(other)
    assert "Ours" in tabs(client)
    assert "Mine" not in tabs(client)
    for view in SavedView.objects.all():
        assert client.get(f"/admin/lists/views/{view.pk}/").status_code == 404
        assert client.post(f"/admin/lists/views/{view.pk}/", {"name": "Taken"}).status_code == 404
        assert client.post(f"/admin/lists/views/{view.pk}/delete/").status_code == 404
    assert set(SavedView.objects.values_list("name", flat=True)) == {"Mine", "Ours"}


def test_sharing_needs_its_right(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))

    assert "Share it with everybody" not in client.get(f"{VIEWS}?state__exact=failed").content.decode()
    client.post(VIEWS, {"name": "Mine", "query": "state__exact=failed", "is_shared": "on"})

    assert not SavedView.objects.get().is_shared


def test_a_view_is_renamed_and_deleted_by_its_owner(admin_client: Client) -> None:
    admin_client.post(VIEWS, {"name": "Broken", "query": "state__exact=failed"})
    page = f"/admin/lists/views/{SavedView.objects.get().pk}/"

    assert "Broken" in admin_client.get(page).content.decode()
    assert admin_client.post(page, {"name": "Refused"}).url == f"{TRIPS}?state__exact=failed"
    assert "Refused" in tabs(admin_client)

    assert admin_client.get(f"{page}delete/").status_code == 405
    assert admin_client.post(f"{page}delete/").url == TRIPS
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "Broken", "x" * 41])
def test_a_bad_name_is_told_and_nothing_is_saved(admin_client: Client, name: str) -> None:
    admin_client.post(VIEWS, {"name": "Broken", "query": "state__exact=failed"})

    answer = admin_client.post(VIEWS, {"name": name, "query": "state__exact=unpaid"})

    assert answer.status_code == 200
    assert answer.context["form"].errors["name"]
    assert 'value="state__exact=unpaid"' in answer.content.decode()
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize("url", [VIEWS, SETTINGS])
def test_who_may_not_see_a_list_has_no_views_of_it(client: Client, url: str) -> None:
    client.force_login(staff_with("payments.view_refund"))
    assert client.get(url).status_code == 403
    assert client.post(url, {"name": "x"}).status_code == 403
    assert client.get(url.replace("orders.trip", "no.such")).status_code == 404


def test_hidden_columns_and_the_size_of_a_page_are_remembered_for_one_person(
    admin_client: Client, admin_user: User, client: Client
) -> None:
    for _ in range(26):
        a_trip()
    offered = [column.name for column in admin_client.get(TRIPS).context["cl"].columns]
    assert "amazon_trip_id" not in offered
    shown = [name for name in offered if name not in {"items", "store"}]

    answer = admin_client.post(SETTINGS, {"shown": shown, "rows_per_page": "25", "query": "state__exact=priced&p=2"})

    assert answer.url == f"{TRIPS}?state__exact=priced"
    assert "items" not in headers(admin_client)
    assert "amazon_trip_id" in headers(admin_client)
    assert len(found(admin_client, TRIPS)) == 25
    assert "store" in headers(admin_client, REFUNDS)

    client.force_login(staff_with("orders.view_trip"))
    assert "items" in headers(client)
    assert len(found(client, TRIPS)) == 26


def test_a_list_can_be_put_back_as_it_was(admin_client: Client) -> None:
    admin_client.post(SETTINGS, {"shown": ["store"], "rows_per_page": "25"})
    assert "items" not in headers(admin_client)

    admin_client.post(SETTINGS, {"reset": "yes"})

    assert "items" in headers(admin_client)


@pytest.mark.parametrize("wrong", [{"rows_per_page": "100000"}, {"rows_per_page": "x"}, {"shown": ["password"]}, {}])
def test_settings_that_cannot_be_are_refused(admin_client: Client, wrong: dict[str, Any]) -> None:
    right = {"shown": ["store"], "rows_per_page": "25"} if wrong else {}
    answer = admin_client.post(SETTINGS, right | wrong)
    assert answer.status_code == 200
    assert answer.context["problem"]
    assert "items" in headers(admin_client)


def test_a_look_inside_a_trip_shows_its_lines(admin_client: Client) -> None:
    trip = a_trip("paid", total="6.88")
    a_line(trip)

    peek = admin_client.get(f"{TRIPS}{trip.pk}/peek/").content.decode()

    assert "Apple" in peek
    assert "$6.88" in peek
    assert f'data-peek="{TRIPS}{trip.pk}/peek/"' in admin_client.get(TRIPS).content.decode()


def test_a_look_inside_needs_the_right_and_the_store(client: Client) -> None:
    trip = a_trip(store=a_store("Elsewhere"))
    client.force_login(staff_with("payments.view_refund"))
    assert client.get(f"{TRIPS}{trip.pk}/peek/").status_code == 403
    client.force_login(staff_with("orders.view_trip", username="here", sees_all_stores=False))
    assert client.get(f"{TRIPS}{trip.pk}/peek/").status_code == 404


def test_a_row_offers_only_what_its_state_and_the_rights_allow(client: Client) -> None:
    paid, failed = paid_trip(), failed_trip()
    client.force_login(staff_with("orders.view_trip", "payments.request_refund", "payments.retry_charge"))
    page = client.get(TRIPS).content.decode()
    assert f'href="{TRIPS}{paid.pk}/refund/"' in page
    assert f'href="{TRIPS}{failed.pk}/retry-charge/"' in page
    assert f'href="{TRIPS}{failed.pk}/refund/"' not in page

    client.force_login(staff_with("orders.view_trip", username="looker"))
    assert "/refund/" not in client.get(TRIPS).content.decode()


def test_the_three_blanks_differ(client: Client, admin_client: Client) -> None:
    assert "No trip yet" in admin_client.get(TRIPS).content.decode()

    nothing = admin_client.get(f"{TRIPS}?state__exact=failed").content.decode()
    assert "Nothing matches" in nothing
    assert "Clear filters" in nothing

    client.force_login(staff_with("orders.view_trip", sees_all_stores=False))
    assert "No store is yours yet" in client.get(TRIPS).content.decode()


def test_a_list_that_cannot_be_read_says_so_and_offers_to_try_again(admin_client: Client) -> None:
    def cancelled(execute: Callable[..., Any], sql: str, *others: Any) -> Any:
        if 'FROM "orders_trip"' in sql and "LIMIT" in sql:
            raise OperationalError("canceling statement due to statement timeout")
        return execute(sql, *others)

    with connection.execute_wrapper(cancelled):
        answer = admin_client.get(f"{TRIPS}?state__exact=failed")

    page = unescape(answer.content.decode())
    assert answer.status_code == 503
    assert "could not be loaded" in page
    assert f'href="{TRIPS}?state__exact=failed"' in page
    assert f'href="{TRIPS}"' in page


@pytest.mark.parametrize("url", ["", "?p=2", "?state__exact=priced&p=2", "?attention=yes"])
def test_the_number_of_statements_is_small_and_does_not_grow(url: str, client: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(TRIPS + url).status_code == 200
        return len(captured)

    person = staff_with("orders.view_trip", "payments.request_refund", sees_all_stores=False)
    person.stores.add(a_store(), a_store("Other"))
    client.force_login(person)
    for _ in range(51):
        a_trip(), review_trip()
    SavedView.objects.create(user=person, list_name="orders.trip", name="Mine")
    statements()
    with_few = statements()
    for _ in range(20):
        a_trip(), review_trip(store=a_store("Other"))
    assert statements() == with_few
    assert with_few < 15
