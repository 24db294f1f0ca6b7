"""What each documented answer of Amazon's means to staff."""

import json

import pytest

from amazon.outbound.advice import read_answer

SAFE = "Trying again is safe."
USELESS = "Trying again is safe, but the answer stays the same until something is changed."
UNSAFE = "Trying again is not safe: it may have happened. Find out first."


def named(name: str, field: str = "errorMsg") -> str:
    return json.dumps({field: name})


@pytest.mark.parametrize(
    ("status", "name", "words"),
    [
        (400, "UnknownShoppingTrip", "does not know this trip"),
        (400, "UnknownShoppingTripException", "does not know this trip"),
        (400, "BadRequestException", "missing or malformed"),
        (400, "InvalidRequestException", "field missing"),
        (400, "CartContentValidationFailedException", "items, promotions and taxes do not agree"),
        (400, "CartOrderTotalInvalidException", "totals do not agree"),
        (400, "ShoppingTripExpiredException", "46 hours"),
        (403, "AuthenticationException", "does not accept our signature"),
        (403, "Missing Authentication Token", "was not signed"),
        (
            403,
            "User: arn:aws:iam::1:user/x is not authorized to perform: execute-api:Invoke",
            "has not allowed our AWS",
        ),
        (403, "Signature expired: 20261127T000000Z", "clock of this machine"),
        (400, "SomethingNew", "refuses the request as it is"),
    ],
)
def test_a_refusal_is_told_in_plain_words_with_amazons_own_beside_them(status: int, name: str, words: str) -> None:
    for field in ("errorMsg", "message", "Message"):
        reading = read_answer("adjust", status, named(name, field), f"Amazon answered {status} {name}.")

        assert words in reading.words
        assert (reading.code, reading.retry, reading.tone) == (name, USELESS, "danger")


def test_being_asked_to_wait_is_no_refusal() -> None:
    reading = read_answer("refund", 429, named("Too Many Requests"))

    assert (reading.pill, reading.retry) == ("put off", SAFE)


@pytest.mark.parametrize("operation", ["adjust", "cancel", "refund", "checkout", "feedback", "transactional-data"])
@pytest.mark.parametrize(
    ("status", "error"),
    [(500, "Amazon answered 500."), (503, "Amazon answered 503."), (None, "No answer came in time."), (302, "")],
)
def test_what_has_a_key_or_takes_no_money_may_be_sent_again(operation: str, status: int | None, error: str) -> None:
    assert read_answer(operation, status, "", error).retry == SAFE


@pytest.mark.parametrize("status", [500, 503, None])
def test_a_capture_without_an_answer_may_not(status: int | None) -> None:
    assert read_answer("capture", status, "", "No answer came in time.").retry == UNSAFE


def test_a_capture_that_never_left_may_be_sent_again() -> None:
    reading = read_answer("capture", None, "", "Amazon could not be reached: no connection.")

    assert (reading.pill, reading.retry) == ("not sent", SAFE)


@pytest.mark.parametrize(
    ("operation", "said", "pill"),
    [
        ("adjust", "APPROVED", "done"),
        ("adjust", "DECLINED", "declined"),
        ("adjust", "PENDING", "pending"),
        ("feedback", "Accepted", "done"),
        ("feedback", "Rejected", "rejected"),
    ],
)
def test_a_200_can_say_no(operation: str, said: str, pill: str) -> None:
    assert read_answer(operation, 200, json.dumps({"status": said})).pill == pill


def test_an_answer_that_nobody_can_read_is_unclear() -> None:
    reading = read_answer("capture", 200, "<html>", "The answer is not what the contract says.")

    assert (reading.pill, reading.retry) == ("unclear", UNSAFE)


def test_a_processor_is_called_by_its_name() -> None:
    reading = read_answer("Stripe: POST refunds", 400, "{}", "Stripe answered 400: no such charge")

    assert reading.words == "Stripe refuses the request as it is."
