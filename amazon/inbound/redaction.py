"""Taking secrets and personal data out of bodies before they are kept: what opens a gate, and what names a person.

Out go the values of identityKey, shopperKey and authToken, of a scanEvent's value and id (either may be the code that
was scanned, Amazon: faq), of every field whose name speaks of an e-mail or a phone, and whatever looks like an e-mail
address or an international phone number in any text. A body with nothing of the kind stays byte for byte.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

MASK = "***"

_SECRET_NAMES = {"identitykey", "shopperkey", "authtoken"}
_PERSONAL_NAMES = ("email", "phone")
_OF_A_SCAN = {"value", "id"}
_SCAN = "scanevent"

# A body that holds none of these, whatever the case and without hyphens, holds nothing to take out: nearly every cart.
# In one pass letters become small, and each of the characters that announce an address, a number or an escape an “@”.
_SIGNS = tuple(sign.encode() for sign in (*sorted(_SECRET_NAMES), *_PERSONAL_NAMES, _SCAN, "@"))
_TO_SIGNS = bytes(ord("@") if byte in b"@+\\\0" else byte for byte in bytes(range(256)).lower())

_NAMED = re.compile(r"identity[_-]?key|shopper[_-]?key|auth[_-]?token|scan[_-]?event|e-?mail|phone", re.IGNORECASE)

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_PHONE = re.compile(r"\+[\s(]{0,2}\d(?:[\s().\-/]{0,3}\d){6,14}")
_URL_SAFE = str.maketrans("-_", "+/")
_ESCAPED_ASCII = re.compile(r"\\u00([2-7][0-9a-fA-F])")

# A shorter secret is only taken out where it is the whole of a text: “1” stands in every answer.
_SHORTEST_INSIDE = 4


class Redacted(NamedTuple):
    """`is_whole`: the text, encoded again, is the body. `secrets`: what was taken out, also as it reads decoded."""

    text: str
    is_whole: bool
    secrets: frozenset[str] = frozenset()


def redact(body: bytes, *, secrets: Iterable[str] = ()) -> Redacted:
    """The body as text that may be kept. `secrets` are taken out as well: an answer may repeat what was asked."""
    known = frozenset(secrets)
    if not known and _is_harmless(body):
        return Redacted(body.decode(), is_whole=True)
    redactor = _Redactor(known)
    try:
        clean = redactor.value(msgspec.json.decode(body.decode(errors="replace")))
    except (msgspec.DecodeError, RecursionError):
        return _redact_text(body, known)
    if not redactor.has_changed:
        return _as_it_is(body)
    return Redacted(msgspec.json.encode(clean).decode(), is_whole=False, secrets=frozenset(redactor.found))


def mask_text(text: str, *, secrets: Iterable[str] = ()) -> str:
    """Without e-mail addresses, phone numbers and the secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        if text == secret:
            return MASK
        if len(secret) >= _SHORTEST_INSIDE:
            text = text.replace(secret, MASK)
    if "@" in text:
        text = _EMAIL.sub(MASK, text)
    return _PHONE.sub(MASK, text) if "+" in text else text


def _is_harmless(body: bytes) -> bool:
    plain = body.translate(_TO_SIGNS, b"_-")
    if any(sign in plain for sign in _SIGNS):
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_it_is(body: bytes) -> Redacted:
    text = body.decode(errors="backslashreplace").replace("\0", "\\x00")
    return Redacted(text, text.encode() == body)


def _redact_text(body: bytes, secrets: frozenset[str]) -> Redacted:
    """What is no JSON has no fields: from the first name of a secret on, nothing is kept."""
    whole = _as_it_is(body)
    plain = _ESCAPED_ASCII.sub(lambda match: chr(int(match[1], 16)), whole.text)
    if named := _NAMED.search(plain):
        found = {reading for text in plain[named.end() :].split('"') for reading in _readings(text)}
        text = f"{mask_text(plain[: named.end()], secrets=secrets)} {MASK}"
        return Redacted(text, is_whole=False, secrets=frozenset(found))
    masked = mask_text(plain, secrets=secrets)
    return whole if masked == plain else Redacted(masked, is_whole=False)


@dataclass(slots=True)
class _Redactor:
    """Copies decoded JSON without what must go."""

    known: frozenset[str]
    found: set[str] = field(default_factory=set)
    has_changed: bool = False

    def value(self, value: Any, *, is_hidden: bool = False, is_scan: bool = False) -> Any:
        """`is_hidden`: a secret stands here. `is_scan`: we are inside of a scanEvent, of any shape."""
        if isinstance(value, dict):
            return {
                self._text(key, is_hidden): self._member(key, item, is_hidden, is_scan) for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item, is_hidden=is_hidden or is_scan, is_scan=is_scan) for item in value]
        if isinstance(value, str):
            return self._text(value, is_hidden)
        if is_hidden and value is not None:
            return self._text(str(value), is_hidden)
        return value

    def _member(self, key: str, value: Any, is_hidden: bool, is_scan: bool) -> Any:
        name = key.lower().replace("_", "").replace("-", "")
        if name == _SCAN:
            return self.value(value, is_hidden=is_hidden or not isinstance(value, dict), is_scan=True)
        is_named = name in _SECRET_NAMES or any(part in name for part in _PERSONAL_NAMES)
        return self.value(value, is_hidden=is_hidden or is_named or (is_scan and name in _OF_A_SCAN), is_scan=is_scan)

    def _text(self, text: str, is_hidden: bool) -> str:
        if is_hidden and text:
            self.found |= _readings(text)
        masked = MASK if is_hidden and text else mask_text(text, secrets=self.known)
        self.has_changed |= masked != text
        return masked


def _readings(secret: str) -> set[str]:
    """The secret as it was sent, trimmed, and as it reads when it is Base64."""
    text = secret.strip()
    readings = {secret, text}
    try:
        plain = text.translate(_URL_SAFE).rstrip("=")
        readings.add(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode().strip())
    except (binascii.Error, ValueError):
        pass
    return readings - {""}
