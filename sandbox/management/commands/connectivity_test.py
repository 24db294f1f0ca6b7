import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox.connectivity.command import HELP, run
from sandbox.connectivity.setup import add_arguments
from sandbox.connectivity.signing import NoAwsKeysError


class Command(BaseCommand):
    help = HELP
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            is_good = run(options, self.stdout, sys.stderr)  # type: ignore[arg-type]
        except NoAwsKeysError as error:
            raise CommandError(str(error), returncode=2) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=130) from None
        if not is_good:
            sys.exit(1)
