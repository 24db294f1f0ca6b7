"""Who may see which pages of the reports."""

from reports.pages import PAGES
from reports.pages.page import Page
from staff.models import User

RIGHT = "reports.view_reports"


def rights_for(page: Page) -> list[str]:
    """Some pages need a right besides."""
    return [RIGHT, page.right] if page.right else [RIGHT]


def pages_of(person: User) -> list[Page]:
    """Those that somebody who may see the reports is shown."""
    return [page for page in PAGES if person.has_perms(rights_for(page))]
