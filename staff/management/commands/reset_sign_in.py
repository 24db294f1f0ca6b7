"""For when nobody can sign in who could help."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from staff.models import User
from staff.signing_in.reset import forget_how_they_sign_in


class Command(BaseCommand):
    help = "Forgets somebody's second factors and link to the single sign-on, and signs them out. The password stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options: Any) -> None:
        person = User.objects.filter(username=username).first()
        if person is None:
            raise CommandError(f"There is no user {username}.")
        forget_how_they_sign_in(person)
        self.stdout.write(f"Signing in of {username} reset. They add a second factor when they sign in next.")
