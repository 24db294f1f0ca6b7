"""The catalogues: whole, compiled as they are written, and with what each text must hold."""

import re
from collections import Counter
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings

FOLDERS = [Path(settings.LOCALE_PATHS[0], code, "LC_MESSAGES") for code, _ in settings.LANGUAGES if code != "en"]
HELD = re.compile(r"%\(\w+\)s|%%|\{\w*\}|</?\w+[^>]*>")

pytestmark = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)


def catalogue(folder: Path) -> Catalog:
    return read_po(BytesIO((folder / "django.po").read_bytes()))


def texts(folder: Path) -> list[Message]:
    return [message for message in catalogue(folder) if message.id]


def compiled(file: BytesIO) -> dict[Any, str]:
    known: dict[Any, str] = dict(GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    return {text: said for text, said in known.items() if text}  # the header stands under the empty text


def first(said: Any) -> str:
    return said if isinstance(said, str) else said[0]


def test_what_is_compiled_is_what_is_written(folder: Path) -> None:
    fresh = BytesIO()
    write_mo(fresh, catalogue(folder))
    fresh.seek(0)

    assert compiled(BytesIO((folder / "django.mo").read_bytes())) == compiled(fresh)


def test_every_text_is_translated_and_none_is_a_guess(folder: Path) -> None:
    assert [message.id for message in texts(folder) if message.fuzzy or not first(message.string)] == []


def test_a_translation_holds_what_its_text_holds(folder: Path) -> None:
    """Amounts, names and tags; a text for many may name what that for one spells out."""
    different = [
        message.id
        for message in texts(folder)
        if Counter(HELD.findall(first(message.string)))
        != Counter(HELD.findall(message.id if isinstance(message.id, str) else message.id[-1]))
    ]

    assert different == []
