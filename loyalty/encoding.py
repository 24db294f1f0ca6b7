"""From what Amazon sends to the text that a scanner read. Amazon: verify_identity_keys, resolve_scan, faq."""

import base64
import binascii

_STANDARD_ALPHABET = str.maketrans("-_", "+/")


def decoded(key: str) -> str | None:
    """The text in a Base64 key, or None where it holds none.

    Blanks around the key are dropped (the FAQ's own sample ends with one), the alphabet may be the standard or the
    URL-safe one, and padding may be missing.
    """
    bare = key.strip().rstrip("=").translate(_STANDARD_ALPHABET)
    try:
        text = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode().strip()
    except (binascii.Error, ValueError):  # no Base64, or no UTF-8 in it
        return None
    return text if text and text.isprintable() else None


def readings(key: str) -> list[str]:
    """What a key may say, likelier first: the text in it, and the key as it stands."""
    found = [decoded(key), key.strip()]
    return [text for text in found if text and text.isprintable()]
