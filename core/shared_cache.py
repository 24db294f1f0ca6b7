"""A Redis that is away must neither close a door nor keep it waiting."""

import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# So long Redis is not asked again once it did not answer.
PAUSE_SECONDS = 10.0


class SharedCache(RedisCache):
    """Redis, and this process's own memory while Redis does not answer: each process then counts by itself."""

    # Of the process: Django gives each thread a cache of its own.
    _away_until: ClassVar[float] = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._own = LocMemCache("while-redis-is-away", params | {"OPTIONS": {}})

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("add", super().add, *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("get", super().get, *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("set", super().set, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("delete", super().delete, *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._ask("incr", super().incr, *args, **kwargs)

    def _ask(self, name: str, redis: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= SharedCache._away_until:
            try:
                return redis(*args, **kwargs)
            except RedisError as error:
                SharedCache._away_until = time.monotonic() + PAUSE_SECONDS
                logger.warning("Redis (CACHE_URL) does not answer; this process counts by itself: %s", error)
        return getattr(self._own, name)(*args, **kwargs)
