"""/api/v1/members/ and what stands beneath it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.tests.staff import staff_with
from loyalty.models import Code, Member, ScanKey
from loyalty.services import points
from loyalty.services.blocking import block_member
from loyalty.services.erasure import anonymize_member
from loyalty.tests.people import a_member

MEMBERS = "/api/v1/members/"
WRITE = {"Authorization": "Bearer test-write-key"}
READ = {"Authorization": "Bearer test-read-key"}
ADA = {
    "external_id": "ada-1",
    "name": "Ada Demo",
    "kind": "SHOPPER",
    "codes": ["1111-2222", {"value": "LOY-1", "is_loyalty_only": True}],
    "email": "ada@example.com",
    "phone": "+447700900123",
    "tier": "gold",
}

pytestmark = pytest.mark.django_db


def send(client: Client, body: Any, url: str = MEMBERS, method: str = "POST", headers: Any = WRITE) -> Any:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.generic(method, url, content, content_type="application/json", headers=headers)


def get(client: Client, url: str = MEMBERS, headers: Any = READ) -> Any:
    return client.get(url, headers=headers)


class TestCreating:
    def test_a_member_is_created_with_their_codes(self, client: Client) -> None:
        answer = send(client, ADA)

        assert answer.status_code == 201
        created_at = answer.json()["created_at"]
        codes = [{"value": "1111-2222", "is_loyalty_only": False}, {"value": "LOY-1", "is_loyalty_only": True}]
        told = ADA | {"codes": codes, "points": 0, "blocked": False, "anonymized": False, "created_at": created_at}
        assert answer.json() == told
        assert get(client, f"{MEMBERS}ada-1/").json() == told

    def test_the_same_again_is_no_second_member(self, client: Client) -> None:
        first = send(client, ADA)
        again = send(client, ADA | {"codes": list(reversed(ADA["codes"])), "phone": "0044 7700 900123"})

        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert Member.objects.count() == 1

    def test_what_is_left_out_is_no_other_content(self, client: Client) -> None:
        send(client, ADA)

        assert send(client, {"external_id": "ada-1"}).status_code == 200
        assert Member.objects.get().name == "Ada Demo"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", "Bob"),
            ("kind", "ASSOCIATE"),
            ("email", "bob@example.com"),
            ("phone", "+447700900999"),
            ("tier", ""),
            ("codes", ["1111-2222"]),
            ("codes", ["1111-2222", "LOY-1"]),
        ],
    )
    def test_other_content_is_a_conflict_that_names_the_field(self, client: Client, field: str, value: Any) -> None:
        send(client, ADA)

        answer = send(client, ADA | {field: value})

        assert answer.status_code == 409
        assert answer.json()["field"] == field
        assert get(client, f"{MEMBERS}ada-1/").json()["name"] == "Ada Demo"
        assert Code.objects.filter(is_loyalty_only=True).count() == 1

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("external_id", ...),
            ("external_id", " "),
            ("external_id", "a/b"),
            ("external_id", "anonymous-1"),
            ("external_id", "x" * 256),
            ("external_id", "a\u0000b"),
            ("external_id", "a\nb"),
            ("external_id", "\ud800"),
            ("external_id", ["a"]),
            ("external_id", 1.5),
            ("name", "x" * 201),
            ("name", "a\u0007b"),
            ("name", None),
            ("kind", "ROBOT"),
            ("email", "nobody"),
            ("email", "x" * 250 + "@example.com"),
            ("phone", "call me"),
            ("phone", 3.5),
            ("tier", "x" * 51),
            ("codes", "1111"),
            ("codes", [""]),
            ("codes", ["x" * 256]),
            ("codes", ["A", "A"]),
            ("codes", ["A", {"value": "A", "is_loyalty_only": True}]),
            ("codes", [{"is_loyalty_only": True}]),
            ("codes", [["A"]]),
            ("codes", ["a|b"]),
            ("codes", ["loyalty:X"]),
            ("codes", [None]),
            ("codes", [{"value": "A", "is_loyalty_only": "perhaps"}]),
            ("codes", [f"C{number}" for number in range(101)]),
        ],
    )
    def test_a_request_that_makes_no_sense_names_its_field(self, client: Client, field: str, value: Any) -> None:
        body = {name: said for name, said in (ADA | {field: value}).items() if said is not ...}

        answer = send(client, body)

        assert answer.status_code == 400, answer.content
        assert field in answer.json() or answer.json().get("field") == field, answer.json()
        assert not Member.objects.exists()

    def test_a_code_of_somebody_else_is_refused_by_its_name(self, client: Client) -> None:
        a_member("bob", "1111-2222")

        answer = send(client, ADA)

        assert answer.status_code == 400
        assert answer.json() == {"detail": "“1111-2222” stands for member bob already.", "field": "codes"}
        assert Member.objects.count() == 1

    def test_an_id_that_is_somebody_elses_code_is_refused(self, client: Client) -> None:
        a_member("bob", "ada-1")

        answer = send(client, ADA)

        assert (answer.status_code, answer.json()["field"]) == (400, "external_id")

    @pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "null", "1", "[" * 100_000, b"\xff\xfe", '{"name": NaN}'])
    def test_a_body_that_is_no_object_is_refused(self, client: Client, body: Any) -> None:
        assert send(client, body).status_code == 400

    def test_only_json_is_read(self, client: Client) -> None:
        assert client.post(MEMBERS, {"external_id": "x"}, headers=WRITE).status_code == 415


class TestChanging:
    def test_what_is_given_changes_and_the_rest_stays(self, client: Client) -> None:
        send(client, ADA)

        answer = send(client, {"tier": "", "codes": ["NEW"]}, f"{MEMBERS}ada-1/", "PATCH")

        assert answer.status_code == 200
        assert answer.json()["codes"] == [{"value": "NEW", "is_loyalty_only": False}]
        assert (answer.json()["tier"], answer.json()["name"]) == ("", "Ada Demo")

    def test_a_code_moves_when_its_first_holder_has_given_it_up(self, client: Client) -> None:
        a_member("ada-1", "CARD")
        a_member("bob")
        assert send(client, {"codes": ["CARD"]}, f"{MEMBERS}bob/", "PATCH").status_code == 400

        send(client, {"codes": []}, f"{MEMBERS}ada-1/", "PATCH")

        assert send(client, {"codes": ["CARD"]}, f"{MEMBERS}bob/", "PATCH").status_code == 200
        assert Code.objects.get().member.external_id == "bob"

    def test_a_card_becomes_one_that_opens_the_gate(self, client: Client) -> None:
        a_member("ada-1", loyalty=("CARD",))

        send(client, {"codes": ["CARD"]}, f"{MEMBERS}ada-1/", "PATCH")

        assert not Code.objects.get().is_loyalty_only

    def test_the_id_itself_stays(self, client: Client) -> None:
        a_member("ada-1")

        assert send(client, {"external_id": "ada-2"}, f"{MEMBERS}ada-1/", "PATCH").status_code == 400
        assert send(client, {"external_id": "ada-1"}, f"{MEMBERS}ada-1/", "PATCH").status_code == 200

    def test_nobody_is_not_found(self, client: Client) -> None:
        for url, method in ((f"{MEMBERS}nobody/", "PATCH"), (f"{MEMBERS}nobody/scan-key/", "POST")):
            assert send(client, {}, url, method).status_code == 404
        assert get(client, f"{MEMBERS}nobody/").status_code == 404

    def test_one_who_was_erased_is_not_changed(self, client: Client) -> None:
        erased = anonymize_member(a_member("ada-1"))

        answer = send(client, {"name": "Ada"}, f"{MEMBERS}{erased.external_id}/", "PATCH")

        assert answer.status_code == 409
        assert get(client, f"{MEMBERS}{erased.external_id}/").json()["anonymized"] is True


class TestReading:
    def test_points_and_block_are_told(self, client: Client) -> None:
        member = a_member()
        points.earn(member, points=12, reference="earned/1", amazon_trip_id="1")
        points.take_back(member, points=2, reference="refund/1", amazon_trip_id="1")
        block_member(member, reason="Took a trolley.")

        told = get(client, f"{MEMBERS}ada-1/").json()

        assert (told["points"], told["blocked"]) == (10, True)
        assert "trolley" not in json.dumps(told)

    def test_members_come_newest_first_in_pages(self, client: Client) -> None:
        for number in range(5):
            a_member(f"m-{number}")

        page = get(client, f"{MEMBERS}?page_size=2").json()
        rest = get(client, page["next"]).json()

        assert [row["external_id"] for row in page["results"] + rest["results"]] == ["m-4", "m-3", "m-2", "m-1"]

    def test_they_are_picked_by_kind_and_code(self, client: Client) -> None:
        a_member("ada-1", "A-CODE")
        a_member("staff-1", "BADGE", kind="ASSOCIATE")

        def found(query: str) -> list[str]:
            return [row["external_id"] for row in get(client, f"{MEMBERS}?{query}").json()["results"]]

        assert found("kind=ASSOCIATE") == ["staff-1"]
        assert found("code=A-CODE") == ["ada-1"]
        assert found("code=A-COD") == []

    @pytest.mark.parametrize("query", ["kind=ROBOT", "name=Ada", "cursor=nonsense", "code=%00"])
    def test_a_filter_that_makes_no_sense_is_refused(self, client: Client, query: str) -> None:
        assert get(client, f"{MEMBERS}?{query}").status_code in {400, 404}

    def test_the_number_of_statements_does_not_grow(self, client: Client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                get(client)
            return len(captured)

        a_member("m", "A")
        before = statements()
        for number in range(10):
            points.earn(a_member(f"m-{number}", f"C-{number}"), points=1, reference=str(number), amazon_trip_id="")
        assert statements() == before


class TestScanKeys:
    def test_a_key_is_issued_and_says_when_it_ends(self, client: Client, settings: Any) -> None:
        a_member()

        answer = send(client, "", f"{MEMBERS}ada-1/scan-key/")

        assert answer.status_code == 201
        assert answer["Cache-Control"] == "no-store"
        key, ends = answer.json()["scan_key"], datetime.fromisoformat(answer.json()["expires_at"])
        assert key.startswith(settings.SCAN_KEY_PREFIX)
        assert 85 < (ends - datetime.now(UTC)).total_seconds() <= 90
        assert key not in str(ScanKey.objects.values())

    def test_a_blocked_member_gets_none(self, client: Client) -> None:
        block_member(a_member(), reason="Took a trolley.")

        assert send(client, "", f"{MEMBERS}ada-1/scan-key/").status_code == 409
        assert not ScanKey.objects.exists()


class TestWhoMay:
    def test_a_key_that_reads_does_not_write(self, client: Client) -> None:
        a_member()
        calls = [(MEMBERS, "POST"), (f"{MEMBERS}ada-1/", "PATCH"), (f"{MEMBERS}ada-1/scan-key/", "POST")]
        for url, method in calls:
            assert send(client, ADA, url, method, headers=READ).status_code == 403
            assert send(client, ADA, url, method, headers={}).status_code == 401
        assert get(client, headers={}).status_code == 401
        assert get(client, headers=WRITE).status_code == 200

    def test_staff_read_by_right_and_personal_data_by_another(self, client: Client) -> None:
        a_member(name="Ada Demo", email="ada@example.com", phone="+447700900123", tier="gold")
        url = f"{MEMBERS}ada-1/"
        client.force_login(staff_with("orders.view_trip", username="outsider"))
        assert client.get(url).status_code == 403

        client.force_login(staff_with("loyalty.view_member", username="associate"))
        told = client.get(url).json()
        assert [told[field] for field in ("name", "email", "phone", "tier")] == [None, None, None, "gold"]

        client.force_login(staff_with("loyalty.view_member", "loyalty.view_personal_data", username="manager"))
        assert client.get(url).json()["email"] == "ada@example.com"

    def test_staff_write_by_right_but_no_personal_data_without_theirs(self, client: Client) -> None:
        client.force_login(staff_with("loyalty.add_member", "loyalty.change_member"))

        assert send(client, {"external_id": "bob", "tier": "gold"}, headers={}).status_code == 201
        assert send(client, {"tier": ""}, f"{MEMBERS}bob/", "PATCH", headers={}).status_code == 200
        refused = send(client, {"external_id": "bob", "name": "Bob"}, headers={})
        assert refused.status_code == 403
        assert "loyalty.view_personal_data" in refused.json()["detail"]
        assert Member.objects.get().name == ""
        assert send(client, "", f"{MEMBERS}bob/scan-key/", headers={}).status_code == 403
