"""No secret that Amazon sends is kept anywhere, and a body without secrets stays as it is."""

import base64
import json
import logging
from typing import Any

import pytest
from django.urls import get_resolver
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from amazon.admin.inbound_filters import endpoint_paths
from amazon.inbound.redaction import redact
from amazon.models import InboundCall
from amazon.tests.bodies import Json, changed, encoded
from amazon.tests.calls import Post, a_cart
from amazon.tests.mutations import junk

hurried = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SECRET_PLACES = [
    "identityKey",
    "shopperKey",
    "authToken",
    "scanEvent.value",
    "scanEvent.id",
    "email",
    "shopperEmail",
    "phoneNumber",
    "nested.identityKey",
    "IdentityKey",
    "identity_key",
]


def placed(path: str, value: Any) -> Json:
    """The body of a plausible call with the value at the path."""
    body: Json = {
        "requestId": "6f1c2a52-8f0f-4d5f-9a55-0f6b2c1d0001",
        "storeId": "DEMO-CARD",
        "shopperKeyType": "QR_CODE",
    }
    *parents, last = path.split(".")
    place = body
    for name in parents:
        place = place.setdefault(name, {})
    place[last] = value
    return body


@pytest.mark.parametrize("path", SECRET_PLACES)
@pytest.mark.parametrize(
    "secret", ["SECRET-CODE", base64_of("SECRET-CODE"), "\N{KEY}SECRET-CODE", 'SECRET-CODE "\\ ', "\0SECRET-CODE"]
)
def test_a_secret_is_taken_out_and_the_rest_stays(path: str, secret: str) -> None:
    text, is_whole, secrets = redact(encoded(placed(path, secret)))

    assert json.loads(text) == placed(path, "***")
    assert not is_whole
    assert secret in secrets


SHAPES: dict[str, Any] = {
    "a number": 4477009001,
    "a list": ["4477009001"],
    "an object": {"4477009001": {"4477009001": 4477009001}},
}


@pytest.mark.parametrize("path", SECRET_PLACES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_of_another_shape_is_taken_out_as_well(path: str, shape: str) -> None:
    assert "4477009001" not in redact(encoded(placed(path, SHAPES[shape]))).text


NOT_JSON = {
    "cut off": b'{"storeId": "DEMO-CARD", "identityKey": "SECRET',
    "an escaped name": rb'{"storeId": "DEMO-CARD", "identity\u004bey": "SECRET"',
    "a form": b"storeId=DEMO-CARD&shopperKey=SECRET",
    "XML": b"<call store='DEMO-CARD'><scanEvent><value>SECRET</value></scanEvent></call>",
    "invalid UTF-8": b'{"storeId": "DEMO-CARD", "\xff": 1, "identityKey": "SECRET",',
    "UTF-16 inside": b'{"storeId": "DEMO-CARD", "authToken\0": "SECRET',
    "two bodies": b'{"storeId": "DEMO-CARD"}{"auth_token": "SECRET"}',
    "an e-mail address": b"DEMO-CARD SECRET@example.com",
    "a phone number": b"DEMO-CARD +44 (7700) 900-123",
}


@pytest.mark.parametrize("case", NOT_JSON)
def test_what_is_no_json_is_kept_up_to_the_secret(case: str) -> None:
    text, is_whole, _ = redact(NOT_JSON[case])

    assert "DEMO-CARD" in text
    assert "***" in text
    assert "SECRET" not in text
    assert "7700" not in text
    assert not is_whole


@pytest.mark.parametrize(
    ("body", "answer", "kept"),
    [
        (
            "SECRET-CODE",
            '{"errorMsg":"identityKey: “SECRET-CODE” is unknown"}',
            '{"errorMsg":"identityKey: “***” is unknown"}',
        ),
        (base64_of("1111-2222"), '{"id":"1111-2222","type":"SHOPPER"}', '{"id":"***","type":"SHOPPER"}'),
        (f"{base64_of('1111-2222')} ", '{"id":"1111-2222"}', '{"id":"***"}'),
        ("1", '{"id":"1","type":"SHOPPER-1"}', '{"id":"***","type":"SHOPPER-1"}'),
    ],
)
def test_an_answer_that_repeats_a_secret_loses_it_too(body: str, answer: str, kept: str) -> None:
    secrets = redact(encoded(placed("identityKey", body))).secrets

    assert redact(answer.encode(), secrets=secrets).text == kept


def test_a_cart_stays_byte_for_byte() -> None:
    body = json.dumps(a_cart(), indent=3).encode()

    assert redact(body) == (body.decode(), True, frozenset())


@hurried
@given(body=st.one_of(st.binary(max_size=300), junk.map(encoded)))
@example(body=b'{"+": "@\\u0000"}')
@example(body=b"[" * 100_000)
@example(body=b'["@"]')
@example(body=b'{"phone": ""}')
@example(body=rb'{"shopperKey": "\u0000\u0041')
@example(body=rb'{"a": "\u0000", "shopperKey": "')
def test_whole_means_that_the_body_can_be_sent_again_as_it_was(body: bytes) -> None:
    text, is_whole, _ = redact(body)

    assert is_whole == (text.encode() == body)
    assert "\0" not in text  # which no text of PostgreSQL takes


PLACES = st.sampled_from(
    ["storeId", "requestId", "cartItems.0.id", "cartItems.0.type", "shoppingTrip.startTime", "novelty"]
)
emails = st.emails()
phones = st.from_regex(r"\A\+[1-9]\d{1,2}[ -]?\d{3}[ -]?\d{4}\Z")
secrets = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=40).map("Zq7".__add__)


@st.composite
def bodies_with_secrets(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A call with secrets where the contract has them and personal data where nobody expects it; sometimes damaged."""
    secret, email, phone = draw(secrets), draw(emails), draw(phones)
    sent = draw(st.sampled_from([secret, base64_of(secret), f"{base64_of(secret)} "]))
    content = a_cart() | placed(draw(st.sampled_from(SECRET_PLACES[:5])), sent)
    content["cartItems"][0]["novelty"] = draw(junk)
    content = changed(content, draw(PLACES), draw(st.sampled_from([email, f"call {phone}", f"{email}, {phone}"])))
    body = json.dumps(content, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
    if draw(st.booleans()):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.sampled_from([b"", b"\0", b"\xff", b"}", b" "]))
    return body, [secret, base64_of(secret), email, phone]


@pytest.mark.django_db
@pytest.mark.parametrize("path", sorted(endpoint_paths(get_resolver())))
@hurried
@given(sent=bodies_with_secrets())
def test_no_secret_sent_to_any_endpoint_is_kept_or_logged(
    path: str, sent: tuple[bytes, list[str]], post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    body, known = sent
    caplog.set_level(logging.DEBUG)

    assert post(body, path).status_code < 500

    call = InboundCall.objects.latest("id")
    names = f"{call.store_external_id} {call.request_id} {call.amazon_trip_id}"
    for secret in known:
        assert secret not in f"{call.body} {call.answer} {names}"
        assert secret not in caplog.text
