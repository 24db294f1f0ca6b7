"""What every endpoint answers, whatever it is about."""

import logging

import pytest
from django.test import Client

from amazon.models import InboundCall
from amazon.tests.calls import PURCHASES, Post

pytestmark = [pytest.mark.django_db, pytest.mark.urls("amazon.tests.odd_urls")]

STATUSES = {"unauthorized": 401, "not-found": 404, "busy": 429, "away": 503}


@pytest.mark.parametrize("name", STATUSES)
def test_a_refusal_has_its_status_and_says_why(name: str, post: Post) -> None:
    answer = post(b"{}", f"/v1/test/{name}")

    assert answer.status_code == STATUSES[name]
    assert list(answer.json()) == ["errorMsg"]
    assert answer.json()["errorMsg"]
    assert answer["Content-Type"] == "application/json"


def test_who_calls_too_often_learns_when_to_try_again(post: Post) -> None:
    assert post(b"{}", "/v1/test/busy")["Retry-After"] == "3"
    assert post(b"{}", "/v1/test/away")["Retry-After"] == "1"
    assert "Retry-After" not in post(b"{}", "/v1/test/unauthorized")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_not_allowed(method: str, post: Post) -> None:
    answer = post(b"{}", method=method)

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    if method != "HEAD":
        assert list(answer.json()) == ["errorMsg"]
    assert InboundCall.objects.get().status == 405


@pytest.mark.parametrize("path", ["/v1/order/purchase", "/v1/order/purchases/", "/v1/", "/v2/order/purchases"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_an_unknown_path_is_not_found(path: str, method: str, post: Post) -> None:
    answer = post(b"{}", path, method)

    if path != "/v1/":  # no route of the frame's
        assert answer.status_code == 404
        assert path in answer.json()["errorMsg"]
        assert InboundCall.objects.get().endpoint == path


@pytest.mark.parametrize("path", [PURCHASES, "/v1/order/purchase"])
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_without_a_key_nothing_is_told(path: str, method: str, post: Post) -> None:
    answer = post(b"{}", path, method, headers={"x-api-key": "wrong"})

    assert answer.status_code == 403
    assert "x-api-key" in answer.json()["errorMsg"]


def test_our_own_fault_is_a_500_in_the_contracts_shape(post: Post, client: Client) -> None:
    client.raise_request_exception = False

    answer = post(b'{"identityKey": "U0VDUkVULWNvZGU="}', "/v1/test/broken")

    assert answer.status_code == 500
    assert list(answer.json()) == ["errorMsg"]
    call = InboundCall.objects.get()
    assert (call.status, call.body) == (500, '{"identityKey":"***"}')


def test_the_log_tells_of_our_fault_without_secrets(
    post: Post, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.raise_request_exception = False

    with caplog.at_level(logging.DEBUG):
        post(b'{"identityKey": "U0VDUkVULWNvZGU="}', "/v1/test/broken")

    assert "LookupError: no code ***" in caplog.text
    assert "in handle" in caplog.text
    assert "U0VDUkVULWNvZGU" not in caplog.text
    assert "ada@" not in caplog.text
