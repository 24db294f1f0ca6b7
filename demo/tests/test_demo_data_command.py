"""Where the demo's data may be written, and that it is the same each time."""

from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from demo import visits
from demo.assortment import CARD, CHECKOUT, COMBO
from orders.models import Trip
from reports.models import TripDay
from stores.models import Store

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def developers_machine(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(visits, "VISITS", {CARD: 60, COMBO: 60, CHECKOUT: 20})  # as many as tell two seeds apart


def fill(*arguments: str) -> str:
    output = StringIO()
    call_command("demo_data", *arguments, stdout=output)
    return output.getvalue()


def test_it_is_refused_while_debug_is_off(settings: Any) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG is off"):
        fill()
    assert not Store.objects.exists()


@pytest.mark.parametrize("arguments", [[], ["--reset"]])
def test_it_is_refused_in_a_database_that_somebody_works_with(arguments: list[str]) -> None:
    Store.objects.create(external_id="SHOP-1", name="A shop", region="us-east-1", time_zone="UTC", currency="USD")

    with pytest.raises(CommandError, match="none of the demo's"):
        fill(*arguments)
    assert Store.objects.get().external_id == "SHOP-1"


@pytest.mark.django_db(transaction=True)
def test_a_second_run_changes_nothing_and_the_same_seed_gives_the_same_trips() -> None:
    def everything() -> Counter[tuple[Any, ...]]:
        return Counter(Trip.objects.values_list("amazon_trip_id", "state", "total", "entry", "store__external_id"))

    fill("--seed", "7")
    first = everything()
    assert sum(TripDay.objects.values_list("trips", flat=True)) == len(first)  # the reports know them

    assert "stands already" in fill("--seed", "7")
    assert everything() == first
    fill("--reset", "--seed", "7")
    assert everything() == first
    fill("--reset", "--seed", "8")
    assert everything() != first
