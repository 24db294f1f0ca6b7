"""Phone numbers as people write them."""

import re

_PUNCTUATION = re.compile(r"[\s().\-/]+")
_NUMBER = re.compile(r"\+?[0-9]{5,20}")


def as_phone_number(text: str) -> str | None:
    """`+447700900123` for “0044 7700-900 123” and the like; None for what is no phone number."""
    bare = _PUNCTUATION.sub("", text)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    return bare if _NUMBER.fullmatch(bare) else None
