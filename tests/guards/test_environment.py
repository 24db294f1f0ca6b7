"""`.env.example` is the manual of the settings: it names each variable, and shows the defaults as they are."""

import os
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

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


ISSUER = {"OIDC_ISSUER": "https://id.example.com"}
CLIENT = {"OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"}
HALF = [
    ISSUER,
    ISSUER | {"OIDC_CLIENT_ID": "x"},
    CLIENT | {"OIDC_ISSUER": "http://id.example.com"},
    {"OIDC_ONLY": "on"},
    ISSUER | CLIENT | {"OIDC_GROUPS": "it-retail=manager"},
]


@pytest.mark.parametrize("half", HALF, ids=lambda half: "+".join(half))
def test_a_single_sign_on_that_is_half_set_up_does_not_start(
    half: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ImproperlyConfigured, match="OIDC_"):
        settings_with(half, monkeypatch)


def test_the_second_factor_is_required_unless_somebody_debugs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_with({}, monkeypatch)["MFA_REQUIRED_FOR_MONEY"]
    assert not settings_with({"DEBUG": "on"}, monkeypatch)["MFA_REQUIRED_FOR_MONEY"]


def test_groups_of_the_single_sign_on_are_read_as_they_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ISSUER | CLIENT | {"OIDC_GROUPS_CLAIM": "groups", "OIDC_GROUPS": "it-retail=manager,it-staff="}

    assert settings_with(whole, monkeypatch)["OIDC_GROUPS"] == {"it-retail": "manager", "it-staff": ""}
