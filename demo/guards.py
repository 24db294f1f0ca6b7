"""Where the demo may write, and where it must not."""

from django.conf import settings

from demo.assortment import PREFIX
from stores.models import Store


class NotHere(Exception):
    """The text says why, and what to do."""


def check_may_write() -> None:
    """Raises NotHere outside a developer's machine, and in a database that somebody works with."""
    if not settings.DEBUG:
        raise NotHere("Demo data is refused while DEBUG is off: this could be a shop's server.")
    if Store.objects.exclude(external_id__startswith=PREFIX).exists():
        raise NotHere("Demo data is refused: this database holds stores that are none of the demo's.")
