"""What stands between granian's event loop and Django (jwo_backoffice/rsgi.py), asked over the wire."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from amazon.models import InboundCall
from orders.models import Cart, Trip
from payments.tests.trips import a_store, cart_body
from stores.models import Store
from tests.races.deliveries import HEADERS, PATH, Delivery
from tests.races.processes import HERE, Web, database_url, running_web, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

LIMIT = 1024 * 1024
CALLERS = 8


@pytest.fixture
def store() -> Store:
    return a_store("TEST-DOOR")


def new_cart(store: Store) -> bytes:
    body: bytes = cart_body(store, str(uuid4()), (("1.50", "1"),))
    return body


def ask(web: Web, method: str, path: str, **options: object) -> tuple[HTTPResponse, bytes]:
    with closing(HTTPConnection(HERE, web.port, timeout=30)) as line:
        line.request(method, path, **options)  # type: ignore[arg-type]
        response = line.getresponse()
        return response, response.read()


def in_parts(body: bytes) -> Iterator[bytes]:
    """Sent as chunks, without its length."""
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]


def test_a_cart_is_taken_in_whether_its_length_is_announced_or_not(web: Web, store: Store) -> None:
    body = new_cart(store)

    announced, first = ask(web, "POST", PATH, body=body, headers=HEADERS)
    chunked, second = ask(web, "POST", PATH, body=in_parts(body), headers=HEADERS, encode_chunked=True)

    assert (announced.status, chunked.status) == (201, 201)
    assert first == second
    assert bytes(Cart.objects.get().body) == body


@pytest.mark.parametrize("way", [bytes, in_parts], ids=["announced", "in chunks"])
def test_a_body_that_is_too_large_is_refused_however_it_comes(web: Web, store: Store, way: type[bytes]) -> None:
    fits, _ = ask(web, "POST", PATH, body=way(b" " * LIMIT), headers=HEADERS, encode_chunked=way is not bytes)
    response, body = ask(
        web, "POST", PATH, body=way(b" " * (LIMIT + 1)), headers=HEADERS, encode_chunked=way is not bytes
    )

    assert (fits.status, response.status) == (400, 413)
    assert b"larger than" in body


def test_pages_come_with_their_cookies_and_forms_are_read(tmp_path: Path) -> None:
    with running_web(database_url(), tmp_path / "web.log", DEBUG="on") as web:  # it serves files that nobody collected
        page, text = ask(web, "GET", "/account/login/")
        style, content = ask(web, "GET", "/static/core/backoffice.css")
        head, nothing = ask(web, "HEAD", "/static/core/backoffice.css")
        token = page.headers["Set-Cookie"].split(";")[0].partition("=")[2]
        form = f"csrfmiddlewaretoken={token}&login=nobody&password={'x' * 300_000}"
        headers = {"Cookie": f"csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded"}
        answer, refusal = ask(web, "POST", "/account/login/", body=form, headers=headers)

    assert [response.status for response in (page, style, head, answer)] == [200] * 4
    assert int(page.headers["Content-Length"]) == len(text)
    assert int(head.headers["Content-Length"]) == int(style.headers["Content-Length"]) == len(content) > 10_000
    assert nothing == b""
    assert b"No user has this name and this password." in refusal


def test_an_unknown_path_of_any_spelling_is_not_found(web: Web) -> None:
    unknown, said = ask(web, "GET", "/v1/%C4%80%FF?%FF", headers=HEADERS)

    assert unknown.status == 404
    assert "/v1/Ā".encode() in said


def test_who_breaks_off_in_the_middle_leaves_no_trace(web: Web, store: Store) -> None:
    """Neither in the log nor among the trips, and the next one is served."""
    logged = web.log.read_text()
    for path in (PATH, "/admin/login/"):
        with socket.create_connection((HERE, web.port)) as line:
            head = f"POST {path} HTTP/1.1\r\nHost: {HERE}\r\nx-api-key: {HEADERS['x-api-key']}\r\n"
            line.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{{".encode())
            time.sleep(0.2)

    assert ask(web, "POST", PATH, body=new_cart(store), headers=HEADERS)[0].status == 201
    assert "Traceback" not in web.log.read_text()[len(logged) :]
    assert Trip.objects.count() == 1


def test_a_cart_of_somebody_who_has_hung_up_meanwhile_is_stored_and_written_down(web: Web, store: Store) -> None:
    delivery = Delivery(web.port, new_cart(store))
    with psycopg.connect(database_url()) as person:
        person.execute("LOCK TABLE orders_trip IN ACCESS EXCLUSIVE MODE")
        delivery.arrive()
        wait_until(somebody_waits_for_a_lock, web, seconds=10)
        delivery.hang_up()

    wait_until(Trip.objects.exists, web, seconds=10)
    wait_until(InboundCall.objects.filter(status=201).exists, web, seconds=10)


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'orders_trip'::regclass)")
        (is_so,) = cursor.fetchone()
    return bool(is_so)


def test_a_server_that_is_told_to_end_first_answers_what_it_has_read(store: Store, tmp_path: Path) -> None:
    """What it has acknowledged is stored and stands in the journal; no answer is cut in two."""
    with running_web(database_url(), tmp_path / "web.log") as web, ThreadPoolExecutor(CALLERS) as threads:
        callers = [threads.submit(call_until_refused, web, store) for _ in range(CALLERS)]
        wait_until(lambda: Trip.objects.count() > 5 * CALLERS, web, seconds=30)
        web.stop()
        acknowledged = sum(caller.result() for caller in callers)

    assert Trip.objects.count() == acknowledged
    assert InboundCall.objects.filter(status=201).count() == acknowledged


def call_until_refused(web: Web, store: Store) -> int:
    """How many carts were acknowledged until nobody answered any more."""
    acknowledged = 0
    while True:
        try:
            answer, _ = ask(web, "POST", PATH, body=new_cart(store), headers=HEADERS)
        except (OSError, HTTPException):
            return acknowledged
        assert answer.status == 201
        acknowledged += 1
