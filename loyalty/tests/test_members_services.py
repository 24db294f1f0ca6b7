"""Writing members: what is checked, who hears of it, and what erasing leaves."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Conflict, DomainError, Invalid
from loyalty.events import member_anonymized, member_known
from loyalty.member_data import CodeData, MemberData, cleaned_code, cleaned_external_id
from loyalty.models import Code, Member, Scan, ScanKey
from loyalty.services.blocking import block_member
from loyalty.services.erasure import anonymize_member
from loyalty.services.members import Outcome, members_by_id, save_member
from loyalty.services.scan_keys import issue_scan_key
from loyalty.tests.people import a_member, a_store


@pytest.fixture
def news(db: None) -> Any:
    """Which ids became known, of whom."""
    heard: list[tuple[str, set[str]]] = []

    def listen(member: Member, ids: set[str], **kwargs: Any) -> None:
        heard.append((member.external_id, ids))

    member_known.connect(listen)
    yield heard
    member_known.disconnect(listen)


@pytest.mark.django_db
class TestWhoStandsBehindAnId:
    def test_a_code_and_an_external_id_stand_for_their_member(self) -> None:
        ada, bob = a_member("ada-1", "CARD", loyalty=("LOY",)), a_member("bob")

        found = members_by_id(["ada-1", "CARD", "LOY", "bob", "nobody", ""])

        assert found == {"ada-1": ada, "CARD": ada, "LOY": ada, "bob": bob}

    def test_a_code_wins_over_an_external_id(self) -> None:
        ada, _ = a_member("ada-1"), a_member("bob")
        Code.objects.create(member=ada, value="bob")  # as only two writers at the same moment could have it

        assert members_by_id(["bob"]) == {"bob": ada}

    def test_whoever_was_erased_is_nobody(self) -> None:
        erased = anonymize_member(a_member("ada-1", "CARD"))

        assert members_by_id(["ada-1", "CARD", erased.external_id]) == {}

    def test_it_is_one_statement_and_none_for_nothing(self) -> None:
        a_member("ada-1", "CARD")

        for ids, count in ((["ada-1", "CARD", "x"], 1), ([], 0), (["", "a\0b"], 0)):
            with CaptureQueriesContext(connection) as captured:
                members_by_id(ids)
            assert len(captured) == count


class TestSaving:
    def test_the_first_time_creates_and_later_ones_update(self, news: list[Any]) -> None:
        first = save_member("ada-1", MemberData(name="Ada", codes=(CodeData("CARD"),)))
        same = save_member("ada-1", MemberData(name="Ada", codes=(CodeData("CARD"),)))
        other = save_member("ada-1", MemberData(tier="gold"))

        assert [saved.outcome for saved in (first, same, other)] == [
            Outcome.CREATED,
            Outcome.UNCHANGED,
            Outcome.UPDATED,
        ]
        assert (Member.objects.get().name, Member.objects.get().tier) == ("Ada", "gold")
        assert news == [("ada-1", {"ada-1", "CARD"})]

    def test_only_new_codes_are_news(self, news: list[Any]) -> None:
        a_member("ada-1", "A", "B")
        news.clear()

        save_member("ada-1", MemberData(codes=(CodeData("B"), CodeData("C"))))
        save_member("ada-1", MemberData(codes=(CodeData("B", is_loyalty_only=True), CodeData("C"))))

        assert news == [("ada-1", {"C"})]
        assert dict(Code.objects.values_list("value", "is_loyalty_only")) == {"B": True, "C": False}

    def test_a_code_of_another_member_is_refused_by_name_and_nothing_is_written(self, news: list[Any]) -> None:
        a_member("bob", "CARD")

        with pytest.raises(Invalid, match="“CARD” stands for member bob already") as refused:
            a_member("ada-1", "CARD")

        assert refused.value.field == "codes"
        assert Member.objects.get().external_id == "bob"

    def test_whoever_was_erased_is_not_found_under_the_old_id(self, news: list[Any]) -> None:
        anonymize_member(a_member("ada-1"))

        assert save_member("ada-1", MemberData()).outcome == Outcome.CREATED

    @pytest.mark.parametrize("name", ["Ad\u200da", "Łukasz Ñandú", "阿达", "O'Neil  Jr.", "ن\u200cب"])
    def test_names_are_as_people_have_them(self, news: list[Any], name: str) -> None:
        assert a_member(name=name).name == name


@given(st.text(), st.sampled_from([cleaned_code, cleaned_external_id]))
def test_any_text_is_a_code_and_an_id_or_refused_in_words(text: str, cleaned: Any) -> None:
    try:
        bare = cleaned(text)
    except DomainError as error:
        refusal = error
    else:
        assert bare.isprintable()
        assert cleaned(bare) == bare
        return
    assert refusal.field in {"codes", "external_id"}
    assert refusal.message


@pytest.mark.django_db
class TestErasing:
    def test_nothing_that_names_the_person_is_left(self) -> None:
        member = a_member("ada-1", "CARD", name="Ada", email="ada@example.com", phone="+447700900123", tier="gold")
        issue_scan_key(member)
        block_member(member, reason="Took a trolley.")

        erased = anonymize_member(member)

        row = Member.objects.values().get(pk=member.pk)
        assert row.pop("external_id") == erased.external_id == f"anonymous-{member.pk}"
        assert row.pop("anonymized_at") is not None
        assert row.pop("kind") == "SHOPPER"
        assert row.pop("created_at") is not None
        assert row == {"id": member.pk, "blocked_at": None} | dict.fromkeys(
            ("name", "email", "phone", "tier", "block_reason"), ""
        )
        assert not Code.objects.exists()
        assert not ScanKey.objects.exists()

    def test_scans_keep_when_and_where_but_not_who(self) -> None:
        member, store = a_member("ada-1", "CARD"), a_store()
        common = {"store": store, "at": "2026-01-05T09:00Z", "is_accepted": True, "member": member}
        at_gate = {"kind": "identity", "request_id": "1", "event_id": "event-1", "resolved_id": "ada-1"}
        loyal = {"kind": "loyalty", "request_id": "2", "event_id": "Q0FSRA==", "resolved_id": "CARD"}
        for scan in (at_gate, loyal):
            Scan.objects.create(shown="…RD", resolved_type="SHOPPER", **common, **scan)

        erased = anonymize_member(member)

        told = list(Scan.objects.order_by("request_id").values_list("event_id", "shown", "resolved_id", "is_accepted"))
        assert told == [("event-1", "", erased.external_id, True), ("", "", erased.external_id, True)]

    def test_whoever_listens_hears_every_id_before_they_are_gone(self) -> None:
        heard: list[Any] = []

        def listen(member: Member, ids: set[str], replacement: str, **kwargs: Any) -> None:
            heard.append((member.codes.count(), ids, replacement))

        member = a_member("ada-1", "CARD")
        member_anonymized.connect(listen)
        try:
            anonymize_member(member)
        finally:
            member_anonymized.disconnect(listen)

        assert heard == [(1, {"ada-1", "CARD"}, f"anonymous-{member.pk}")]

    def test_it_is_done_once(self) -> None:
        erased = anonymize_member(a_member("ada-1"))

        with pytest.raises(Conflict):
            anonymize_member(erased)
        with pytest.raises(Conflict):
            block_member(erased, reason="Took a trolley.")
