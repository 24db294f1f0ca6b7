"""What leaves for Amazon's payment service and how its answers are read, at a host that answers by script."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, Refused, TripExpired, UnknownTrip
from amazon.outbound.transport import LONGEST_RETRY_AFTER, Address
from core.money import Money
from payments.clients import payment_service
from payments.clients.payment_service import AdjustStatus, Refunded
from payments.tests.scripted_host import ScriptedHost, refusal

USD = Money(Decimal("25.99"), "USD")
KEY = UUID("550E8400-E29B-41D4-A716-446655440000")


def adjust(address: Address, amount: Money = USD) -> tuple[Any, OutboundCall]:
    return payment_service.adjust_charge(address, amount)


def capture(address: Address, amount: Money = USD) -> tuple[Any, OutboundCall]:
    return payment_service.capture_charge(address, amount)


def refund(address: Address, amount: Money = USD) -> tuple[Any, OutboundCall]:
    return payment_service.refund(address, amount, refund_request_id=KEY, reason="DAMAGED_ITEM")


Operation = Callable[[Address], tuple[Any, OutboundCall]]
APPROVED = '{"status":"APPROVED","authorizedAmount":{"amount":25.99,"code":"USD"}}'
OPERATIONS: dict[str, tuple[Operation, str]] = {
    "adjust": (adjust, APPROVED),
    "cancel": (payment_service.cancel_charge, ""),
    "capture": (capture, ""),
    "refund": (refund, ""),
    "transactional-data": (payment_service.transactional_data, '{"brand":"VISA","tail":"1234"}'),
}
every_operation = pytest.mark.parametrize("name", OPERATIONS)


class TestWhatLeaves:
    IDS = b'"storeId":"STORE-1","shoppingTripId":"valid-shopping-trip-uuid"'
    AMOUNT = b'"amount":{"amount":25.99,"code":"USD"}'
    DOCUMENTED = {
        "adjust": ("/v1/adjust/charge", b"{" + IDS + b"," + AMOUNT + b"}"),
        "cancel": ("/v1/cancel/charge", b"{" + IDS + b"}"),
        "capture": ("/v1/capture/charge", b"{" + IDS + b"," + AMOUNT + b"}"),
        "refund": (
            "/v1/refund",
            b"{" + IDS + b"," + AMOUNT + b',"refundRequestId":"550e8400-e29b-41d4-a716-446655440000"'
            b',"refundReasonCode":"DAMAGED_ITEM"}',
        ),
        "transactional-data": ("/v1/payment/transactional-data", b"{" + IDS + b"}"),
    }

    @every_operation
    def test_path_and_body_are_the_documented_ones(self, host: ScriptedHost, name: str) -> None:
        operation, answer = OPERATIONS[name]
        host.says(200, answer)

        operation(host.address())

        path, _, body = host.seen[0]
        assert (path, body) == self.DOCUMENTED[name]

    @every_operation
    def test_it_is_signed_for_execute_api_in_the_stores_region(self, host: ScriptedHost, name: str) -> None:
        operation, answer = OPERATIONS[name]
        host.says(200, answer)

        operation(host.address())

        headers = {key.lower(): value for key, value in host.seen[0][1].items()}
        assert headers["content-type"] == "application/json"
        assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=test-access-key/")
        assert "/eu-west-1/execute-api/aws4_request" in headers["authorization"]

    @pytest.mark.parametrize(
        ("amount", "currency", "written"),
        [
            ("4.20", "USD", b'{"amount":4.20,"code":"USD"}'),
            ("0.0100", "USD", b'{"amount":0.01,"code":"USD"}'),
            ("1E+2", "USD", b'{"amount":100.00,"code":"USD"}'),
            ("360.0000", "JPY", b'{"amount":360,"code":"JPY"}'),
            ("1234567.89", "GBP", b'{"amount":1234567.89,"code":"GBP"}'),
        ],
    )
    def test_an_amount_is_a_json_number_with_the_currencys_decimals(
        self, host: ScriptedHost, amount: str, currency: str, written: bytes
    ) -> None:
        capture(host.address(), Money(Decimal(amount), currency))

        assert b'"amount":' + written in host.seen[0][2]

    @pytest.mark.parametrize(
        ("amount", "currency"), [("0", "USD"), ("-1.00", "USD"), ("1.001", "USD"), ("1.234", "KWD")]
    )
    @pytest.mark.parametrize("operation", [adjust, capture, refund])
    def test_an_amount_that_amazon_would_refuse_is_not_sent(
        self, host: ScriptedHost, operation: Callable[..., Any], amount: str, currency: str
    ) -> None:
        error = refusal(lambda: operation(host.address(), Money(Decimal(amount), currency)))

        assert type(error) is Refused
        assert "at most two decimals" in str(error)
        assert host.seen == []

    @every_operation
    @pytest.mark.parametrize(
        ("ids", "field_name"),
        [
            ({"store_id": "INVALID@STORE#ID"}, "storeId"),
            ({"store_id": ""}, "storeId"),
            ({"store_id": "a" * 256}, "storeId"),
            ({"trip_id": "trip 1"}, "shoppingTripId"),
            ({"trip_id": ""}, "shoppingTripId"),
            ({"trip_id": "trip\n"}, "shoppingTripId"),
            ({"trip_id": "é"}, "shoppingTripId"),
        ],
    )
    def test_an_id_that_amazon_would_refuse_is_not_sent(
        self, host: ScriptedHost, name: str, ids: dict[str, str], field_name: str
    ) -> None:
        error = refusal(lambda: OPERATIONS[name][0](host.address(**ids)))

        assert isinstance(error, Refused)
        assert str(error).startswith(f"Not sent: {field_name}")
        assert host.seen == []

    def test_the_longest_ids_and_all_their_characters_are_sent(self, host: ScriptedHost) -> None:
        payment_service.cancel_charge(host.address(store_id="_-aZ09" * 42, trip_id="0" * 255))

        assert len(host.seen) == 1


class TestAdjustAnswers:
    @pytest.mark.parametrize(
        ("status", "authorized", "may_be_captured"),
        [
            (AdjustStatus.APPROVED, "25.99", "25.99"),
            (AdjustStatus.PENDING, "25.99", "25.99"),
            (AdjustStatus.DECLINED, "0", "0"),
            (AdjustStatus.DECLINED, "0.00", "0"),
            (AdjustStatus.DECLINED, "12.345", "12.34"),
            (AdjustStatus.APPROVED, "1e400", "25.99"),
        ],
    )
    def test_status_and_what_may_be_captured(
        self, host: ScriptedHost, status: str, authorized: str, may_be_captured: str
    ) -> None:
        host.says(200, f'{{"status":"{status}","authorizedAmount":{{"amount":{authorized},"code":"USD"}}}}')

        answer, call = adjust(host.address())

        assert (answer.status, answer.authorized) == (status, Money(Decimal(may_be_captured), "USD"))
        assert call.status == 200

    def test_unknown_fields_are_ignored(self, host: ScriptedHost) -> None:
        host.says(
            200, '{"new":[1],"status":"APPROVED","authorizedAmount":{"amount":25.99,"code":"USD","new":null},"x":{}}'
        )

        assert adjust(host.address())[0].authorized == USD

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "{}",
            "[]",
            "<html>",
            '{"status":"MAYBE","authorizedAmount":{"amount":1,"code":"USD"}}',
            '{"status":"APPROVED","authorizedAmount":25.99}',
            '{"status":"APPROVED","authorizedAmount":{"amount":-1,"code":"USD"}}',
            '{"status":"APPROVED","authorizedAmount":{"amount":"NaN","code":"USD"}}',
            '{"status":"APPROVED","authorizedAmount":{"amount":25.99,"code":"GBP"}}',
        ],
    )
    def test_what_the_contract_does_not_know_is_an_unknown_outcome(self, host: ScriptedHost, body: str) -> None:
        host.says(200, body)

        assert isinstance(refusal(lambda: adjust(host.address())), OutcomeUnknown)


class TestRefundAnswers:
    @pytest.mark.parametrize(
        ("body", "reconciliation_id"),
        [
            ("", ""),
            ("\n", ""),
            ("{}", ""),
            ('{"reconciliationId":"generated-reconciliation-id"}', "generated-reconciliation-id"),
            ('{"reconciliationId":"R-1","new":{"field":1}}', "R-1"),
            ('{"reconciliationId":null}', ""),
            ('{"reconciliationId":"R\\u0000-1"}', "R-1"),
            (f'{{"reconciliationId":"{"9" * 300}"}}', "9" * 255),
        ],
    )
    def test_both_documented_answers_and_their_kin(self, host: ScriptedHost, body: str, reconciliation_id: str) -> None:
        host.says(200, body)

        assert refund(host.address())[0] == Refunded(reconciliation_id)

    @pytest.mark.parametrize("body", ["<html>", "null", "[]", '{"reconciliationId":7}'])
    def test_anything_else_is_an_unknown_outcome(self, host: ScriptedHost, body: str) -> None:
        host.says(200, body)

        assert isinstance(refusal(lambda: refund(host.address())), OutcomeUnknown)


class TestCaptureAnswers:
    @pytest.mark.parametrize("body", ["", "{}", ' {"new":1}'])
    def test_an_empty_200_or_one_with_new_fields(self, host: ScriptedHost, body: str) -> None:
        host.says(200, body)

        assert capture(host.address())[1].status == 200

    def test_a_page_is_an_unknown_outcome(self, host: ScriptedHost) -> None:
        host.says(200, "<html>please log in</html>")

        assert isinstance(refusal(lambda: capture(host.address())), OutcomeUnknown)


class TestCardAnswers:
    def test_brand_last_four_and_the_rest_for_the_receipt(self, host: ScriptedHost) -> None:
        host.says(200, '{"brand":"VISA","tail":"1234","cardStatementTransactionId":"TXN987654321","new":1}')

        card, _ = payment_service.transactional_data(host.address())

        assert (card.brand, card.last_four, card.emv["new"]) == ("VISA", "1234", 1)
        assert card.proves_capture

    @pytest.mark.parametrize("body", ["{}", '{"brand":null,"tail":null}', '{"cardStatementTransactionId":""}'])
    def test_without_a_statement_id_no_capture_is_proven(self, host: ScriptedHost, body: str) -> None:
        host.says(200, body)

        card, _ = payment_service.transactional_data(host.address())

        assert (card.brand, card.last_four, card.proves_capture) == ("", "", False)

    def test_a_character_that_no_database_column_takes_is_left_out(self, host: ScriptedHost) -> None:
        host.says(200, '{"brand":"VI\\u0000SA","tail":"1234","terminalId":"\\u00001"}')

        card, _ = payment_service.transactional_data(host.address())

        assert (card.brand, card.emv["terminalId"]) == ("VISA", "1")


class TestRefusals:
    @every_operation
    @pytest.mark.parametrize(
        ("status", "body", "kind", "words"),
        [
            (400, '{"errorMsg":"BadRequestException"}', Refused, "400 BadRequestException"),
            (400, '{"errorMsg":"UnknownShoppingTrip"}', UnknownTrip, "UnknownShoppingTrip"),
            (400, '{"errorMsg":"UnknownShoppingTripException"}', UnknownTrip, "UnknownShoppingTripException"),
            (400, '{"errorMsg":"ShoppingTripExpiredException"}', TripExpired, "ShoppingTripExpiredException"),
            (400, '{"errorMsg":"Bad\\u0000Request"}', Refused, "400 BadRequest."),
            (400, '{"errorMsg":"Bad\\ud800Request"}', Refused, "400 BadRequest."),
            (400, "<html>", Refused, "400"),
            (400, '["errorMsg"]', Refused, "400"),
            (403, '{"Message":"User: arn:aws:... is not authorized"}', Refused, "403 User: arn:aws"),
            (403, '{"message":"Missing Authentication Token"}', Refused, "403 Missing Authentication Token"),
            (429, '{"errorMsg":"Too Many Requests"}', NotSent, "429 Too Many Requests"),
            (500, "", OutcomeUnknown, "500"),
            (502, "<html>", OutcomeUnknown, "502"),
            (503, '{"errorMsg":"Service Unavailable"}', OutcomeUnknown, "503 Service Unavailable"),
            (302, "", OutcomeUnknown, "302"),
        ],
    )
    def test_each_says_what_may_be_done_next(
        self, host: ScriptedHost, name: str, status: int, body: str, kind: type[AmazonError], words: str
    ) -> None:
        host.says(status, body, Location="/elsewhere")

        error = refusal(lambda: OPERATIONS[name][0](host.address()))

        assert type(error) is kind
        assert words in str(error)
        assert len(host.seen) == 1

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            ("7", 7),
            ("999999999999999", LONGEST_RETRY_AFTER),
            ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
            ("0", None),
            ("Thu, 01 Jan 1970 00:00:00 GMT", None),
            ("soon", None),
            ("-5", None),
            ("", None),
        ],
    )
    def test_retry_after_in_every_spelling(self, host: ScriptedHost, header: str, seconds: float | None) -> None:
        host.says(429, Retry_After=header)

        error = refusal(lambda: adjust(host.address()))

        assert isinstance(error, NotSent)
        assert error.retry_after == seconds

    def test_a_host_where_nobody_listens_was_sent_nothing(self) -> None:
        nowhere = Address("http://127.0.0.1:9", "us-east-1", "STORE-1", "trip")

        assert isinstance(refusal(lambda: capture(nowhere)), NotSent)

    def test_a_host_without_a_name_was_sent_nothing(self) -> None:
        nowhere = Address("http://nowhere.invalid", "us-east-1", "STORE-1", "trip")

        assert isinstance(refusal(lambda: capture(nowhere)), NotSent)

    def test_a_body_that_breaks_off_is_an_unknown_outcome(self, host: ScriptedHost) -> None:
        host.says(200, "{}", Content_Length="100", Connection="close")

        assert isinstance(refusal(lambda: capture(host.address())), OutcomeUnknown)
