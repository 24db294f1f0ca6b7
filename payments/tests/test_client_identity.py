"""A shopper's e-mail: how Amazon is asked for it, and that it stands nowhere but in the answer."""

import pytest

from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, Refused
from amazon.outbound.transport import Failure
from payments.clients.payment_service import shopper_email
from payments.tests.scripted_host import ScriptedHost, refusal

EMAIL = "ann.other+jwo@example.co.uk"


def test_path_and_body_are_the_documented_ones(host: ScriptedHost) -> None:
    host.says(200, f'{{"shopperEmail":"{EMAIL}"}}')

    email, call = shopper_email(host.address(), "shopper-1")

    [(path, headers, body)] = host.seen
    assert path == "/v1/identity/shopper"
    assert body == b'{"storeId":"STORE-1","shopperId":{"id":"shopper-1"}}'
    assert "/eu-west-1/execute-api/aws4_request" in headers["Authorization"]
    assert (email, call.operation, call.status) == (EMAIL, "shopper-identity", 200)


def test_an_id_of_every_allowed_character_and_the_greatest_length_is_sent(host: ScriptedHost) -> None:
    host.says(200, "{}")

    shopper_email(host.address(), "_.-aZ09" * 36 + "aaa")

    assert len(host.seen) == 1


@pytest.mark.parametrize(
    "body",
    ["", "\n", "null", "{}", '{"shopperEmail":null}', '{"shopperEmail":""}', '{"new":{"shopperEmail":"a@b.example"}}'],
)
def test_a_shopper_whom_amazon_does_not_know_has_no_email(host: ScriptedHost, body: str) -> None:
    host.says(200, body)

    email, call = shopper_email(host.address(), "nobody")

    assert (email, call.error) == ("", "")


@pytest.mark.parametrize("shopper_id", ["", " ", "a b", "someone@example.com", "a" * 256, "a\n", "é"])
def test_an_id_that_amazon_would_refuse_is_not_sent_and_not_repeated(host: ScriptedHost, shopper_id: str) -> None:
    error = refusal(lambda: shopper_email(host.address(), shopper_id))

    assert type(error) is Refused
    assert str(error).startswith("Not sent: the shopper's id")
    assert "someone" not in str(error)
    assert host.seen == []


def test_a_store_id_that_amazon_would_refuse_is_not_sent(host: ScriptedHost) -> None:
    error = refusal(lambda: shopper_email(host.address(store_id="INVALID@STORE#ID"), "shopper-1"))

    assert str(error).startswith("Not sent: storeId")
    assert host.seen == []


@pytest.mark.parametrize(
    "email",
    [
        "plain",
        "a@b",
        "@example.com",
        "a@example.c0m",
        "a b@example.com",
        "a@example.com\\n",
        "é@example.com",
        f"{'a' * 117}@example.com",
    ],
)
def test_what_is_no_email_by_amazons_rule_is_no_answer(host: ScriptedHost, email: str) -> None:
    host.says(200, f'{{"shopperEmail":"{email}"}}')

    assert isinstance(refusal(lambda: shopper_email(host.address(), "shopper-1")), OutcomeUnknown)


@pytest.mark.parametrize("body", ["[]", '"a@example.com"', "<html>", '{"shopperEmail":7}', '{"shopperEmail":[]}'])
def test_another_shape_is_no_answer(host: ScriptedHost, body: str) -> None:
    host.says(200, body)

    assert isinstance(refusal(lambda: shopper_email(host.address(), "shopper-1")), OutcomeUnknown)


def test_the_longest_email_is_taken(host: ScriptedHost) -> None:
    email = f"{'a' * 116}@example.com"
    host.says(200, f'{{"shopperEmail":"{email}"}}')

    assert len(email) == 128
    assert shopper_email(host.address(), "shopper-1")[0] == email


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, f'{{"shopperEmail":"{EMAIL}","new":1}}'),
        (200, f'{{"shopperEmail":"{EMAIL} "}}'),
        (200, f'{{"shopperEmail":{{"value":"{EMAIL}"}}}}'),
        (200, f"<html>{EMAIL}</html>"),
        (400, f'{{"errorMsg":"BadRequestException: {EMAIL}"}}'),
        (400, f'{{"errorMsg":{{"shopper":"{EMAIL}"}}}}'),
        (500, f"cannot tell {EMAIL}"),
    ],
)
def test_the_journal_does_not_keep_the_email(host: ScriptedHost, status: int, body: str) -> None:
    host.says(status, body)

    try:
        _, call = shopper_email(host.address(), "shopper-1")
    except Failure as failure:
        call = failure.call

    assert call.status == status
    assert "***" in call.answer
    for kept in (call.answer, call.error, call.request, call.url):
        assert "example" not in kept


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"errorMsg":"BadRequestException"}', Refused),
        (429, '{"errorMsg":"Too Many Requests"}', NotSent),
        (500, "", OutcomeUnknown),
        (503, "", OutcomeUnknown),
    ],
)
def test_refusals_say_what_may_be_done_next(
    host: ScriptedHost, status: int, body: str, kind: type[AmazonError]
) -> None:
    host.says(status, body)

    assert type(refusal(lambda: shopper_email(host.address(), "shopper-1"))) is kind
