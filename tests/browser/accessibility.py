"""axe's findings on a page: WCAG 2 A and AA, those that it calls serious or critical."""

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
COUNTED = {"serious", "critical"}
EVERYTHING: dict[str, Any] = {"runOnly": {"type": "tag", "values": LEVELS}, "resultTypes": ["violations"]}
# Dark is the same page in other colours.
COLOURS: dict[str, Any] = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that we leave: a rule, and a piece of the element's own HTML."""

    rule: str
    html: str
    reason: str


_BY_DJANGO = "made by Django's own script for this kind of field"
KNOWN = (
    Known("list", '<ul class="object-tools">', "the theme's buttons for import and export"),
    Known("aria-prohibited-attr", "help-tooltip search-label-icon", _BY_DJANGO),
    Known("aria-input-field-name", "select2-", _BY_DJANGO),
)

_axe = Axe()


def findings(page: Page, options: dict[str, Any] = EVERYTHING) -> list[str]:
    """One line each; empty where there is nothing."""
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:200]} – {_why(node)}"
        for violation in _axe.run(page, options=options).response["violations"]
        if violation["impact"] in COUNTED
        for node in violation["nodes"]
        if not any(known.rule == violation["id"] and known.html in node["html"] for known in KNOWN)
    ]


def _why(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for check in (*node["any"], *node["all"], *node["none"]))[:300]
