import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from demo import launch
from demo.environment import Options, read_options, read_password
from demo.greeting import greeting
from demo.guards import NotHere, check_may_write
from demo.processes import ChildDied, Family
from demo.receipts import register_at_kiosk
from demo.sandbox_books import stage_past


class Command(BaseCommand):
    help = "Runs the whole demo until Ctrl-C: sandbox, worker, web and a stream of trips. `make demo` prepares for it."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="only begin anew: forget all data, then make it again")

    def handle(self, *args: Any, **options: Any) -> None:
        # Also where a shell started this in the background and so had Ctrl-C ignored.
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.default_int_handler)
        try:
            self._handle(read_options(), is_reset=options["reset"])
        except KeyboardInterrupt:
            self._say("\nThe demo is stopped.")
        except (NotHere, ChildDied) as error:
            raise CommandError(str(error)) from error

    def _handle(self, options: Options, *, is_reset: bool) -> None:
        if not (settings.IS_DEMO and settings.DEBUG):
            raise NotHere("These are not the demo's settings. Use `make demo`, or set ENV_FILE=demo.env.")
        launch.check_ports(options)
        self._prepare(is_reset=is_reset)
        if is_reset:
            self._say("The demo is as new. `make demo` starts it.")
            return
        family = launch.new_family(options)
        try:
            self._start(family, options)
            family.watch()
        finally:
            # A second Ctrl-C must not leave half of them running.
            for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(name, signal.SIG_IGN)
            self._say("\nStopping …")
            family.stop()

    def _prepare(self, *, is_reset: bool) -> None:
        self._say("Preparing the database …")
        if is_reset:
            launch.forget_database()
        call_command("migrate", verbosity=0)
        check_may_write()
        if is_reset:
            launch.forget_files()
        call_command("demo_data", reset=is_reset, stdout=self.stdout)

    def _start(self, family: Family, options: Options) -> None:
        self._say("Starting the sandbox …")
        launch.start_sandbox(family, options)
        stage_past(options.sandbox_url)
        register_at_kiosk(options.sandbox_url)
        connections.close_all()
        self._say("Starting worker and web …")
        launch.start_work(family, options)
        launch.start_trips(family, options)
        self._say(greeting(options, read_password(), family.folder))

    def _say(self, text: str) -> None:
        """At once, also into a pipe or a file."""
        self.stdout.write(text)
        self.stdout.flush()
