"""Pages speak the reader's language; machines are answered, and everything is written down, in English."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from core.pulse import pulse
from core.tests.staff import staff_with
from core.work import WorkRow
from orders.models import Trip
from payments.models import PaymentEvent
from payments.tests.admin_rows import a_receipt, a_refund, failed_trip, paid_trip, reason_of, review_trip
from reports.models import CallFold
from staff.groups import GROUPS

pytestmark = pytest.mark.django_db

JAPANESE = {"HTTP_ACCEPT_LANGUAGE": "ja"}
# The same in every language: names of the product, of Amazon's and of people, and what machines read.
NAMES = re.compile(
    r"JWO back office|English|\b(?:en|ja)\b|Ctrl K|SKU|UTC|AID|Amazon|AWS|CSV|csv|QR|Dash Cart|Stripe|house account"
    r"|manage\.py \S+|[a-z_]+:\S+|/(?:api/)?v[12]/\S*|[0-9A-Fa-f]{8}-[0-9a-f-]+|\d+ ms|plain(?:-semicolon)?"
    r"|[A-Z][\w ]+\((?:Singapore|Ireland|N\. Virginia|Oregon)\)|America/New_York|USD|adjust|capture"
)
# What the tests or a retailer have written, and what was written down.
WRITTEN = re.compile(
    r"clerk|manager|Apple|APPLE|MYSTERY|VISA|[Cc]orner[ -]shop|payments\.example|no product has this SKU or barcode"
    r"|Amazon refused \(400\): store is not known|Damaged item|Expired item|Goodwill|Not in the shopper's bag|Other"
    r"|Unwanted item|Wrong price|Wrong quantity|damaged item"
)
UNREAD = {"script", "style", "template", "pre", "code", "svg"}
ICON = "material-symbols-outlined"
VOID = {"input", "br", "link", "meta", "img", "path", "rect", "hr"}


class Words(HTMLParser):
    """What people read on a page or have read out to them, without the names of icons."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._around: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("aria-label", "title", "placeholder"):
            self._add(given.get(name, ""))
        if tag not in VOID:
            self._around.append((tag, tag in UNREAD or ICON in given.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        while self._around and self._around.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(is_unread for _, is_unread in self._around):
            self._add(data)

    def _add(self, text: str) -> None:
        text = " ".join(text.split())
        if re.search(r"[A-Za-z]{2}", NAMES.sub("", WRITTEN.sub("", text))):
            self.found.add(text)


def text(answer: HttpResponse) -> str:
    return " ".join(answer.content.decode().split())


def forgotten(client: Client, address: str) -> set[str]:
    """The texts with Latin words that stand on the page in both languages, and are neither names nor written down."""
    in_english, in_japanese = client.get(address), client.get(address, **JAPANESE)
    assert (in_english.status_code, in_japanese.status_code) == (200, 200)
    assert '<html lang="ja"' in text(in_japanese)
    return Words(in_english.content.decode()).found & Words(in_japanese.content.decode()).found


@pytest.fixture
def everybody(client: Client) -> Client:
    """A client of somebody who may open every page."""
    client.force_login(get_user_model().objects.create_superuser("clerk", password="not-a-secret"))
    return client


@pytest.fixture
def trip() -> Trip:
    trip = paid_trip("10.00")
    a_refund(trip, "2.00", "done")
    a_refund(trip, "1.00", "failed")
    a_receipt(trip)
    return trip


@pytest.mark.parametrize(
    "page", ["", "notifications/", "notifications/choices/", "search/?q=nothing", "reconciliation/"]
)
def test_a_page_around_the_trips_has_no_english_left(everybody: Client, trip: Trip, page: str) -> None:
    review_trip()

    assert forgotten(everybody, f"/admin/{page}") == set()


@pytest.mark.parametrize("page", ["change", "refund", "adjust", "contest", "note", "resend-receipt"])
def test_a_page_about_a_trip_has_no_english_left(everybody: Client, trip: Trip, page: str) -> None:
    assert forgotten(everybody, f"/admin/orders/trip/{trip.pk}/{page}/") == set()


def test_a_trip_that_needs_somebody_has_no_english_left(everybody: Client) -> None:
    for trip in (review_trip(), failed_trip(last_error="")):
        assert forgotten(everybody, f"/admin/orders/trip/{trip.pk}/change/") == set()


@pytest.mark.parametrize("model", sorted(model._meta.label_lower for model in admin.site._registry))
def test_a_list_has_no_english_left(everybody: Client, trip: Trip, model: str) -> None:
    names = set(GROUPS) if model == "auth.group" else set()
    assert forgotten(everybody, f"/admin/{model.replace('.', '/')}/") - names == set()


@pytest.mark.parametrize("model", ["stores/store", "stores/product", "loyalty/member", "staff/user"])
def test_a_form_has_no_english_left(everybody: Client, model: str) -> None:
    assert forgotten(everybody, f"/admin/{model}/add/") == set()


@pytest.mark.parametrize("page", ["login/", "password/reset/sent/"])
def test_signing_in_has_no_english_left(client: Client, settings: Any, page: str) -> None:
    settings.EMAIL_URL = "consolemail://"

    assert forgotten(client, f"/account/{page}") == set()


def test_a_receipt_has_no_english_left(client: Client) -> None:
    trip = paid_trip("10.00")
    trip.store.name = "レシートの店"
    trip.store.save()

    assert forgotten(client, f"/receipts/{a_receipt(trip).token}/") == set()


def test_a_language_is_chosen_by_hand_and_kept(client: Client) -> None:
    page = "/account/login/"

    switched = client.post("/language/", {"language": "ja", "next": page})
    assert (switched.status_code, switched["Location"]) == (302, page)
    assert '<html lang="ja"' in text(client.get(page))

    client.post("/language/", {"language": "en", "next": page})
    assert '<html lang="en"' in text(client.get(page, **JAPANESE))


def test_the_switch_leads_to_no_other_site(client: Client) -> None:
    answer = client.post("/language/", {"language": "ja", "next": "https://elsewhere.example/"})

    assert answer["Location"] == "/"


def test_machines_are_answered_in_english(everybody: Client, settings: Any) -> None:
    settings.CONNECTOR_API_KEYS, settings.READ_API_KEYS = ["key"], ["key"]
    everybody.get("/admin/", **JAPANESE)  # the same thread spoke Japanese just now

    for address in ("/api/v1/trips/?state=nonsense", "/api/v1/trips/nothing/"):
        given = everybody.get(address, headers={"Authorization": "Bearer key"})
        assert everybody.get(address, headers={"Authorization": "Bearer key"}, **JAPANESE).content == given.content
        assert given.content.isascii()
    sent = everybody.post("/v1/order/purchases", "{", "application/json", headers={"x-api-key": "key"}, **JAPANESE)
    assert sent.status_code == 400
    assert sent.content.isascii()


def test_what_a_japanese_clerk_does_is_written_down_in_english(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip", "payments.request_refund", "payments.refund_amount"))
    trip = paid_trip("10.00")
    trip.store.refund_approval_above = 1
    trip.store.save()
    form = {"refund_request_id": str(uuid4()), "mode": "everything", "everything": "10.00", "reason": reason_of()}

    answer = client.post(f"/admin/orders/trip/{trip.pk}/refund/", form, follow=True, **JAPANESE)

    assert "承認待ち" in text(answer)
    asked = PaymentEvent.objects.get(kind="refund", phase="requested")
    assert asked.detail == "Damaged item – awaits approval"
    assert LogEntry.objects.get().change_message.isascii()


def test_a_history_is_written_in_english(everybody: Client) -> None:
    trip = failed_trip()

    answer = everybody.post(f"/admin/orders/trip/{trip.pk}/retry-charge/", follow=True, **JAPANESE)

    assert "再請求します" in text(answer)
    assert LogEntry.objects.get().change_message.endswith("will be asked for again.")


def test_japanese_costs_no_statement(everybody: Client, trip: Trip) -> None:
    address = f"/admin/orders/trip/{trip.pk}/change/"
    everybody.get(address)

    counts = []
    for asked in ({}, JAPANESE):
        with CaptureQueriesContext(connection) as statements:
            everybody.get(address, **asked)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_work_that_nobody_does_is_named_in_the_readers_language() -> None:
    """By the names of its tables, each another, since the start page tells them apart by these."""
    CallFold.objects.create(next_attempt_at=Now() - timedelta(minutes=1))

    assert list(pulse().delayed) == ["counts of the calls"]
    with override("ja"):
        assert list(pulse().delayed) == ["呼び出しの集計"]
        names = [str(kind._meta.verbose_name_plural) for kind in apps.get_models() if issubclass(kind, WorkRow)]
    assert [name for name in names if name.isascii()] == []
    assert len(set(names)) == len(names)
