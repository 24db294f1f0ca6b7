"""VerifyIdentityKeys. Amazon: verify_identity_keys, verify_identity_keys_test_cases, mobile_app_entry."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import (
    NOT_A_UUID,
    TOO_LONG,
    UNKNOWN_STORE,
    Bodies,
    Body,
    Case,
    Check,
    Section,
    SkippedError,
    Stage,
    common_cases,
    edited,
    empty,
    encoded,
    fresh_id,
    given,
    not_testable,
    now,
    one,
    refused,
    same_answers,
    says_why,
    text_of,
    twice,
)
from sandbox.connectivity.scan_keys import fresh_scan_key

ROUTE = "/v1/identity/identity-keys"
LONG_AFTER = timedelta(minutes=10)


def scan(stage: Stage, code: str, scanned: timedelta = timedelta()) -> Body:
    return {
        "requestId": fresh_id(),
        "identityKey": encoded(code),
        "storeId": stage.setup.store,
        "authEvent": {"id": fresh_id(), "timestamp": now(scanned), "location": "ENTRY"},
        "keyChannel": "OPTICAL",
    }


def shopper(stage: Stage) -> Body:
    return scan(stage, given(stage.setup.shopper_code, "--shopper-code"))


def associate(stage: Stage) -> Body:
    return scan(stage, given(stage.setup.associate_code, "--associate-code"))


def blocked(stage: Stage) -> Body:
    return scan(stage, given(stage.setup.blocked_code, "--blocked-code"))


def unknown(stage: Stage) -> Body:
    return scan(stage, f"nobody-{fresh_id()}")


def shaped_like_amazons(stage: Stage) -> Body:
    """Amazon's sample Lambda wants seven characters and 32 hex digits."""
    return scan(stage, "JWOIMAG" + fresh_id().replace("-", ""))


def same_event_again(stage: Stage) -> Sequence[Body]:
    body = shopper(stage)
    return [body, body | {"requestId": fresh_id()}]


def group(stage: Stage) -> Sequence[Body]:
    key = fresh_scan_key(stage)
    return [scan(stage, key), scan(stage, key)]


def with_scan_key(change: Callable[[str], str], scanned: timedelta = timedelta()) -> Bodies:
    return lambda stage: [scan(stage, change(fresh_scan_key(stage)), scanned)]


def unchanged(key: str) -> str:
    return key


def with_another_token(key: str) -> str:
    """The last character is part of the timestamp; the token stands in the middle."""
    middle = len(key) // 2
    return key[:middle] + ("0" if key[middle] != "0" else "1") + key[middle + 1 :]


def with_another_prefix(key: str) -> str:
    return "XXXX" + key[4:]


def too_many(stage: Stage) -> Sequence[Body]:
    """Twice the limit and one more: a minute that ends in between lets in no more than that."""
    if not stage.setup.rate_limit:
        raise SkippedError("the limit is not known; give it with --rate-limit")
    return [shopper(stage) for _ in range(2 * stage.setup.rate_limit + 1)]


def visitor(wanted: str) -> Check:
    def check(replies: Sequence[Reply]) -> str:
        for reply in replies:
            details = (reply.content or {}).get("visitorDetails")
            if not isinstance(details, dict):
                return "the answer has no visitorDetails"
            if fault := text_of(details, "id"):
                return f"visitorDetails.{fault}"
            if details.get("type") != wanted:
                return f"visitorDetails.type is {details.get('type')}, not {wanted}"
        return ""

    return check


def a_limit_was_met(replies: Sequence[Reply]) -> str:
    limited = [reply for reply in replies if reply.status == 429]
    if not limited:
        return f"none of {len(replies)} calls was answered 429"
    return "" if any("Retry-After" in reply.headers for reply in limited) else "the 429 has no header Retry-After"


IDENTITY = Section(
    "identity",
    "VerifyIdentityKeys",
    ROUTE,
    (
        *common_cases(shopper, "authEvent", 200),
        Case("1.1", "valid shopper key, ENTRY, OPTICAL", one(shopper), (200,), visitor("SHOPPER")),
        Case("1.2", "valid associate key", one(associate), (200,), visitor("ASSOCIATE")),
        refused("2-a", "unknown key", one(unknown), 401),
        refused("2-b", "unknown key in the form of Amazon's sample", one(shaped_like_amazons), 401),
        refused("2-c", "key of somebody who is blocked", one(blocked), 401),
        refused("3.1", "requestId missing", edited(shopper, "requestId")),
        refused("3.2", "requestId is not a UUID", edited(shopper, "requestId", NOT_A_UUID)),
        refused("3.3", "identityKey missing", edited(shopper, "identityKey")),
        refused("3.4", "identityKey over 1000 characters", edited(shopper, "identityKey", encoded("x" * 900))),
        refused("3.5", "identityKey is not Base64", edited(shopper, "identityKey", "%%% not Base64 %%%")),
        refused("3.6", "storeId missing", edited(shopper, "storeId")),
        refused("3.7", "storeId over 255 characters", edited(shopper, "storeId", TOO_LONG)),
        refused("3.8", "storeId unknown", edited(shopper, "storeId", UNKNOWN_STORE)),
        refused("3.9", "authEvent missing", edited(shopper, "authEvent")),
        refused("3.10", "authEvent.id missing", edited(shopper, "authEvent.id")),
        refused("3.11", "authEvent.id is not a UUID", edited(shopper, "authEvent.id", NOT_A_UUID)),
        refused("3.12", "authEvent.timestamp missing", edited(shopper, "authEvent.timestamp")),
        refused("3.13", "authEvent.timestamp is no time", edited(shopper, "authEvent.timestamp", "yesterday")),
        refused("3.14", "authEvent.location missing", edited(shopper, "authEvent.location")),
        refused("3.15", "authEvent.location not in the list", edited(shopper, "authEvent.location", "ROOF")),
        refused("3.16", "keyChannel not in the list", edited(shopper, "keyChannel", "TELEPATHY")),
        refused("3.17", "empty body", empty),
        not_testable("5", "internal failure", "nothing that is sent may cause a 500"),
        Case("6-a", "the same request again: the same answer", twice(shopper), (200,), same_answers),
        Case("6-b", "the same scan with a new requestId", same_event_again, (200,), same_answers),
        Case("6-c", "the same request twice at once", twice(shopper), (200,), same_answers, is_at_once=True),
        Case("7-a", "fresh scan key", with_scan_key(unchanged), (200,), visitor("SHOPPER")),
        Case("7-b", "a group: the same scan key, scanned twice", group, (200,), same_answers),
        Case("7-c", "scan key scanned 10 minutes later", with_scan_key(unchanged, LONG_AFTER), (401,), says_why),
        Case("7-d", "scan key with another token", with_scan_key(with_another_token), (401,), says_why),
        Case("7-e", "scan key with another prefix", with_scan_key(with_another_prefix), (401,), says_why),
        not_testable("8", "gate behaviour", "the gate is Amazon's; 200 opens it, anything else does not"),
        not_testable("9", "performance", "Amazon publishes no threshold; see the column ms"),
        # The last one: whoever is limited refuses everything that follows.
        Case("4", "too many calls", too_many, (200, 429), a_limit_was_met, is_at_once=True),
    ),
)
