from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox.running import CannotStartError, add_arguments, serve


class Command(BaseCommand):
    help = "Runs a local stand-in for Amazon's payments, checkout, feedback and catalog hosts."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            serve(options, self.stdout)  # type: ignore[arg-type]
        except CannotStartError as error:
            raise CommandError(str(error)) from error
