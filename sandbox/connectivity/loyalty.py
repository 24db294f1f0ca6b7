"""ResolveScan, and what the portal's loyalty test sends. Amazon: resolve_scan, resolve_scan_test_cases, faq."""

from collections.abc import Callable, Sequence

from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import (
    SCAN_TYPES,
    UNKNOWN_STORE,
    Body,
    Case,
    Check,
    Section,
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
    same_answers,
    text_of,
    twice,
)

ROUTE = "/v1/identity/scan"


def scan(stage: Stage, code: str, location: str = "ENTRY") -> Body:
    return {
        "requestId": fresh_id(),
        "storeId": stage.setup.store,
        "scanEvent": {
            "id": fresh_id(),
            "timestamp": now(),
            "location": location,
            "value": encoded(code),
            "channel": "OPTICAL",
        },
    }


def known(stage: Stage) -> Body:
    return scan(stage, given(stage.setup.loyalty_code, "--loyalty-code"))


def in_store(stage: Stage) -> Body:
    return scan(stage, given(stage.setup.loyalty_code, "--loyalty-code"), "MANUAL_IN_STORE")


def plain(stage: Stage) -> Body:
    body = known(stage)
    return body | {"scanEvent": body["scanEvent"] | {"value": stage.setup.loyalty_code}}


def as_in_the_faq(stage: Stage) -> Body:
    """The token stands in `id`, in Base64 with a blank behind it, and `value` holds a word."""
    body = known(stage)
    return body | {"scanEvent": body["scanEvent"] | {"id": f"{body['scanEvent']['value']} ", "value": "string"}}


def unknown(stage: Stage) -> Body:
    return scan(stage, f"nobody-{fresh_id()}")


def same_code_again(stage: Stage) -> Sequence[Body]:
    return [known(stage), known(stage)]


def decided(action: str) -> Check:
    def check(replies: Sequence[Reply]) -> str:
        for reply in replies:
            if reply.content is None:
                return "the answer is not a JSON object"
            # Nobody stands behind a rejected code, so any text may be its id (Amazon: faq).
            if fault := text_of(reply.content, "id", may_be_empty=action == "REJECT"):
                return fault
            if reply.content.get("type") not in SCAN_TYPES:
                return f"type is {reply.content.get('type')}, not one of {', '.join(SCAN_TYPES)}"
            if reply.content.get("action") != action:
                question = ": is --loyalty-code one that it knows?" if action == "ACCEPT" else ""
                return f"action is {reply.content.get('action')}, not {action}{question}"
        return ""

    return check


def refused_or_rejected(replies: Sequence[Reply]) -> str:
    """Amazon merely recommends the 400s here, and prints no body for them."""
    return "" if replies[0].status == 400 else decided("REJECT")(replies)


def unfit(number: str, title: str, bodies: Callable[[Stage], Sequence[Body | bytes]]) -> Case:
    return Case(number, title, bodies, (400, 200), refused_or_rejected)


LOYALTY = Section(
    "loyalty",
    "ResolveScan",
    ROUTE,
    (
        *common_cases(known, "scanEvent", 200),
        Case("1.1", "valid code, ENTRY, OPTICAL", one(known), (200,), decided("ACCEPT")),
        Case("1-a", "valid code, MANUAL_IN_STORE", one(in_store), (200,), decided("ACCEPT")),
        Case("1-b", "valid code, not in Base64", one(plain), (200,), decided("ACCEPT")),
        Case("1-c", "the same request again: the same answer", twice(known), (200,), same_answers),
        Case("1-d", "the same code in another scan: the same answer", same_code_again, (200,), same_answers),
        Case("faq-1", "the token in scanEvent.id, with a blank", one(as_in_the_faq), (200,), decided("ACCEPT")),
        Case("faq-2", "loyalty connectivity: unknown token", one(unknown), (200,), decided("REJECT")),
        unfit("2-a", "requestId missing", edited(unknown, "requestId")),
        unfit("2-b", "storeId missing", edited(unknown, "storeId")),
        unfit("2-c", "storeId unknown", edited(unknown, "storeId", UNKNOWN_STORE)),
        unfit("2-d", "scanEvent missing", edited(unknown, "scanEvent")),
        unfit("2-e", "scanEvent is no object", edited(unknown, "scanEvent", "scan")),
        unfit("3-a", "empty body", empty),
        not_testable("4", "internal failure", "nothing that is sent may cause a 500"),
    ),
)
