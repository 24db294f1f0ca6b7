"""The journal of Amazon's calls, as staff read it."""

import subprocess
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from amazon.models import InboundCall
from amazon.services.curl import as_curl
from amazon.tests.calls import a_call, a_store, staff_with

pytestmark = pytest.mark.django_db

CALLS = "/admin/amazon/inboundcall/"


def found(client: Client, query: str) -> list[int]:
    answer = client.get(f"{CALLS}?{query}")
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def page(client: Client, call: InboundCall) -> str:
    answer = client.get(f"{CALLS}{call.pk}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_the_newest_first_in_the_stores_time(admin_client: Client) -> None:
    a_store()
    older, newer = a_call(), a_call(store_external_id="NOWHERE", status=201, is_replay=True)

    assert found(admin_client, "") == [newer.pk, older.pk]
    listed = admin_client.get(CALLS).content.decode()
    assert "Calls from Amazon" in listed
    assert "Main Street" in listed
    assert "NOWHERE" in listed
    assert "5 Jan 2026, 04:04 EST" in listed
    assert "5 Jan 2026, 09:04 UTC" in listed


def test_calls_are_found_by_their_whole_trip_id_or_request_id(admin_client: Client) -> None:
    by_trip, by_request, _ = a_call(amazon_trip_id="T1"), a_call(request_id="R1"), a_call()

    assert found(admin_client, "q=T1") == [by_trip.pk]
    assert found(admin_client, "q=+R1+") == [by_request.pk]
    assert found(admin_client, "q=T") == []


FILTERS: dict[str, tuple[str, dict[str, Any]]] = {
    "endpoint": ("endpoint=/v1/order/purchases", {"endpoint": "/v1/order/other"}),
    "accepted": ("outcome=accepted", {"status": 400}),
    "refused": ("outcome=refused", {"status": 500}),
    "failed": ("outcome=failed", {"status": 499}),
    "store": ("store=DEMO-CARD", {"store_external_id": "DEMO-COMBO"}),
}


@pytest.mark.parametrize("case", FILTERS)
def test_calls_are_filtered(case: str, admin_client: Client) -> None:
    a_store()
    query, other = FILTERS[case]
    call = a_call(status={"accepted": 201, "failed": 503}.get(case, 400))
    a_call(**other)

    assert found(admin_client, query) == [call.pk]


def test_the_choices_are_the_endpoints_and_the_stores(admin_client: Client) -> None:
    a_store()

    listed = admin_client.get(CALLS).content.decode()

    assert 'value="/v1/order/purchases"' in listed
    assert "Main Street (DEMO-CARD)" in listed
    assert "rest&gt;" not in listed


def test_an_unknown_choice_shows_everything(admin_client: Client) -> None:
    call = a_call()

    assert found(admin_client, "outcome=nonsense") == [call.pk]


def test_an_empty_list_says_what_will_stand_there(admin_client: Client) -> None:
    assert "refused ones too" in admin_client.get(CALLS).content.decode()


def test_the_number_of_statements_does_not_grow(admin_client: Client) -> None:
    def statements(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(url).status_code == 200
        return len(captured)

    a_store()
    call = a_call()
    statements(CALLS)
    with_few = statements(CALLS)
    for number in range(20):
        a_call()
        a_store(f"STORE-{number}")
    assert statements(CALLS) == with_few
    assert with_few < 10
    assert statements(f"{CALLS}{call.pk}/change/") < 10


def test_the_list_does_not_read_the_bodies(admin_client: Client) -> None:
    a_call()

    with CaptureQueriesContext(connection) as captured:
        admin_client.get(CALLS)

    assert not any('"body"' in query["sql"] for query in captured)


def test_the_page_shows_both_bodies_in_full(admin_client: Client) -> None:
    a_store()
    call = a_call(body='{"storeId":"DEMO-CARD","a":["<b>"]}', request_id="R1")

    shown = page(admin_client, call)

    assert "{\n  &quot;storeId&quot;: &quot;DEMO-CARD&quot;," in shown
    assert "&lt;b&gt;" in shown
    assert "requestId: is required" in shown
    assert "Main Street (DEMO-CARD)" in shown
    assert "04:04 EST" in shown


def test_a_store_that_does_not_exist_is_said_so(admin_client: Client) -> None:
    assert "NOWHERE, which is no store here" in page(admin_client, a_call(store_external_id="NOWHERE"))


def test_the_page_leads_to_the_trip(admin_client: Client, client: Client) -> None:
    call = a_call(amazon_trip_id="T 1&2")
    link = 'href="/admin/orders/trip/?q=T+1%262"'
    assert link in page(admin_client, call)

    client.force_login(staff_with("amazon.view_inboundcall"))
    assert link not in page(client, call)


def test_the_command_names_this_server_and_never_the_key(admin_client: Client) -> None:
    shown = page(admin_client, a_call(body='{"a": 1}'))

    assert "Copy as curl" in shown
    assert "http://testserver/v1/order/purchases" in shown
    assert "x-api-key: $CONNECTOR_KEY" in strip_tags(shown)
    assert "test-connector-key" not in shown


@pytest.mark.parametrize("body", ["{}", 'it\'s "$HOME" `id` \\ \n ! end', "@/etc/passwd", "", "🛒"])
def test_a_shell_takes_the_command_as_it_is_meant(body: str) -> None:
    command = as_curl(a_call(body=body), "http://testserver/v1/a b")
    script = 'curl() { for word in "$@"; do printf "%s\\0" "$word"; done; }; CONNECTOR_KEY=k; ' + command

    words = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout.decode().split("\0")

    assert words[:-1] == [
        *("-i", "-X", "POST", "http://testserver/v1/a b"),
        *("-H", "Content-Type: application/json", "-H", "x-api-key: k", "--data-raw", body),
    ]


def test_nobody_adds_changes_or_deletes(admin_client: Client) -> None:
    call = a_call()

    assert admin_client.get(f"{CALLS}add/").status_code == 403
    assert admin_client.post(f"{CALLS}{call.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{CALLS}{call.pk}/change/", {"status": "201"}).status_code == 405
    assert InboundCall.objects.get().status == 400


def test_the_pages_need_their_right(client: Client) -> None:
    call = a_call()
    for url in (CALLS, f"{CALLS}{call.pk}/change/"):
        client.logout()
        assert client.get(url).url.startswith("/admin/login/")
    client.force_login(staff_with("amazon.view_outboundcall"))
    for url in (CALLS, f"{CALLS}{call.pk}/change/"):
        assert client.get(url).status_code == 403
