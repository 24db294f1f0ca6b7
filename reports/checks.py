"""What `manage.py check` says of the settings of the reports."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

from reports.pages.journal import ACCOUNTS


@register
def check_ledger_accounts(**kwargs: Any) -> list[CheckMessage]:
    unknown = sorted({name for name in settings.LEDGER_ACCOUNTS if name.partition("/")[0] not in ACCOUNTS})
    known = ", ".join(ACCOUNTS)
    return [
        Warning(f"LEDGER_ACCOUNTS: the journal has no account “{name}”.", hint=f"It has: {known}.", id="reports.W001")
        for name in unknown
    ]
