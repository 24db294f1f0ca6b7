"""The card behind a trip, and the EMV fields a receipt prints (Amazon: get_transactional_data, its example values)."""

from hashlib import sha256

from sandbox.records import Trip

APPLICATIONS = {
    "VISA": "A0000000031010",
    "MASTERCARD": "A0000000041010",
    "AMEX": "A000000025010801",
    "DISCOVER": "A0000001523010",
}


def card_of(trip_id: str) -> tuple[str, str]:
    """Brand and last four digits: always the same ones for the same trip."""
    number = _number(trip_id, "card")
    return tuple(APPLICATIONS)[number % len(APPLICATIONS)], f"{number // 7 % 10_000:04}"


def transactional_data(trip: Trip, is_captured: bool) -> dict[str, object]:
    """The two ids that join the processor's records exist only once money was taken: they prove a capture."""
    fields: dict[str, object] = {
        "brand": trip.brand,
        "posEntryMode": "EMV_9F39_07",
        "currency": trip.currency,
        "authorizationResponseCode": "00",
        "cryptogramInformationData": "80",
        "tail": trip.tail,
        "panSequenceNumber": "01",
        "applicationId": APPLICATIONS.get(trip.brand, APPLICATIONS["VISA"]),
        "expirationDate": {"expirationYear": str(trip.started_at.year + 2), "expirationMonth": "12"},
        "cardholderVerificationMethodResult": "420300",
        "terminalId": f"{_number(trip.store_id, 'terminal') % 10**8:08}",
    }
    if not trip.currency:
        del fields["currency"]
    if is_captured:
        fields["reconciliationId"] = f"REC{_number(trip.trip_id, 'reconciliation') % 10**9:09}"
        fields["cardStatementTransactionId"] = f"TXN{_number(trip.trip_id, 'statement') % 10**9:09}"
    return fields


def _number(name: str, purpose: str) -> int:
    return int.from_bytes(sha256(f"{purpose}:{name}".encode()).digest()[:8])
