"""The lists beside the members: scans, points, promotions."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.tests.staff import staff_with
from loyalty.models import Promotion
from loyalty.services import points
from loyalty.tests.people import a_member, a_scan, a_store

SCANS, POINTS, PROMOTIONS = (f"/admin/loyalty/{name}/" for name in ("scan", "pointsentry", "promotion"))

pytestmark = pytest.mark.django_db


def found(client: Client, url: str) -> list[int]:
    answer = client.get(url)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def test_scans_say_who_came_in_and_who_was_refused_and_why(admin_client: Client) -> None:
    tokyo = a_store("Shibuya", time_zone="Asia/Tokyo")
    a_scan(a_member("ada-1"), tokyo, received_at=datetime(2026, 11, 24, 20, 5, tzinfo=UTC))
    a_scan(None, tokyo, is_accepted=False, reason="No member has this code.")

    page = admin_client.get(SCANS).content.decode()

    for words in ("ada-1", "accepted", "refused", "No member has this code.", "25 Nov 2026, 05:05 JST"):
        assert words in page


def test_scans_are_filtered_by_fixed_choices(admin_client: Client) -> None:
    here, there, now = a_store("Here"), a_store("There"), datetime.now(UTC)
    entered = a_scan(a_member(), here)
    loyal = a_scan(None, there, kind="loyalty", is_accepted=False, received_at=now - timedelta(days=3))

    assert found(admin_client, f"{SCANS}?store__id__exact={there.pk}") == [loyal.pk]
    assert found(admin_client, f"{SCANS}?kind__exact=identity") == [entered.pk]
    assert found(admin_client, f"{SCANS}?outcome=refused") == [loyal.pk]
    assert found(admin_client, f"{SCANS}?outcome=accepted") == [entered.pk]
    assert found(admin_client, f"{SCANS}?received=today") == [entered.pk]
    assert found(admin_client, f"{SCANS}?received=7") == [entered.pk, loyal.pk]


def test_scans_are_found_by_member_code_call_and_event(admin_client: Client) -> None:
    scan, _ = a_scan(a_member("ada-1", "CARD"), a_store()), a_scan(None, a_store())

    for term in ("ada-1", "CARD", scan.request_id, scan.event_id):
        assert found(admin_client, f"{SCANS}?q={term}") == [scan.pk], term
    assert found(admin_client, f"{SCANS}?q=nonsense") == []
    assert scan.event_id in admin_client.get(f"{SCANS}{scan.pk}/change/").content.decode()


def test_points_are_found_by_member_and_reference(admin_client: Client) -> None:
    member = a_member("ada-1")
    points.earn(member, points=12, reference="earned/T-1", amazon_trip_id="T-1")
    points.earn(a_member("bob"), points=3, reference="earned/T-2", amazon_trip_id="T-2")
    entry = member.points_entries.get()

    assert "+12" in admin_client.get(POINTS).content.decode()
    for term in ("ada-1", "earned/T-1"):
        assert found(admin_client, f"{POINTS}?q={term}") == [entry.pk]
    assert found(admin_client, f"{POINTS}?q=T-1") == []
    assert admin_client.get(f"{POINTS}{entry.pk}/change/").status_code == 200


def test_promotions_are_kept_by_staff(admin_client: Client) -> None:
    store = a_store()
    sent = {"store": str(store.pk), "promotion_id": "PROMO-TEA", "tier": "gold", "is_active": "on"}

    assert admin_client.post(f"{PROMOTIONS}add/", sent).status_code == 302
    assert admin_client.post(f"{PROMOTIONS}add/", sent).status_code == 200

    promotion = Promotion.objects.get()
    assert (promotion.store, promotion.tier, promotion.is_active) == (store, "gold", True)
    assert found(admin_client, f"{PROMOTIONS}?q=PROMO-TEA") == [promotion.pk]
    assert "tier gold" in admin_client.get(PROMOTIONS).content.decode()


@pytest.mark.parametrize("url", [SCANS, POINTS])
def test_facts_are_not_added_changed_or_deleted(admin_client: Client, url: str) -> None:
    scan, member = a_scan(None, a_store()), a_member()
    points.earn(member, points=1, reference="1", amazon_trip_id="")
    row = {SCANS: scan, POINTS: member.points_entries.get()}[url]

    assert admin_client.get(f"{url}add/").status_code == 403
    assert admin_client.post(f"{url}{row.pk}/change/", {"points": "9"}).status_code == 403
    assert admin_client.post(f"{url}{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("url", [SCANS, POINTS, PROMOTIONS])
def test_the_lists_need_their_rights_and_say_what_will_stand_there(client: Client, url: str) -> None:
    assert client.get(url).url.startswith("/admin/login/")
    client.force_login(staff_with("loyalty.view_member"))
    assert client.get(url).status_code == 403
    model = url.split("/")[-2]
    client.force_login(staff_with(f"loyalty.view_{model}", username="viewer"))
    assert "yet" in client.get(url).content.decode()


@pytest.mark.parametrize("url", [SCANS, POINTS])
def test_the_number_of_statements_does_not_grow(admin_client: Client, url: str) -> None:
    def more(number: int) -> None:
        member = a_member(f"m-{number}")
        a_scan(member, a_store(f"Store {number % 2}"))
        points.earn(member, points=1, reference=str(number), amazon_trip_id="")

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(url)
        return len(captured)

    for number in range(2):
        more(number)
    statements()
    before = statements()
    for number in range(2, 20):
        more(number)
    assert statements() == before
    assert before < 15
