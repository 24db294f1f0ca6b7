"""What is said of a member, checked and brought into one spelling: no database."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from core.errors import Invalid
from loyalty.models import MemberKind
from loyalty.phones import as_phone_number

LONGEST = {"external_id": 255, "code": 255, "name": 200, "email": 254, "phone": 32, "tier": 50}

# Members whose personal data were erased are called so; nobody else can be.
ANONYMOUS = "anonymous-"

# How a file writes several codes into one column, and which of them open no gate.
CODE_SEPARATOR = "|"
LOYALTY_ONLY = "loyalty:"


@dataclass(frozen=True, slots=True)
class CodeData:
    value: str
    is_loyalty_only: bool = False


@dataclass(frozen=True, slots=True)
class MemberData:
    """None: nothing is said of it, and what stands is left. Empty: there is none."""

    kind: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    tier: str | None = None
    codes: tuple[CodeData, ...] | None = None

    @property
    def columns(self) -> dict[str, str]:
        """What is said, by column of the member's row."""
        values = {"kind": self.kind, "name": self.name, "email": self.email, "phone": self.phone, "tier": self.tier}
        return {name: value for name, value in values.items() if value is not None}

    def cleaned(self) -> "MemberData":
        """Raises Invalid that names the field."""
        if self.kind is not None and self.kind not in MemberKind.values:
            raise Invalid(
                _("“%(kind)s” is none of %(value)s.") % {"kind": self.kind, "value": ", ".join(MemberKind.values)},
                field="kind",
            )
        return replace(
            self,
            name=None if self.name is None else _text(self.name, "name"),
            email=None if self.email is None else _email(self.email),
            phone=None if self.phone is None else _phone(self.phone),
            tier=None if self.tier is None else _text(self.tier, "tier"),
            codes=None if self.codes is None else _codes(self.codes),
        )


def cleaned_external_id(text: str) -> str:
    """Raises Invalid for what cannot be a member's id."""
    bare = _printable(text, "external_id")
    if not bare:
        raise Invalid(_("A member needs an external id."), field="external_id")
    if "/" in bare:
        raise Invalid(_("An external id must not contain “/”, since it is part of an address."), field="external_id")
    if bare.startswith(ANONYMOUS):
        raise Invalid(
            _("“%(anonymous)s…” is kept for members whose data were erased.") % {"anonymous": ANONYMOUS},
            field="external_id",
        )
    return bare


def cleaned_code(text: str) -> str:
    """Raises Invalid for what cannot be a code."""
    bare = _printable(text, "code", field="codes")
    if not bare:
        raise Invalid(_("A code must not be empty."), field="codes")
    if CODE_SEPARATOR in bare or bare.startswith(LOYALTY_ONLY):
        raise Invalid(
            _(
                "“%(bare)s” cannot be a code: “%(code_separator)s” and a leading “%(loyalty_only)s” mean something in"
                " files."
            )
            % {"bare": bare, "code_separator": CODE_SEPARATOR, "loyalty_only": LOYALTY_ONLY},
            field="codes",
        )
    return bare


def _codes(codes: Iterable[CodeData]) -> tuple[CodeData, ...]:
    cleaned = tuple(CodeData(cleaned_code(code.value), code.is_loyalty_only) for code in codes)
    seen: set[str] = set()
    for code in cleaned:
        if code.value in seen:
            raise Invalid(_("“%(value)s” stands twice among the codes.") % {"value": code.value}, field="codes")
        seen.add(code.value)
    return cleaned


def _email(text: str) -> str:
    """In lower case, so that it is found however it was typed."""
    bare = _text(text, "email").lower()
    try:
        if bare:
            validate_email(bare)
    except ValidationError as error:
        raise Invalid(_("This is no e-mail address."), field="email") from error
    return bare


def _phone(text: str) -> str:
    bare = _text(text, "phone")
    number = as_phone_number(bare) if bare else ""
    if number is None:
        raise Invalid(_("This is no phone number. Write it with country code, such as +447700900123."), field="phone")
    return number


def _printable(text: str, what: str, *, field: str = "") -> str:
    """What a scanner can read and a person can type."""
    bare = _text(text, what, field=field)
    if not bare.isprintable():
        raise Invalid(_("It holds a character that cannot be printed."), field=field or what)
    return bare


def _text(text: str, what: str, *, field: str = "") -> str:
    """Without blanks around it. Control characters and half surrogates are refused: not every database takes them."""
    bare = text.strip()
    if len(bare) > LONGEST[what]:
        raise Invalid(_("At most %(value)s characters are possible.") % {"value": LONGEST[what]}, field=field or what)
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in bare):
        raise Invalid(_("It holds a character that cannot be printed."), field=field or what)
    return bare
