"""A processor's report, read by a mapping."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from payments.reconciliation.report_file import read_report
from payments.reconciliation.report_mapping import PRESETS, Mapping, read_mapping
from payments.reconciliation.theirs import CannotRead, Theirs

PLAIN = PRESETS["plain"]
GERMAN = b"""
trip = "Vorgang"
kind = "Art"
amount = "Betrag"
currency = "W\xc3\xa4hrung"
store = "Filiale"
captures = ["Einzug"]
refunds = ["Gutschrift"]
ignored = ["Geb\xc3\xbchr"]
delimiter = ";"
decimal_comma = true
flows = ["OWN_PROCESSOR"]
"""


def read(rows: Iterable[str], mapping: Mapping = PLAIN, heads: str = "trip_id,kind,amount,currency") -> Theirs:
    return read_report([f"{line}\n" for line in [heads, *rows]], "report.csv", mapping)


def refusal(rows: Iterable[str], mapping: Mapping = PLAIN, heads: str = "trip_id,kind,amount,currency") -> list[str]:
    with pytest.raises(CannotRead) as caught:
        read(rows, mapping, heads)
    return caught.value.message.splitlines()


def test_captures_and_refunds_are_added_up_by_trip() -> None:
    theirs = read(["A,capture,10.00,USD", "B,Capture,5,usd", "A,REFUND,2.50,USD", "A,refund,-1.25,USD"])

    first, second = theirs.accounts["A"], theirs.accounts["B"]
    assert (first.captured, first.refunded, first.captures) == (Decimal("10.00"), Decimal("3.75"), 1)
    assert (second.captured, second.currency) == (Decimal(5), "USD")
    assert theirs.is_of_days


def test_a_trip_that_was_captured_twice_is_counted_twice() -> None:
    assert read(["A,capture,10,USD"] * 2).accounts["A"].captures == 2


def test_a_mapping_names_the_columns_the_words_and_the_decimal_comma() -> None:
    mapping = read_mapping(GERMAN, "mapping.toml")

    theirs = read(
        ["F1;A;Einzug;1.234,50;EUR", "F1;A;Gebühr;-0,30;EUR", "F2;B;Gutschrift;-5;EUR"],
        mapping,
        "Filiale;Vorgang;Art;Betrag;Währung",
    )

    assert theirs.accounts["A"].captured == Decimal("1234.50")
    assert theirs.accounts["B"].refunded == 5
    assert theirs.flows == ("OWN_PROCESSOR",)
    assert theirs.of_stores({"F1"}).keys() == {"A"}


def test_a_mapping_may_be_json() -> None:
    mapping = read_mapping(b'{"trip": "t", "kind": "k", "amount": "a", "currency": "c"}', "mapping.JSON")

    assert mapping.columns == ["t", "k", "a", "c"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"trip = ", "Invalid value"),
        (b"\xff", "decode"),
        (b'trip = "t"', "missing required field `kind`"),
        (b'trip = 1\nkind = "k"\namount = "a"\ncurrency = "c"', "Expected `str`, got `int` - at `$.trip`"),
        (b'trip = "t"\nkind = "k"\namount = "a"\ncurrency = "c"\nfee = "f"', "unknown field `fee`"),
        (b'trip = "t"\nkind = "k"\namount = "a"\ncurrency = "c"\ndelimiter = ";;"', "one character"),
        (b'trip = "t"\nkind = "k"\namount = "a"\ncurrency = "c"\nflows = ["CASH"]', "flows are among"),
    ],
)
def test_a_mapping_that_is_none_says_why(content: bytes, words: str) -> None:
    with pytest.raises(CannotRead, match="^mapping.toml is no mapping: ") as caught:
        read_mapping(content, "mapping.toml")
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,chargeback,1,USD", "“chargeback” is none of the kinds capture, refund."),
        (",capture,1,USD", "It names no trip."),
        ("A,capture,1,XX", "“XX” is no currency."),
        ("A,capture,,USD", "“” is no amount such as 1234.50."),
        ("A,capture,1 000,USD", "“1 000” is no amount such as 1234.50."),
        ('A,capture,"1,00",USD', "“1,00” is no amount such as 1234.50."),
        ("A,capture,NaN,USD", "“NaN” is no amount such as 1234.50."),
        ("A,capture,1e3,USD", "“1e3” is no amount such as 1234.50."),
        ("A,capture,1.005,USD", "“1.005” has more decimals than USD."),
        ("A,capture,0.5,JPY", "“0.5” has more decimals than JPY."),
        ("A,capture,99999999999,USD", "“99999999999” is too large an amount."),
        ("A,capture,-1,USD", "A capture must be of more than 0, and a refund of something."),
        ("A,refund,0,USD", "A capture must be of more than 0, and a refund of something."),
        ("A,capture,1", "It has more or fewer cells than the first line."),
        ("A,capture,1,50,USD", "It has more or fewer cells than the first line."),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_nothing_is_compared(row: str, reason: str) -> None:
    assert refusal(["B,capture,1,USD", row, "C,capture,1,USD"]) == [
        "report.csv cannot be read, so nothing was compared.",
        f"Line 3: {reason}",
    ]


def test_one_trip_in_two_currencies_is_a_bad_row() -> None:
    assert "Line 3: Trip A stands in USD above, and here in GBP." in refusal(["A,capture,1,USD", "A,refund,1,GBP"])


def test_every_bad_row_is_counted_and_the_first_ones_are_shown() -> None:
    said = refusal(["A,capture,x,USD"] * 60)

    assert said[1].startswith("Line 2: ")
    assert said[-1] == "… and 10 more."
    assert len(said) == 52


@pytest.mark.parametrize("amount", ["1,234,567.80", "1234567.80"])
def test_thousands_may_be_grouped(amount: str) -> None:
    assert read([f'A,capture,"{amount}",USD']).accounts["A"].captured == Decimal("1234567.80")


def test_a_file_without_the_columns_says_which_it_has() -> None:
    assert refusal([], heads="id,amount") == ["report.csv has no column trip_id, kind, currency. It has: id, amount."]


def test_an_empty_file_has_no_columns() -> None:
    with pytest.raises(CannotRead, match="It has: none"):
        read_report([], "report.csv", PLAIN)


def test_a_file_that_is_no_csv_is_named_with_the_line() -> None:
    assert "report.csv, line 2" in refusal(['"A"x,capture,1,USD'])[0]
