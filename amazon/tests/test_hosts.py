from collections.abc import Callable
from typing import Any

import pytest

from amazon.outbound.hosts import REGIONS, catalog_url, checkout_url, feedback_url, payments_url

DOMAIN = "amazonphysicalstores.com"
OVERRIDES = {
    "AMAZON_PAYMENTS_URL": payments_url,
    "AMAZON_CHECKOUT_URL": checkout_url,
    "AMAZON_FEEDBACK_URL": feedback_url,
}


@pytest.fixture(autouse=True)
def no_override(settings: Any) -> None:
    settings.AMAZON_CATALOG_URL = ""
    for name in OVERRIDES:
        setattr(settings, name, "")


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"])
def test_each_region_has_its_hosts(region: str) -> None:
    assert region in REGIONS
    assert payments_url(region, is_test=False) == f"https://{region}.payments.{DOMAIN}"
    assert feedback_url(region, is_test=False) == f"https://{region}.feedback.{DOMAIN}"
    assert catalog_url(region) == f"https://{region}.catalog.{DOMAIN}"


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_the_checkout_service_is_in_the_us(region: str) -> None:
    assert checkout_url(region, is_test=False) == f"https://{region}.checkout.{DOMAIN}"


@pytest.mark.parametrize("is_test", [False, True])
@pytest.mark.parametrize("region", ["eu-west-1", "ap-southeast-1"])
def test_elsewhere_there_is_none(region: str, is_test: bool) -> None:
    assert checkout_url(region, is_test=is_test) == ""


def test_store_in_test_mode_calls_the_test_hosts() -> None:
    assert payments_url("us-east-1", is_test=True) == f"https://us-east-1.test.payments.{DOMAIN}"
    assert checkout_url("us-east-1", is_test=True) == f"https://us-east-1.test.checkout.{DOMAIN}"


def test_store_in_test_mode_has_no_host_to_report_payments_to() -> None:
    assert feedback_url("us-east-1", is_test=True) == ""


@pytest.mark.parametrize("given", ["http://127.0.0.1:9000", "http://127.0.0.1:9000/"])
@pytest.mark.parametrize("is_test", [False, True])
@pytest.mark.parametrize("name", OVERRIDES)
def test_override_holds_for_every_store_and_its_own_service(
    name: str, given: str, is_test: bool, settings: Any
) -> None:
    setattr(settings, name, given)

    def is_overridden(url: Callable[..., str]) -> bool:
        return url("eu-west-1", is_test=is_test) == "http://127.0.0.1:9000"

    assert {service for service, url in OVERRIDES.items() if is_overridden(url)} == {name}


def test_the_catalogues_host_can_be_overridden(settings: Any) -> None:
    settings.AMAZON_CATALOG_URL = "http://127.0.0.1:9000/"

    assert catalog_url("us-east-1") == "http://127.0.0.1:9000"
