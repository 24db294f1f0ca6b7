import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError

from core.backlog import LATE_AFTER_SECONDS, Backlog, backlog
from core.tables import text_table

HEADS = ("kind", "due", "oldest due since (UTC)", "failing", "late")
COULD_NOT_LOOK = 2


class Command(BaseCommand):
    help = "Shows the work that waits, oldest first. Exit status: 0 all is in time, 1 some is late, 2 could not look."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument(
            "--late-after",
            type=float,
            default=LATE_AFTER_SECONDS,
            metavar="SECONDS",
            help="what has been due for longer is late (default: %(default)g)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        late_after = options["late_after"]
        try:
            kinds = backlog(late_after)
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}", returncode=COULD_NOT_LOOK) from error
        if options["json"]:
            self.stdout.write(json.dumps([kind.as_json for kind in kinds], cls=DjangoJSONEncoder))
        else:
            self.stdout.write(text_table(HEADS, [_cells(kind) for kind in kinds], numbers=frozenset(HEADS[1:])))
        late = [kind.kind for kind in kinds if kind.late]
        if late:
            raise CommandError(
                f"Due for more than {late_after:g} seconds: {', '.join(late)}. Does a worker run? Does Amazon answer?"
            )


def _cells(kind: Backlog) -> tuple[str, ...]:
    since = f"{kind.oldest:%Y-%m-%d %H:%M:%S}" if kind.oldest else "–"
    return kind.kind, str(kind.due), since, str(kind.failing), str(kind.late)
