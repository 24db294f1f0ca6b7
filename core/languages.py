"""English and Japanese: pages speak the reader's language, what is written down is English (docs/translations.md)."""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeAlias

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    # A text, or one that is only looked up when it is shown: what stands in modules and classes.
    Words: TypeAlias = str | _StrPromise
else:
    Words = str

# Pages for people. Machines, which call all the rest, are answered in English.
_PAGES = ("/admin/", "/account/", "/receipts/")


def is_for_people(request: HttpRequest) -> bool:
    return request.path.startswith(_PAGES)


def english() -> AbstractContextManager[None]:
    """Around what is written into the database: it must not depend on who is signed in."""
    return translation.override(settings.LANGUAGE_CODE)


def in_english(words: Words) -> str:
    """What a label or a message says in English, to be written down."""
    with english():
        return str(words)
