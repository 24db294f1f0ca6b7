"""What every operation must do. Amazon: catalog_api_invoke (signature), cancel_charge (429), faq (403).

The order of the checks is our reading: signature, throttling, form of the body, trip, its age, its state.
"""

from collections.abc import Sequence
from datetime import timedelta

from sandbox.check.cases import (
    ANYTHING,
    BAD_STORE,
    EXPIRED,
    TOKEN_LIFE,
    UNKNOWN_TRIP,
    Bodies,
    Books,
    Case,
    Fault,
    Make,
    Start,
    Step,
    bad_request,
    in_turn,
    refused,
)
from sandbox.check.signing import Signing
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import Check, edited, one, says_why

UNKNOWN = Start(magic="invalid-shopping-trip-uuid")
NOT_ANNOUNCED = Start(is_announced=False)
AMAZON_HOST = "us-east-1.payments.amazonphysicalstores.com"
AMAZON_TEST_HOST = "us-east-1.test.payments.amazonphysicalstores.com"
LIMITED = Fault(429, retry_after="2")

FORGERIES = (
    ("0-b", "a key that nobody has", Signing(access_key="no-such-key")),
    ("0-c", "the wrong secret", Signing(secret_key="no-such-secret")),
    ("0-d", "another region than the host's", Signing(region="eu-west-1", host=AMAZON_HOST)),
    ("0-e", "a region without Just Walk Out", Signing(region="mars-north-1")),
    ("0-f", "another service than execute-api", Signing(service="s3")),
    ("0-g", "signed an hour ago", Signing(age=timedelta(hours=1))),
    ("0-h", "signed an hour ahead", Signing(age=-timedelta(hours=1))),
    ("0-i", "the body changed after signing", Signing(is_of_another_body=True)),
)


def door_cases(
    make: Make,
    status: int = 200,
    *,
    before: tuple[Step, ...] = (),
    untouched: Books = ANYTHING,
    malformed: Check = bad_request,
) -> tuple[Case, ...]:
    """`status` is that of a good call, `untouched` are the books after a refused one.

    `malformed` judges what is said of a body that is no body, here and in `trip_cases`.
    """
    body = one(make)
    unsigned, tested = Signing(is_missing=True), Signing(host=AMAZON_TEST_HOST)
    forged = (
        Case(number, title, body, (403,), from_gateway, before=before, signing=signing, books=untouched)
        for number, title, signing in FORGERIES
    )
    return (
        Case("0-a", "not signed", body, (403,), token_missing, before=before, signing=unsigned, books=untouched),
        *forged,
        Case("0-j", "not signed, and not JSON either", lambda _trip: [b"{"], (403,), token_missing, signing=unsigned),
        Case("0-k", "a test host's region is its first label", body, (status,), before=before, signing=tested),
        Case("0-l", "temporary keys with a token", body, (status,), before=before, signing=Signing(token="a-token")),
        Case("0-m", "not JSON, not an object", not_an_object, (400,), malformed),
        Case("0-n", "429 comes before a look at the body", not_an_object, (429,), asks_to_wait, fault=LIMITED),
        Case("0-o", "429 above a limit of calls", lambda _trip: [b"{"] * 3, (400, 429), let_one_in, per_second=0.01),
    )


def trouble_cases(
    make: Make,
    numbers: tuple[str, str, str],
    *,
    before: tuple[Step, ...] = (),
    untouched: Books = ANYTHING,
) -> tuple[Case, ...]:
    """429, 500 and 503, which change nothing."""
    throttled, broken, unavailable = numbers
    body = one(make)
    return (
        Case(
            throttled, "429 with Retry-After", body, (429,), asks_to_wait, before=before, fault=LIMITED, books=untouched
        ),
        Case(broken, "500", body, (500,), says_why, before=before, fault=Fault(500), books=untouched),
        Case(unavailable, "503", body, (503,), says_why, before=before, fault=Fault(503), books=untouched),
    )


def trip_cases(
    make: Make,
    unknown: str = UNKNOWN_TRIP,
    *,
    before: tuple[Step, ...] = (),
    malformed: Check = bad_request,
    expires: bool = True,
) -> tuple[Case, ...]:
    """`expires`: whether the call is refused once the trip's 46 hours are over."""
    body, bad_store = one(make), edited(make, "storeId", BAD_STORE)
    of_all = (
        refused("0-p", "a trip that was never announced", body, unknown, start=NOT_ANNOUNCED),
        refused("0-q", "a trip of another store (our reading)", edited(make, "storeId", "ANOTHER_STORE"), unknown),
        Case("0-r", "the body is looked at before the trip", bad_store, (400,), malformed, start=UNKNOWN),
    )
    if not expires:
        return of_all
    expired = Start(magic="expired-shopping-trip-uuid")
    almost = TOKEN_LIFE - timedelta(minutes=1)
    return (
        *of_all,
        refused("0-s", "46 hours after the trip's start", body, EXPIRED, before=before, later=TOKEN_LIFE),
        Case("0-t", "a minute before that", body, (200, 201), before=before, later=almost),
        refused("0-u", "the magic trip that has expired", body, EXPIRED, start=expired),
        refused("0-v", "an unknown trip, late: unknown, not expired", body, unknown, start=UNKNOWN, later=TOKEN_LIFE),
    )


def magic_trouble(make: Make, status: int = 200) -> tuple[Case, ...]:
    """The sandbox's own names for trouble. For calls that a new trip may begin with."""
    body = one(make)

    def three(number: str, magic: str, trouble: int) -> Case:
        title = f"{magic}: {trouble} twice, then {status}"
        check = in_turn(trouble, trouble, status)
        return Case(number, title, thrice(make), (trouble, status), check, start=Start(magic=magic))

    return (
        three("m-a", "throttled-trip-uuid", 429),
        three("m-b", "unavailable-trip-uuid", 503),
        Case("m-c", "server-error-trip-uuid: 500", body, (500,), says_why, start=Start("server-error-trip-uuid")),
        Case("m-d", "forbidden-trip-uuid: 403", body, (403,), from_gateway, start=Start("forbidden-trip-uuid")),
        refused("m-e", "bad-request-trip-uuid: 400", body, start=Start("bad-request-trip-uuid")),
    )


def thrice(make: Make) -> Bodies:
    return lambda trip: [make(trip)] * 3


def not_an_object(_trip: object) -> Sequence[bytes]:
    return [b"", b"{", b"null", b"[]", b'"text"', b"\xff"]


def token_missing(replies: Sequence[Reply]) -> str:
    wanted = {"message": "Missing Authentication Token"}
    return "" if replies[0].content == wanted else f"it said {replies[0].said}, not Missing Authentication Token"


def from_gateway(replies: Sequence[Reply]) -> str:
    """API Gateway's own body: no errorMsg."""
    return "errorMsg is not a word of API Gateway" if "errorMsg" in (replies[0].content or {}) else says_why(replies)


def let_one_in(replies: Sequence[Reply]) -> str:
    return in_turn(400, 429, 429)(replies) or asks_to_wait(replies[1:])


def asks_to_wait(replies: Sequence[Reply]) -> str:
    """Amazon documents the header, not its form: whole seconds are our reading."""
    if not all(reply.headers.get("retry-after", "").isdigit() for reply in replies):
        return "Retry-After is missing or not a number of seconds"
    return says_why(replies)
