"""Scan keys: how they are made, what is kept of them and for how long, and which settings they allow."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.checks import run_checks

from core.errors import Conflict
from loyalty.models import Member, ScanKey
from loyalty.services.blocking import block_member
from loyalty.services.erasure import anonymize_member
from loyalty.services.scan_keys import issue_scan_key
from loyalty.tasks import forget_old_scan_keys
from loyalty.tests.people import a_member

NOW = datetime(2026, 1, 5, 9, 0, 0, 600_000, tzinfo=UTC)


@pytest.fixture
def ada(db: None) -> Member:
    return a_member("ada-1")


def test_a_scan_key_is_prefix_token_and_time(ada: Member, settings: Any) -> None:
    settings.SCAN_KEY_PREFIX = "SHOP24"

    with time_machine.travel(NOW, tick=False):
        text = issue_scan_key(ada)

    assert re.fullmatch(r"SHOP24[0-9a-f]{32}1767603600", text)
    assert text.isalnum(), "a gate reads letters and digits only"


def test_no_two_scan_keys_are_alike(ada: Member) -> None:
    with time_machine.travel(NOW, tick=False):
        assert len({issue_scan_key(ada) for _ in range(50)}) == 50


def test_only_a_digest_of_the_key_is_kept(ada: Member) -> None:
    with time_machine.travel(NOW, tick=False):
        text = issue_scan_key(ada)

    key = ScanKey.objects.get()
    assert (key.member, key.issued_at) == (ada, NOW.replace(microsecond=0))
    assert key.digest == hashlib.sha256(text.encode()).hexdigest()


def test_a_member_whom_no_gate_lets_in_gets_no_key(ada: Member) -> None:
    bob = a_member("bob-1")
    block_member(ada, reason="Took the trolley home")
    anonymize_member(bob)

    for member in (ada, bob):
        member.refresh_from_db()
        with pytest.raises(Conflict):
            issue_scan_key(member)
    assert not ScanKey.objects.exists()


def test_keys_are_forgotten_after_a_day(ada: Member) -> None:
    with time_machine.travel(NOW.replace(microsecond=0), tick=False) as clock:
        issue_scan_key(ada)
        clock.shift(timedelta(hours=24))
        young = issue_scan_key(ada)

        assert forget_old_scan_keys() == 0
        clock.shift(timedelta(seconds=1))
        assert forget_old_scan_keys() == 1

    assert ScanKey.objects.get().digest == hashlib.sha256(young.encode()).hexdigest()


@pytest.mark.parametrize(("seconds", "errors"), [(29, ["loyalty.E001"]), (30, []), (90, []), (91, ["loyalty.E001"])])
def test_a_key_may_live_for_30_to_90_seconds(seconds: int, errors: list[str], settings: Any) -> None:
    settings.SCAN_KEY_SECONDS = seconds

    assert [message.id for message in run_checks() if message.id.startswith("loyalty.")] == errors


@pytest.mark.parametrize(
    ("prefix", "errors"), [("A1", []), ("", ["loyalty.E002"]), ("SHOP-", ["loyalty.E002"]), ("É", ["loyalty.E002"])]
)
def test_a_prefix_is_alphanumeric(prefix: str, errors: list[str], settings: Any) -> None:
    settings.SCAN_KEY_PREFIX = prefix

    assert [message.id for message in run_checks() if message.id.startswith("loyalty.")] == errors
