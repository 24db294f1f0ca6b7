"""What a search box understands."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Invalid
from payments.services.search_terms import Days, Terms, amount_in, parse


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("abc-1", Terms("abc-1")),
        ("  two   words ", Terms("two words")),
        ("status:paid", Terms("", states=("paid",))),
        ("STATUS:Paid,partly-paid", Terms("", states=("paid", "partly_paid"))),
        ('status:"in review"', Terms("", states=("review",))),
        ("store:DEMO-CARD abc", Terms("abc", store="DEMO-CARD")),
        ('abc store:"Corner shop"', Terms("abc", store="Corner shop")),
        ("amount:12.40", Terms("", amounts=(("exact", Decimal("12.40")),))),
        ("amount:>20", Terms("", amounts=(("gt", Decimal(20)),))),
        ("amount:>=20", Terms("", amounts=(("gte", Decimal(20)),))),
        ("amount:<=5", Terms("", amounts=(("lte", Decimal(5)),))),
        ("amount:10..20.50", Terms("", amounts=(("gte", Decimal(10)), ("lte", Decimal("20.50"))))),
        ("date:2026-11-01", Terms("", days=Days(date(2026, 11, 1), date(2026, 11, 1)))),
        ("date:2026-11-01..2026-11-05", Terms("", days=Days(date(2026, 11, 1), date(2026, 11, 5)))),
        ("date:2026-11-01..", Terms("", days=Days(date(2026, 11, 1), None))),
        ("date:yesterday..today", Terms("", days=Days("yesterday", "today"))),
    ],
)
def test_words_and_operators(text: str, terms: Terms) -> None:
    assert parse(text) == terms


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colour:red", "“colour:” means nothing here"),
        ("status:happy", "“happy” is no status of a trip"),
        ("status:", "Nothing stands after “status:”"),
        ("status: paid", "Nothing stands after “status:”"),
        ("amount:many", "“many” is no amount"),
        ("amount:>", "“>” is no amount"),
        ("amount:1e9", "“1e9” is no amount"),
        ("amount:99999999999", "is no amount"),
        ("date:2026-13-01", "“2026-13-01” is no day"),
        ("date:2026-11-05..2026-11-01", "the second day comes before the first"),
        ("date:..", "on at least one side"),
    ],
)
def test_what_means_nothing_is_told_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        parse(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("12.40", "12.40"), ("$12.40", "12.40"), ("¥1280", "1280"), ("€ 3.5", "3.5")],
)
def test_what_can_only_be_an_amount(text: str, amount: str) -> None:
    assert amount_in(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["1240", "12.", "-12.40", "1.2.3", "abc", "12.40 x", "٣.٤", ""])
def test_what_may_be_anything_is_no_amount(text: str) -> None:
    assert amount_in(text) is None
