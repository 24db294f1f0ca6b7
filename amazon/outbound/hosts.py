"""Where Amazon's services are. Amazon: faq ("What is the invoke URL ..."), connectivity_testing (test hosts)."""

from django.conf import settings

REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "us-west-2": "US West (Oregon)",
    "eu-west-1": "EU (Ireland)",
    "ap-southeast-1": "Asia Pacific (Singapore)",
}


def payments_url(region: str, *, is_test: bool) -> str:
    """Base URL of the payment service, without a slash at the end. AMAZON_PAYMENTS_URL overrides it for all stores."""
    override: str = settings.AMAZON_PAYMENTS_URL
    if override:
        return override.rstrip("/")
    return f"https://{region}.{'test.' if is_test else ''}payments.amazonphysicalstores.com"
