"""Where Amazon's services are. Amazon: faq ("What is the invoke URL ..."), connectivity_testing (test hosts).

Base URLs without a slash at the end; an empty one says that there is no such host. A setting for each service overrides
its host for all stores.
"""

from django.conf import settings

REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "us-west-2": "US West (Oregon)",
    "eu-west-1": "EU (Ireland)",
    "ap-southeast-1": "Asia Pacific (Singapore)",
}
CHECKOUT_REGIONS = {"us-east-1", "us-west-2"}


def payments_url(region: str, *, is_test: bool) -> str:
    return _override(settings.AMAZON_PAYMENTS_URL) or _amazon(region, "payments", is_test=is_test)


def checkout_url(region: str, *, is_test: bool) -> str:
    """Empty where Amazon lists no checkout host: outside the US."""
    if override := _override(settings.AMAZON_CHECKOUT_URL):
        return override
    return _amazon(region, "checkout", is_test=is_test) if region in CHECKOUT_REGIONS else ""


def feedback_url(region: str, *, is_test: bool) -> str:
    """Empty for a store in test mode: no test host is known, and the real one must not hear of invented debts.

    Amazon prints these addresses with http. That they answer to https, as the others do, is our reading.
    """
    if override := _override(settings.AMAZON_FEEDBACK_URL):
        return override
    return "" if is_test else _amazon(region, "feedback")


def catalog_url(region: str) -> str:
    """Named like the others: our reading, since no page shows this host. No test host is known."""
    return _override(settings.AMAZON_CATALOG_URL) or _amazon(region, "catalog")


def _override(url: str) -> str:
    return url.rstrip("/")


def _amazon(region: str, service: str, *, is_test: bool = False) -> str:
    return f"https://{region}.{'test.' if is_test else ''}{service}.amazonphysicalstores.com"
