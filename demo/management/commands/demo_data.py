import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from demo.assortment import PREFIX
from demo.environment import read_password
from demo.guards import NotHere, check_may_write
from demo.history import write_history
from demo.people import ensure_people
from stores.models import Store

DEFAULT_SEED = 1


class Command(BaseCommand):
    help = "Fills the database with three stores, three logins and some 60 days of trips. A second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="the same seed gives the same trips")
        parser.add_argument("--reset", action="store_true", help="empty the database first")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check_may_write()
        except NotHere as error:
            raise CommandError(str(error)) from error
        if options["reset"]:
            call_command("flush", interactive=False, verbosity=0)
        password = read_password()
        if Store.objects.filter(external_id__startswith=PREFIX).exists():
            ensure_people(password)
            self.stdout.write("The demo data stands already.")
            return
        now = datetime.now(UTC).replace(microsecond=0)
        count = write_history(options["seed"], now, sys.stdout)
        ensure_people(password)
        # Its past was written all at once, and no worker runs yet.
        call_command("rebuild_rollups", stdout=self.stdout)
        self.stdout.write(f"Demo data: {count} trips of the last 60 days in three stores.")
