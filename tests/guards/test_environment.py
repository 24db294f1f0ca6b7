"""`.env.example` is the manual of the settings: it names each variable, and shows the defaults as they are."""

import os
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "jwo_backoffice" / "settings.py"
EXAMPLE = (ROOT / ".env.example").read_text()

READ = re.compile(r'\benv\.\w+\(\s*"([A-Z_]+)"')
NAMED = re.compile(r"^(?:# )?([A-Z_]+)=(.*)$", re.MULTILINE)
COMMENTED = re.compile(r"^# ([A-Z_]+)=(.+)$", re.MULTILINE)


def test_every_variable_that_is_read_is_named_and_the_other_way_round() -> None:
    named = [name for name, _ in NAMED.findall(EXAMPLE)]

    assert sorted(named) == sorted(set(READ.findall(SETTINGS.read_text())))


def test_every_variable_is_explained() -> None:
    for block in EXAMPLE.split("\n\n"):
        if NAMED.search(block):
            explanation = [line for line in block.splitlines() if line.startswith("# ") and not NAMED.match(line)]
            assert explanation, block


def settings_with(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name in NAMED.findall(EXAMPLE):
        monkeypatch.delenv(name[0], raising=False)
    for name, value in {"ENV_FILE": os.devnull, "SECRET_KEY": "x" * 50, **variables}.items():
        monkeypatch.setenv(name, value)
    values = runpy.run_path(str(SETTINGS))
    return {name: value for name, value in values.items() if name.isupper() and name != "UNFOLD"}


def test_what_is_shown_as_default_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = dict(COMMENTED.findall(EXAMPLE))

    assert len(shown) > 10
    assert settings_with(shown, monkeypatch) == settings_with({}, monkeypatch)
