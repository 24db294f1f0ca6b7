"""Finding and starting Chromium: the system's own, never one that Playwright downloads."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

DEBIANS = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",  # tests run as root where continuous integration does; the pages are our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoChromium(Exception):
    """The text says what to do."""


def find_chromium() -> str:
    """Raises NoChromium."""
    named = os.environ.get("CHROMIUM", "")
    if named and not shutil.which(named):
        raise NoChromium(f"CHROMIUM names {named}, which cannot be run.")
    found = named or (DEBIANS if Path(DEBIANS).is_file() else shutil.which("chromium"))
    if not found:
        raise NoChromium(
            "The browser tests need Chromium, and there is none: apt install chromium, or say where it is by CHROMIUM."
        )
    return found


@contextmanager
def running_chromium(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
