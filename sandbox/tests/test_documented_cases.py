"""Amazon's test cases, numbered as on its pages: payment_service_adjust_charge, ..._cancel_charge,
..._capture_charge, ..._refund_charge, get_transactional_data_testing."""

from typing import Any

import pytest

from sandbox.tests.signed_calls import STORE, Caller, refund_body, staged_trip, trip_body

VALID = "valid-shopping-trip-uuid"
INVALID = "invalid-shopping-trip-uuid"
KEY = "550e8400-e29b-41d4-a716-446655440000"
BAD = "BadRequestException"
UNKNOWN = "UnknownShoppingTrip"
AMOUNT = {"amount": 25.99, "code": "USD"}

OPERATIONS = {
    "adjust": trip_body(VALID, 15.99),
    "cancel": trip_body(VALID),
    "capture": trip_body(VALID, 25.99),
    "refund": refund_body(VALID, 25.99, KEY),
    "transactional-data": trip_body(VALID),
}


def body(operation: str, *without: str, **changes: Any) -> dict[str, Any]:
    whole = OPERATIONS[operation] | changes
    return {name: value for name, value in whole.items() if name not in without}


def money(amount: Any = 25.99, code: Any = "USD") -> dict[str, Any]:
    return {"amount": amount, "code": code}


LONG = "a" * 256
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("adjust", "13.1-4", body("adjust", shoppingTripId=INVALID, amount=money(10.00)), UNKNOWN),
    ("adjust", "13.1-5", body("adjust", storeId="INVALID@STORE#ID"), BAD),
    ("adjust", "13.1-6 store", body("adjust", "storeId"), BAD),
    ("adjust", "13.1-6 trip", body("adjust", "shoppingTripId"), BAD),
    ("adjust", "13.1-6 amount", body("adjust", "amount"), BAD),
    ("adjust", "13.1-6 number", body("adjust", amount={"code": "USD"}), BAD),
    ("adjust", "13.1-6 code", body("adjust", amount={"amount": 1}), BAD),
    ("adjust", "13.1-7 text", body("adjust", amount=money("15.99")), BAD),
    ("adjust", "13.1-7 bool", body("adjust", amount=money(True)), BAD),
    ("adjust", "13.1-7 bare number", body("adjust", amount=15.99), BAD),
    ("adjust", "13.1-8", body("adjust", amount=money(15.99, "usd")), BAD),
    ("adjust", "13.1-12", body("adjust", storeId="store id"), BAD),
    ("adjust", "13.1-13", body("adjust", shoppingTripId="trip/1"), BAD),
    ("adjust", "13.1-14 store", body("adjust", storeId=LONG), BAD),
    ("adjust", "13.1-14 trip", body("adjust", shoppingTripId=LONG), BAD),
    ("cancel", "13.2-2", body("cancel", shoppingTripId=INVALID), UNKNOWN),
    ("cancel", "13.2-3", body("cancel", storeId="INVALID@STORE#ID"), BAD),
    ("cancel", "13.2-4", body("cancel", "storeId"), BAD),
    ("cancel", "13.2-5", body("cancel", "shoppingTripId"), BAD),
    ("cancel", "13.2-6", body("cancel", storeId=12345, shoppingTripId=True), BAD),
    ("cancel", "13.2-7", body("cancel", storeId="a b"), BAD),
    ("cancel", "13.2-8", body("cancel", shoppingTripId="a.b"), BAD),
    ("cancel", "13.2-9", body("cancel", storeId=LONG, shoppingTripId=LONG), BAD),
    ("cancel", "13.2-13", body("cancel", storeId="", shoppingTripId=""), BAD),
    ("cancel", "13.2-14", body("cancel", storeId=None, shoppingTripId=None), BAD),
    ("cancel", "13.2-15", body("cancel", storeId=" ", shoppingTripId=" "), BAD),
    ("capture", "13.3-2", body("capture", shoppingTripId=INVALID), UNKNOWN),
    ("capture", "13.3-3", body("capture", storeId="INVALID@STORE#ID"), BAD),
    ("capture", "13.3-4", body("capture", "storeId"), BAD),
    ("capture", "13.3-5", body("capture", "shoppingTripId"), BAD),
    ("capture", "13.3-6", body("capture", "amount"), BAD),
    ("capture", "13.3-7", body("capture", amount=money("25.99")), BAD),
    ("capture", "13.3-8", body("capture", amount=money(code="U1D")), BAD),
    ("capture", "13.3-9", body("capture", amount=money(code="USDX")), BAD),
    ("capture", "13.3-10", body("capture", storeId="a#b"), BAD),
    ("capture", "13.3-11", body("capture", shoppingTripId="a#b"), BAD),
    ("capture", "13.3-12", body("capture", shoppingTripId=LONG), BAD),
    ("capture", "13.3-16", body("capture", amount=money(0)), BAD),
    ("capture", "13.3-17", body("capture", amount=money(-1.5)), BAD),
    ("capture", "13.3-18", body("capture", storeId="", shoppingTripId="", amount=money(code="")), BAD),
    ("capture", "13.3-19", body("capture", storeId=None, shoppingTripId=None, amount=None), BAD),
    ("refund", "13.4-2", body("refund", shoppingTripId=INVALID, amount=money(10.00)), UNKNOWN),
    ("refund", "13.4-3", body("refund", storeId="INVALID@STORE#ID"), BAD),
    *[("refund", f"13.4-4 {name}", body("refund", name), BAD) for name in OPERATIONS["refund"]],
    ("refund", "13.4-5", body("refund", amount=money("25.99")), BAD),
    ("refund", "13.4-5 decimals", body("refund", amount=money(5.001)), BAD),
    ("refund", "13.4-6", body("refund", amount=money(code="us")), BAD),
    ("refund", "13.4-7", body("refund", refundRequestId="not-a-uuid"), BAD),
    ("refund", "13.4-7 upper case", body("refund", refundRequestId=KEY.upper()), BAD),
    ("refund", "13.4-7 version 7", body("refund", refundRequestId="0190163d-8694-739b-aea5-966c26f8ad91"), BAD),
    ("refund", "13.4-8", body("refund", refundReasonCode="BROKEN"), BAD),
    ("refund", "13.4-9", body("refund", storeId="a b"), BAD),
    ("refund", "13.4-10", body("refund", shoppingTripId="a b"), BAD),
    ("refund", "13.4-11", body("refund", refundRequestId=KEY + "0"), BAD),
    ("transactional-data", "13.5-2", body("transactional-data", shoppingTripId=INVALID), UNKNOWN),
    ("transactional-data", "13.5-3", body("transactional-data", storeId="INVALID@STORE#ID"), BAD),
    ("transactional-data", "13.5-4", body("transactional-data", "storeId"), BAD),
    ("transactional-data", "13.5-5", body("transactional-data", "shoppingTripId"), BAD),
    ("transactional-data", "13.5-6", body("transactional-data", storeId=1, shoppingTripId=True), BAD),
    ("transactional-data", "13.5-7", body("transactional-data", storeId="a b"), BAD),
    ("transactional-data", "13.5-8", body("transactional-data", shoppingTripId="a\n"), BAD),
    ("transactional-data", "13.5-9", body("transactional-data", storeId=LONG), BAD),
]


@pytest.mark.parametrize(("operation", "number", "content", "error_name"), REFUSED, ids=lambda each: str(each)[:24])
def test_documented_refusal(
    caller: Caller, operation: str, number: str, content: dict[str, Any], error_name: str
) -> None:
    answer = caller.call(operation, content)

    assert (answer.status, answer.content) == (400, {"errorMsg": error_name}), number


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [429, 500, 503])
def test_documented_trouble(caller: Caller, operation: str, status: int) -> None:
    """13.1-9 to 11, 13.2-10 to 12, 13.3-13 to 15, 13.4-12 to 14, 13.5-10 to 12."""
    fault = {"kind": "status", "operation": operation, "status": status, "retry_after": "2"}
    caller.control("POST", "/sandbox/faults", fault)

    answer = caller.call(operation, OPERATIONS[operation])

    assert answer.status == status
    assert answer.headers["Retry-After"] == "2"
    assert list(answer.content) == ["errorMsg"]


def test_13_1_1_adjust_is_approved(caller: Caller) -> None:
    answer = caller.adjust(VALID, 15.99)

    assert answer.status == 200
    assert answer.text == '{"status": "APPROVED", "authorizedAmount": {"amount": 15.99, "code": "USD"}}'


def test_13_1_2_adjust_is_declined(caller: Caller) -> None:
    answer = caller.adjust("declined-payment-trip-uuid", 999999.99)

    assert answer.status == 200
    assert answer.content == {"status": "DECLINED", "authorizedAmount": {"amount": 0, "code": "USD"}}


def test_13_1_3_adjust_is_pending(caller: Caller) -> None:
    answer = caller.adjust("pending-processing-trip-uuid", 25.50)

    assert answer.status == 200
    assert answer.content == {"status": "PENDING", "authorizedAmount": {"amount": 25.50, "code": "USD"}}


def test_13_2_1_cancel_answers_nothing(caller: Caller) -> None:
    answer = caller.cancel(VALID)

    assert (answer.status, answer.text) == (200, "")


def test_13_3_1_capture_answers_nothing(caller: Caller) -> None:
    caller.adjust(VALID, 25.99)

    answer = caller.capture(VALID, 25.99)

    assert (answer.status, answer.text) == (200, "")


def test_13_4_1_refund_answers_a_reconciliation_id(caller: Caller) -> None:
    caller.stage(staged_trip(VALID, captured="25.99"))

    answer = caller.refund(VALID, 25.99, KEY)

    assert answer.status == 200
    assert answer.content["reconciliationId"]


def test_13_5_1_transactional_data(caller: Caller) -> None:
    card = {"brand": "AMEX", "tail": "0007"}
    caller.stage(staged_trip(VALID, captured="25.99", card=card))

    answer = caller.data(VALID)

    assert answer.status == 200
    assert answer.content | card == answer.content
    assert answer.content["currency"] == "USD"
    assert set(answer.content["expirationDate"]) == {"expirationYear", "expirationMonth"}


@pytest.mark.parametrize("garbage", [b"", b"{", b"null", b"[]", b'{"a":NaN}', b"[" * 100_000, b"\xff", b"1" * 5000])
def test_a_body_that_is_no_object_is_a_bad_request(caller: Caller, garbage: bytes) -> None:
    answer = caller.call("adjust", garbage)

    assert (answer.status, answer.content) == (400, {"errorMsg": BAD})


@pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "-0.01", "NaN"])
def test_an_amount_nobody_can_write_down_is_a_bad_request(caller: Caller, number: str) -> None:
    text = f'{{"storeId":"{STORE}","shoppingTripId":"{VALID}","amount":{{"amount":{number},"code":"USD"}}}}'

    assert caller.call("adjust", text.encode()).status == 400
