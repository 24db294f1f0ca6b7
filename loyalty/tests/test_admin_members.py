"""The member pages of the admin: list, page, actions."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.tests.staff import staff_with
from loyalty.events import member_known
from loyalty.models import Code, Member, PointsEntry, ScanKey
from loyalty.services import points
from loyalty.services.blocking import block_member
from loyalty.services.erasure import anonymize_member
from loyalty.tests.people import a_member, a_scan, a_store

MEMBERS = "/admin/loyalty/member/"

pytestmark = pytest.mark.django_db


def page_of(member: Member, part: str = "change") -> str:
    return f"{MEMBERS}{member.pk}/{part}/"


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def found(client: Client, query: str) -> list[str]:
    answer = client.get(f"{MEMBERS}?{query}")
    assert answer.status_code == 200
    return [member.external_id for member in answer.context["cl"].result_list]


def form(*codes: tuple[str, str] | str, **fields: Any) -> dict[str, Any]:
    """The member's form with its codes; a code that stands is a pair of its pk and value."""
    rows: dict[str, Any] = {"codes-TOTAL_FORMS": len(codes)}
    rows["codes-INITIAL_FORMS"] = sum(isinstance(code, tuple) for code in codes)
    for number, code in enumerate(codes):
        pk, value = code if isinstance(code, tuple) else ("", code)
        rows |= {f"codes-{number}-id": pk, f"codes-{number}-value": value}
    return {"external_id": "ada-1", "kind": "SHOPPER", "name": "", "email": "", "phone": "", "tier": ""} | rows | fields


@pytest.fixture
def news() -> Any:
    """Which ids became known."""
    heard: list[set[str]] = []

    def listen(ids: set[str], **kwargs: Any) -> None:
        assert connection.in_atomic_block
        heard.append(ids)

    member_known.connect(listen)
    yield heard
    member_known.disconnect(listen)


class TestList:
    def test_members_are_found_by_what_staff_have_at_hand(self, admin_client: Client) -> None:
        a_member("ada-1", "1111-2222", email="Ada@Example.com", phone="+447700900123")
        a_member("bob")

        for term in ("ada-1", "1111-2222", "ada@example.com", "ADA@example.com", "%2B44 7700 900123", " ada-1 "):
            assert found(admin_client, f"q={term}") == ["ada-1"], term
        for term in ("ada", "1111", "example.com", "nobody"):
            assert found(admin_client, f"q={term}") == [], term

    def test_personal_data_is_for_those_with_the_right(self, client: Client) -> None:
        a_member("ada-1", name="Ada Demo", email="ada@example.com", phone="+447700900123")
        client.force_login(staff_with("loyalty.view_member", username="associate"))

        list_page = shown(client, MEMBERS)

        for secret in ("Ada Demo", "ada@example.com", "+447700900123"):
            assert secret not in list_page
        assert found(client, "q=ada@example.com") == []
        client.force_login(staff_with("loyalty.view_member", "loyalty.view_personal_data", username="manager"))
        assert "Ada Demo" in shown(client, MEMBERS)
        assert found(client, "q=ada@example.com") == ["ada-1"]

    def test_points_and_states_are_shown_and_filtered(self, admin_client: Client) -> None:
        points.earn(a_member("rich"), points=1234, reference="1", amazon_trip_id="")
        block_member(a_member("bad"), reason="Took a trolley.")
        anonymize_member(a_member("gone"))
        a_member("staff", kind="ASSOCIATE")

        assert "1,234" in shown(admin_client, MEMBERS)
        assert found(admin_client, "state=blocked") == ["bad"]
        assert found(admin_client, "kind__exact=ASSOCIATE") == ["staff"]
        (erased,) = found(admin_client, "state=erased")
        assert erased.startswith("anonymous-")

    def test_the_number_of_statements_does_not_grow(self, admin_client: Client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                admin_client.get(MEMBERS)
            return len(captured)

        a_member("m", "C"), a_member("n", "D")
        statements()
        before = statements()
        for number in range(20):
            points.earn(a_member(f"m-{number}", f"C-{number}"), points=1, reference=str(number), amazon_trip_id="")
        assert statements() == before
        assert before < 15

    def test_an_empty_list_says_how_members_come(self, admin_client: Client) -> None:
        assert "/api/v1/members/" in shown(admin_client, MEMBERS)


class TestForm:
    def test_a_member_is_added_with_codes_and_announced(self, admin_client: Client, news: list[set[str]]) -> None:
        answer = admin_client.post(f"{MEMBERS}add/", form("1111-2222", " CARD ", phone="0044 7700 900123"))

        assert answer.status_code == 302, answer.context["errors"]
        member = Member.objects.get()
        assert member.phone == "+447700900123"
        assert {code.value for code in member.codes.all()} == {"1111-2222", "CARD"}
        assert news == [{"ada-1", "1111-2222", "CARD"}]

    def test_a_new_code_is_announced_and_an_old_one_is_not(self, admin_client: Client, news: list[set[str]]) -> None:
        member = a_member("ada-1", "OLD")
        news.clear()
        old = Code.objects.get()

        admin_client.post(page_of(member), form((str(old.pk), "OLD"), "NEW", name="Ada"))

        assert {code.value for code in member.codes.all()} == {"OLD", "NEW"}
        assert Member.objects.get().name == "Ada"
        assert news == [{"NEW"}]

    @pytest.mark.parametrize(
        ("codes", "fields", "words"),
        [
            (["BOBS"], {}, "“BOBS” stands for member bob already."),
            (["bob"], {}, "“bob” stands for member bob already."),
            (["a|b"], {}, "cannot be a code"),
            ([], {"external_id": "BOBS"}, "“BOBS” stands for member bob already."),
            ([], {"external_id": "bob"}, "stands for member bob already."),
            ([], {"external_id": "a/b"}, "must not contain “/”"),
            ([], {"phone": "call me"}, "This is no phone number."),
            ([], {"email": "nobody"}, "Enter a valid email address."),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(
        self, admin_client: Client, codes: list[str], fields: Any, words: str
    ) -> None:
        a_member("bob", "BOBS")

        answer = admin_client.post(f"{MEMBERS}add/", form(*codes, **fields))

        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert Member.objects.count() == 1

    def test_the_external_id_stays(self, admin_client: Client) -> None:
        member = a_member("ada-1")

        admin_client.post(page_of(member), form(external_id="ada-2", tier="gold"))

        assert (Member.objects.get().external_id, Member.objects.get().tier) == ("ada-1", "gold")

    def test_personal_data_that_one_may_not_see_one_may_not_change(self, client: Client) -> None:
        member = a_member("ada-1", name="Ada Demo", tier="silver")
        client.force_login(staff_with("loyalty.view_member", "loyalty.change_member"))

        assert "Ada Demo" not in shown(client, page_of(member))
        client.post(page_of(member), form(name="Bob", tier="gold"))

        assert (Member.objects.get().name, Member.objects.get().tier) == ("Ada Demo", "gold")

    def test_nobody_deletes_a_member_or_changes_one_who_was_erased(self, admin_client: Client) -> None:
        member = anonymize_member(a_member("ada-1", "CODE"))

        assert admin_client.post(page_of(member, "delete"), {"post": "yes"}).status_code == 403
        assert admin_client.post(page_of(member), form("NEW", name="Ada")).status_code == 403
        assert "The personal data were erased" in shown(admin_client, page_of(member))
        assert not Code.objects.exists()


class TestPage:
    def test_codes_can_be_scanned_off_it(self, admin_client: Client) -> None:
        member = a_member("ada-1", "1111-2222", loyalty=("LOY-1",))

        page = shown(admin_client, page_of(member))

        assert page.count("<svg") >= 2
        assert "opens no gate" in page

    def test_points_and_scans_are_shown(self, admin_client: Client) -> None:
        member, store = a_member(), a_store("Shibuya", time_zone="Asia/Tokyo")
        points.earn(member, points=7, reference="earned/T-1", amazon_trip_id="T-1")
        a_scan(member, store, is_accepted=False, reason="The code was 120 s old.")

        page = shown(admin_client, page_of(member))

        assert "+7" in page
        assert "The code was 120 s old." in page
        assert "JST" in page

    def test_each_part_needs_its_right(self, client: Client) -> None:
        member = a_member("ada-1", "SECRET-CODE", name="Ada Demo")
        points.earn(member, points=7, reference="earned/T-1", amazon_trip_id="T-1")
        client.force_login(staff_with("loyalty.view_member"))

        page = shown(client, page_of(member))

        for hidden in ("SECRET-CODE", "<svg viewBox", "Ada Demo", "T-1", "Last scans", "Last trips", "New scan key"):
            assert hidden not in page, hidden
        for action in ("block/", "anonymize/", "points/"):
            assert f"{MEMBERS}{member.pk}/{action}" not in page

    def test_the_number_of_statements_does_not_grow(self, admin_client: Client) -> None:
        member, store = a_member("ada-1", "A"), a_store()

        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                admin_client.get(page_of(member))
            return len(captured)

        def more(number: int) -> None:
            points.earn(member, points=1, reference=str(number), amazon_trip_id="")
            a_scan(member, store)

        more(0)
        more(1)
        statements()
        before = statements()
        for number in range(2, 9):
            more(number)
        assert statements() == before
        assert before < 25

    @pytest.mark.parametrize("url", ["999/change/", "999/block/", "nonsense/change/"])
    def test_nobody_is_not_found(self, admin_client: Client, url: str) -> None:
        assert admin_client.get(f"{MEMBERS}{url}").status_code in {302, 404}

    def test_the_page_needs_its_right(self, client: Client) -> None:
        member = a_member()
        assert client.get(page_of(member)).url.startswith("/admin/login/")
        client.force_login(staff_with("orders.view_trip"))
        assert client.get(page_of(member)).status_code == 403
        assert client.get(MEMBERS).status_code == 403


class TestActions:
    def test_asking_changes_nothing(self, admin_client: Client) -> None:
        member = a_member()

        for part in ("block", "anonymize", "points"):
            assert "ada-1" in shown(admin_client, page_of(member, part))
        assert not Member.objects.get().is_blocked
        assert not LogEntry.objects.exists()

    def test_a_member_is_blocked_with_a_reason_and_let_in_again(self, admin_client: Client) -> None:
        member = a_member()

        assert "This field is required" in admin_client.post(page_of(member, "block"), {"reason": " "}).content.decode()
        assert not Member.objects.get().is_blocked
        admin_client.post(page_of(member, "block"), {"reason": "Took a trolley."})
        assert Member.objects.get().is_blocked
        assert "Took a trolley." in shown(admin_client, page_of(member))

        again = admin_client.post(page_of(member, "block"), {"reason": "Again."}, follow=True)
        assert "blocked already" in again.content.decode()
        admin_client.post(page_of(member, "unblock"))
        assert (Member.objects.get().is_blocked, Member.objects.get().block_reason) == (False, "")
        refused = admin_client.post(page_of(member, "unblock"), follow=True)
        assert "This member is not blocked." in refused.content.decode()
        assert LogEntry.objects.count() == 2

    def test_erasing_leaves_no_name_on_the_page_or_in_the_history(self, admin_client: Client) -> None:
        member = a_member("ada-1", "1111-2222", name="Ada Demo", email="ada@example.com", tier="gold")
        code = (str(Code.objects.get().pk), "1111-2222")
        admin_client.post(page_of(member), form(code, "SECOND-CODE", name="Ada Demo"), follow=True)
        admin_client.post(page_of(member, "block"), {"reason": "She took a trolley."}, follow=True)
        assert "SECOND-CODE" in str(list(LogEntry.objects.values()))

        page = admin_client.post(page_of(member, "anonymize"), follow=True).content.decode()

        history = str(list(LogEntry.objects.values_list("object_repr", "change_message")))
        for gone in ("ada-1", "1111-2222", "SECOND-CODE", "Ada Demo", "ada@example.com", "gold", "trolley"):
            assert gone not in page, gone
            assert gone not in history, gone
        assert f"anonymous-{member.pk}" in page
        second = admin_client.post(page_of(member, "anonymize"), follow=True)
        assert "were erased" in second.content.decode()

    def test_points_are_corrected_with_a_note_and_once_per_form(self, admin_client: Client) -> None:
        member = a_member()
        sent = {"points": "-5", "note": "Wrong card.", "reference": "6b1f0c5e-0000-4000-8000-000000000000"}

        first = admin_client.post(page_of(member, "points"), sent, follow=True).content.decode()
        second = admin_client.post(page_of(member, "points"), sent, follow=True).content.decode()

        entry = PointsEntry.objects.get()
        assert (entry.points, entry.kind, entry.actor, entry.note) == (-5, "corrected", "admin", "Wrong card.")
        assert "-5 points" in first
        assert "sent twice" in second
        assert points.balance(member) == -5

    @pytest.mark.parametrize("wrong", [{"points": "0"}, {"points": "1e99"}, {"points": "x"}, {"note": " "}])
    def test_a_correction_without_number_or_note_is_none(self, admin_client: Client, wrong: dict[str, str]) -> None:
        sent = {"points": "5", "note": "Sorry.", "reference": "6b1f0c5e-0000-4000-8000-000000000000"}

        assert admin_client.post(page_of(a_member(), "points"), sent | wrong).status_code in {200, 302}
        assert not PointsEntry.objects.exists()

    def test_a_scan_key_is_shown_once(self, admin_client: Client) -> None:
        member = a_member()

        answer = admin_client.post(page_of(member, "scan-key"))

        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert "<svg" in answer.content.decode()
        assert "90 seconds" in answer.content.decode()
        assert ScanKey.objects.get().member == member
        assert admin_client.get(page_of(member, "scan-key")).status_code == 405

    def test_a_blocked_member_gets_no_scan_key(self, admin_client: Client) -> None:
        member = a_member()
        block_member(member, reason="Took a trolley.")

        assert "opens a gate" in admin_client.post(page_of(member, "scan-key")).content.decode()
        assert not ScanKey.objects.exists()

    @pytest.mark.parametrize(
        ("part", "right"),
        [
            ("block", "loyalty.block_member"),
            ("unblock", "loyalty.block_member"),
            ("anonymize", "loyalty.anonymize_member"),
            ("points", "loyalty.correct_points"),
            ("scan-key", "loyalty.add_scankey"),
        ],
    )
    def test_each_action_needs_its_right(self, client: Client, part: str, right: str) -> None:
        member = a_member()
        assert client.post(page_of(member, part)).url.startswith("/admin/login/")
        client.force_login(staff_with("loyalty.view_member", "loyalty.change_member", username="clerk"))
        refused = client.post(page_of(member, part), {"reason": "x", "points": "1", "note": "x"})
        assert refused.status_code == 403
        assert right in refused.content.decode()
        client.force_login(staff_with(right, username="blind"))
        assert client.post(page_of(member, part)).status_code == 403
        assert Member.objects.get() == member
        assert not PointsEntry.objects.exists()
        assert not ScanKey.objects.exists()
