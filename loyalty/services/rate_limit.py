"""How many calls of a store are answered in a minute."""

import hashlib
import logging
import time

from django.conf import settings
from django.core.cache import cache

from amazon.inbound.errors import TooManyCalls

MINUTE = 60

logger = logging.getLogger(__name__)


def count_call(store_id: str) -> None:
    """Count one call of the store. Raises TooManyCalls above IDENTITY_CALLS_PER_MINUTE, until the next minute."""
    limit: int = settings.IDENTITY_CALLS_PER_MINUTE
    if not limit:
        return
    minute, second = divmod(int(time.time()), MINUTE)
    if _count(store_id, minute) > limit:
        text = f"storeId: more than {limit} calls in this minute"
        raise TooManyCalls(text, retry_after=MINUTE - second)


def _count(store_id: str, minute: int) -> int:
    # Amazon's id may hold what a cache takes in no key.
    key = f"identity-calls:{hashlib.sha256(store_id.encode()).hexdigest()}:{minute}"
    try:
        return 1 if cache.add(key, 1, timeout=2 * MINUTE) else cache.incr(key)
    except Exception:  # whatever the cache's client raises: a counter that is out of order must not close the gate
        logger.exception("the calls of a store could not be counted")
        return 0
