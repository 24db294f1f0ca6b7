"""“Replay”: staff send a failed call again, after what it failed for is repaired."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from amazon.models import InboundCall
from amazon.tests.bodies import encoded
from amazon.tests.calls import Post, a_call, a_cart, a_store, staff_with, trips

pytestmark = pytest.mark.django_db

RIGHTS = ("amazon.view_inboundcall", "amazon.replay_inboundcall")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with(*RIGHTS))
    return client


def page_of(call: InboundCall) -> str:
    return f"/admin/amazon/inboundcall/{call.pk}/change/"


def replay_of(call: InboundCall) -> str:
    return f"/admin/amazon/inboundcall/{call.pk}/replay/"


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_cart_for_a_store_that_exists_by_now_becomes_a_trip_once(staff: Client, post: Post) -> None:
    assert post(a_cart("NEW-STORE")).status_code == 400
    call = InboundCall.objects.get()
    a_store("NEW-STORE")

    assert "Send this call to /v1/order/purchases again?" in shown(staff, replay_of(call))
    assert not trips().exists()
    answers = [staff.post(replay_of(call), follow=True).content.decode() for _ in range(2)]

    assert all("Sent again: answered 201." in answer for answer in answers)
    assert trips().get().amazon_trip_id == call.amazon_trip_id
    replays = InboundCall.objects.filter(is_replay=True)
    assert [(replay.status, replay.body, replay.caller) for replay in replays] == [(201, call.body, "key 1")] * 2
    assert LogEntry.objects.count() == 2


def test_a_call_that_fails_again_says_why(staff: Client, post: Post) -> None:
    post(a_cart("NEW-STORE"))
    call = InboundCall.objects.get()

    answer = staff.post(replay_of(call), follow=True).content.decode()

    assert "Sent again: answered 400." in answer
    assert "is not the external id of any store here" in answer
    assert not trips().exists()


def test_asking_sends_nothing(staff: Client, post: Post) -> None:
    post(a_cart("NEW-STORE"))

    shown(staff, replay_of(InboundCall.objects.get()))

    assert InboundCall.objects.count() == 1


def test_odd_bytes_are_sent_again_as_they_came(staff: Client, post: Post) -> None:
    body = (
        b"  " + encoded(a_cart("NEW-STORE"))[:-1] + rb', "novelty": "\u0000 \"\\ '.ljust(20) + "🛒".encode() + b'"}\n'
    )
    post(body)
    call = InboundCall.objects.get()

    staff.post(replay_of(call))

    assert InboundCall.objects.latest("id").body.encode() == body


OBSTACLES: dict[str, tuple[dict[str, Any], str]] = {
    "accepted": ({"status": 201}, "This call was accepted"),
    "redacted": ({"is_whole": False}, "was redacted or cut"),
    "without a key": ({"caller": "refused", "status": 403}, "without a key of this connector"),
    "an endpoint that is gone": ({"endpoint": "/v0/order/purchases", "status": 404}, "has no /v0/order/purchases"),
    "a page of another kind": ({"endpoint": "/admin/", "status": 404}, "has no /admin/"),
}


@pytest.mark.parametrize("case", OBSTACLES)
def test_a_call_that_cannot_be_sent_again_says_why(case: str, staff: Client) -> None:
    fields, reason = OBSTACLES[case]
    call = a_call(**fields)

    for url in (page_of(call), replay_of(call)):
        page = shown(staff, url)
        assert reason in page
        assert "disabled" in page
        assert f'href="{replay_of(call)}"' not in page
    assert reason in staff.post(replay_of(call), follow=True).content.decode()
    assert InboundCall.objects.count() == 1


def test_without_a_configured_key_nothing_is_sent(staff: Client, settings: Any) -> None:
    settings.CONNECTOR_API_KEYS = [""]
    call = a_call()

    assert "CONNECTOR_API_KEYS" in shown(staff, page_of(call))
    staff.post(replay_of(call))
    assert InboundCall.objects.count() == 1


def test_replay_needs_its_right(client: Client) -> None:
    call = a_call()
    assert client.post(replay_of(call)).url.startswith("/admin/login/")

    client.force_login(staff_with("amazon.view_inboundcall"))

    assert "amazon.replay_inboundcall" in shown(client, page_of(call))
    for answer in (client.get(replay_of(call)), client.post(replay_of(call))):
        assert answer.status_code == 403
        assert "amazon.replay_inboundcall" in answer.content.decode()
    assert InboundCall.objects.count() == 1


def test_replay_needs_the_right_to_see_the_call_too(client: Client) -> None:
    client.force_login(staff_with("amazon.replay_inboundcall"))

    assert client.post(replay_of(a_call())).status_code == 403
    assert InboundCall.objects.count() == 1


def test_a_call_that_does_not_exist_is_not_found(staff: Client) -> None:
    assert staff.get("/admin/amazon/inboundcall/999/change/").status_code == 404
    assert staff.get("/admin/amazon/inboundcall/nonsense/change/").status_code == 404
    assert staff.post("/admin/amazon/inboundcall/999/replay/").status_code == 404
