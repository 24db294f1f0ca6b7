"""The books for a person with a browser."""

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from sandbox.books_view import summary
from sandbox.money import amount_text
from sandbox.records import Account, Feedback

NEWEST = 500
COLUMNS = (
    "store_id",
    "currency",
    "preauthorized",
    "authorized",
    "captured",
    "captures",
    "refunded",
    "refunds",
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sandbox books</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1a1a1a }}
table {{ border-collapse: collapse }} th, td {{ padding: .3rem .8rem; text-align: right }}
tr {{ border-bottom: 1px solid #ddd }}
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) {{ text-align: left }}
tr.twice td {{ background: #fde8e8 }}
</style></head><body><h1>Sandbox books</h1>
<p>{count}. What this stand-in for Amazon has taken and given back, what was checked out, and what was reported last.
Red: captured more than once. Reload to refresh.</p>
<table><thead><tr><th>trip</th>{heads}<th>cancelled</th><th>order</th><th>reported</th></tr></thead><tbody>
{rows}
</tbody></table></body></html>
"""


def books_page(accounts: Sequence[Account]) -> str:
    newest = list(reversed(accounts[-NEWEST:]))
    count = f"{len(accounts)} trips" + (f", the newest {NEWEST} shown" if len(accounts) > NEWEST else "")
    heads = "".join(f"<th>{name.removesuffix('_id')}</th>" for name in COLUMNS)
    return PAGE.format(count=count, heads=heads, rows="\n".join(map(_row, newest)))


def _row(account: Account) -> str:
    shown = summary(account)
    trip_id = account.trip.trip_id
    mark = ' class="twice"' if len(account.captures) > 1 else ""
    cells = "".join(f"<td>{escape(str(shown[name]))}</td>" for name in COLUMNS)
    cancelled = "yes" if account.trip.is_cancelled else ""
    link = f'<a href="/books/{quote(trip_id, safe="")}">{escape(trip_id)}</a>'
    order = account.order.order_id if account.order else ""
    reported = _reported(account.feedback[-1]) if account.feedback else ""
    return f"<tr{mark}><td>{link}</td>{cells}<td>{cancelled}</td><td>{order}</td><td>{reported}</td></tr>"


def _reported(feedback: Feedback) -> str:
    return f"{amount_text(feedback.settled)} of {amount_text(feedback.total)}, {feedback.status}"
