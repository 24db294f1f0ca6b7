"""What is wrong with the settings of the gate, found when the process starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

SHORTEST, LONGEST = 30, 90


@register()
def check_scan_keys(**kwargs: Any) -> list[CheckMessage]:
    """Amazon: mobile_app_entry. A code lives for 30 to 90 seconds and is alphanumeric."""
    errors: list[CheckMessage] = []
    if not SHORTEST <= settings.SCAN_KEY_SECONDS <= LONGEST:
        hint = f"Set it to {SHORTEST} to {LONGEST} seconds."
        errors.append(Error(f"SCAN_KEY_SECONDS is {settings.SCAN_KEY_SECONDS}.", hint=hint, id="loyalty.E001"))
    prefix: str = settings.SCAN_KEY_PREFIX
    if not (prefix.isascii() and prefix.isalnum()):
        hint = "Amazon's gates read nothing but the letters A to Z and digits."
        errors.append(Error(f"SCAN_KEY_PREFIX is “{prefix}”.", hint=hint, id="loyalty.E002"))
    return errors
