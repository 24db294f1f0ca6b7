"""The lists beside the trips: refunds, debts, calls; and the sidebar that leads to them."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payments.tests.admin_rows import a_call, a_refund, a_store, a_trip, paid_trip, staff_with
from staff.models import User

REFUNDS = "/admin/payments/refund/"
DEBTS = "/admin/payments/debt/"
ACCOUNTS = "/admin/payments/houseaccount/"
CALLS = "/admin/amazon/outboundcall/"

pytestmark = pytest.mark.django_db


def found(client: Client, url: str) -> list[int]:
    answer = client.get(url)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def test_refunds_are_found_by_their_id_and_their_trips(admin_client: Client) -> None:
    trip = paid_trip()
    refund, _ = a_refund(trip, "1.00"), a_refund(paid_trip(), "1.00")

    assert found(admin_client, f"{REFUNDS}?q={refund.refund_request_id}") == [refund.pk]
    assert found(admin_client, f"{REFUNDS}?q={trip.amazon_trip_id}") == [refund.pk]
    assert found(admin_client, f"{REFUNDS}?q=nonsense") == []


def test_refunds_are_filtered_by_state_and_store(admin_client: Client) -> None:
    elsewhere = a_store("Other shop")
    done, queued = a_refund(paid_trip(), "1.00", "done"), a_refund(paid_trip(store=elsewhere), "1.00")

    assert found(admin_client, f"{REFUNDS}?state__exact=done") == [done.pk]
    assert found(admin_client, f"{REFUNDS}?store__id__exact={elsewhere.pk}") == [queued.pk]


def test_a_row_leads_to_its_trip(admin_client: Client) -> None:
    trip = paid_trip("10.00", captured="4.00")
    refund = a_refund(trip, "1.00")

    page = f"/admin/orders/trip/{trip.pk}/change/"
    assert admin_client.get(f"{REFUNDS}{refund.pk}/change/").url == f"{page}#refund-{refund.pk}"
    for wrong in ("999", "nonsense"):
        assert admin_client.get(f"{REFUNDS}{wrong}/change/").status_code == 404


@pytest.mark.parametrize("url", [DEBTS, ACCOUNTS])
def test_nothing_is_added_up_for_rows_that_are_only_counted(url: str, admin_client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        found(admin_client, url)

    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert counts
    assert not [sql for sql in counts if "SUM(" in sql]


def test_debts_show_what_is_owed(admin_client: Client) -> None:
    trip = paid_trip("10.00", captured="4.00")

    page = admin_client.get(DEBTS).content.decode()

    assert "$6.00" in page
    assert found(admin_client, f"{DEBTS}?q={trip.amazon_trip_id}") == [trip.charge.debt.pk]
    assert found(admin_client, f"{DEBTS}?q={trip.amazon_trip_id[:8]}") == []


def test_calls_are_found_by_the_whole_trip_id_and_shown_with_their_bodies(admin_client: Client) -> None:
    trip, other = a_trip(), a_trip()
    call, _ = a_call(trip, "adjust", 200), a_call(other, "adjust", None)

    assert found(admin_client, f"{CALLS}?q={trip.amazon_trip_id}") == [call.pk]
    assert "no answer" in admin_client.get(CALLS).content.decode()
    assert "&quot;shoppingTripId&quot;" in admin_client.get(f"{CALLS}{call.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("url", "make"),
    [
        (REFUNDS, lambda: a_refund(paid_trip(), "1.00")),
        (DEBTS, lambda: paid_trip("10.00", captured="4.00")),
        (CALLS, lambda: a_call(a_trip(), "adjust", 200)),
    ],
)
def test_the_number_of_statements_does_not_grow(admin_client: Client, url: str, make: Callable[[], object]) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(url)
        return len(captured)

    make(), make()
    statements()
    with_few = statements()
    for _ in range(20):
        make()
    assert statements() == with_few
    assert with_few < 15


@pytest.mark.parametrize("url", [REFUNDS, DEBTS, CALLS])
def test_nobody_adds_or_deletes(admin_client: Client, url: str) -> None:
    trip = paid_trip("10.00", captured="4.00")
    row = {REFUNDS: a_refund(trip, "1.00"), DEBTS: trip.charge.debt, CALLS: a_call(trip, "adjust", 200)}[url]

    assert admin_client.get(f"{url}add/").status_code == 403
    assert admin_client.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("url", [REFUNDS, DEBTS, CALLS])
def test_the_lists_need_their_rights(client: Client, url: str) -> None:
    assert client.get(url).url.startswith("/admin/login/")
    client.force_login(staff_with("orders.view_trip"))
    assert client.get(url).status_code == 403
    assert client.get(f"{url}1/change/").status_code == 403


def test_the_sidebar_shows_only_what_the_user_may_see(client: Client, admin_user: User) -> None:
    client.force_login(staff_with("orders.view_trip", "payments.view_refund"))
    page = client.get("/admin/").content.decode()
    assert 'href="/admin/orders/trip/?attention=yes"' in page
    assert f'href="{REFUNDS}"' in page
    assert f'href="{DEBTS}"' not in page
    assert 'href="/admin/staff/user/"' not in page

    client.force_login(admin_user)
    page = client.get("/admin/").content.decode()
    for url in (DEBTS, CALLS, "/admin/stores/store/", "/admin/stores/product/", "/admin/auth/group/"):
        assert f'href="{url}"' in page


@pytest.mark.parametrize("url", ["/admin/staff/user/", "/admin/auth/group/", "/admin/staff/user/add/"])
def test_users_and_groups_have_their_pages(admin_client: Client, url: str) -> None:
    assert admin_client.get(url).status_code == 200
