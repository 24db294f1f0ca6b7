from typing import Any

import pytest

from amazon.outbound.hosts import REGIONS, payments_url


@pytest.fixture(autouse=True)
def no_override(settings: Any) -> None:
    settings.AMAZON_PAYMENTS_URL = ""


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"])
def test_each_region_has_its_host(region: str) -> None:
    assert region in REGIONS
    assert payments_url(region, is_test=False) == f"https://{region}.payments.amazonphysicalstores.com"


def test_store_in_test_mode_calls_the_test_host() -> None:
    assert payments_url("us-east-1", is_test=True) == "https://us-east-1.test.payments.amazonphysicalstores.com"


@pytest.mark.parametrize("given", ["http://127.0.0.1:9000", "http://127.0.0.1:9000/"])
@pytest.mark.parametrize("is_test", [False, True])
def test_override_holds_for_every_store(given: str, is_test: bool, settings: Any) -> None:
    settings.AMAZON_PAYMENTS_URL = given

    assert payments_url("eu-west-1", is_test=is_test) == "http://127.0.0.1:9000"
