"""One size, measured from inside: `DATABASE_URL=… python -m bench.lists.measure ROUNDS` prints a line of JSON a page.

The requests go through all of Django, by its test client; no server and no network is in between.
"""

import json
import os
import statistics
import sys
import time
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "jwo_backoffice.settings"
os.environ |= {"MFA_REQUIRED_FOR_MONEY": "off", "ALLOWED_HOSTS": "testserver"}
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench.cpu import process_seconds  # noqa: E402
from bench.lists.pages import PEOPLE, Known, Page, pages, range_of_days  # noqa: E402
from bench.lists.tables import DAYS  # noqa: E402
from core.admin.paging import MOST_COUNTED  # noqa: E402
from orders.models import Trip  # noqa: E402
from payments.models import Refund  # noqa: E402
from staff.models import User  # noqa: E402
from stores.models import Store  # noqa: E402

# Nobody has collected the files of the pages here, and nobody asks for them.
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"

_LARGE_TABLE = 5_000  # rows; a scan of less is nobody's trouble


def main(rounds: int) -> None:
    clients = {name: _client(name, stores) for name, stores in PEOPLE.items()}
    sizes = _rows_of_tables()
    for page in pages(_known()):
        sys.stdout.write(json.dumps(_measured(clients[page.person], page, rounds, sizes)) + "\n")
        sys.stdout.flush()


def _client(name: str, numbers: list[int] | None) -> Client:
    user, _ = User.objects.get_or_create(
        username=name, defaults={"is_staff": True, "is_superuser": numbers is None, "sees_all_stores": False}
    )
    if numbers is not None:
        user.stores.set(Store.objects.filter(external_id__in=[f"STORE-{number}" for number in numbers]))
        from django.contrib.auth.models import Group

        user.groups.set(Group.objects.filter(name="manager"))
    client = Client()
    client.force_login(user)
    return client


def _known() -> Known:
    newest = Trip.objects.order_by("-received_at")[0]
    refund = Refund.objects.filter(state="done").order_by("-id")[20]
    paid = Trip.objects.filter(state="paid").order_by("-received_at")[30]
    middle = Trip.objects.order_by("-received_at")[4_990]
    return Known(
        paid.pk, middle.pk, paid.amazon_trip_id, str(refund.refund_request_id), range_of_days(newest.received_at, DAYS)
    )


def _measured(client: Client, page: Page, rounds: int, sizes: dict[str, int]) -> dict[str, Any]:
    for _ in range(2):
        answer = client.get(page.path)
    if answer.status_code != (302 if page.leads_to_a_trip else 200):
        raise SystemExit(f"{page.name}: {page.path} answered {answer.status_code}")
    took = []
    backend = connection.connection.info.backend_pid
    ours, theirs = time.process_time(), process_seconds(backend)
    for _ in range(rounds):
        started = time.perf_counter()
        client.get(page.path)
        took.append((time.perf_counter() - started) * 1000)
    processor = time.process_time() - ours + process_seconds(backend) - theirs
    with CaptureQueriesContext(connection) as captured:
        client.get(page.path)
    statements = [query["sql"] for query in captured]
    read, scans = _plans(statements, sizes)
    return {
        "name": page.name,
        "is_report": page.is_report,
        "ms": statistics.median(took),
        "processor_ms": processor / rounds * 1000,
        "statements": len(statements),
        "read": read,
        "scans": sorted(scans),
    }


def _plans(statements: list[str], sizes: dict[str, int]) -> tuple[int, set[str]]:
    """How many rows the greediest step of any statement reads, and which large tables are scanned."""
    most, scans = 0, set()
    with connection.cursor() as cursor:
        for statement in statements:
            if statement.startswith(("SELECT", "(SELECT", "WITH")):
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
                plan = cursor.fetchone()[0]
                plan = json.loads(plan) if isinstance(plan, str) else plan
                for step in _steps(plan[0]["Plan"]):
                    touched = step["Actual Rows"] + step.get("Rows Removed by Filter", 0)
                    touched += step.get("Rows Removed by Index Recheck", 0)
                    if "Scan" in step["Node Type"]:
                        most = max(most, int(touched * step["Actual Loops"]))
                    table = step.get("Relation Name", "")
                    is_long = touched * step["Actual Loops"] > MOST_COUNTED + 1
                    if step["Node Type"] == "Seq Scan" and is_long and sizes.get(table, 0) > _LARGE_TABLE:
                        scans.add(table)
    return most, scans


def _steps(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(step for part in plan.get("Plans", ()) for step in _steps(part))]


def _rows_of_tables() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r'")
        return dict(cursor.fetchall())


if __name__ == "__main__":
    main(int(sys.argv[1]))
