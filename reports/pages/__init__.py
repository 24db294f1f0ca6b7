"""The pages of the reports. Each asks the roll-ups a question; page, files and API show the same answer."""

from reports.pages import (
    connector,
    debts,
    end_of_day,
    entries,
    journal,
    loyalty,
    overview,
    payments,
    products,
    refunds,
    sales,
    staff_actions,
)

PAGES = (
    overview.PAGE,
    sales.PAGE,
    products.PAGE,
    payments.PAGE,
    refunds.PAGE,
    debts.PAGE,
    entries.PAGE,
    loyalty.PAGE,
    staff_actions.PAGE,
    connector.PAGE,
    end_of_day.PAGE,
    journal.PAGE,
)

__all__ = ["PAGES"]
