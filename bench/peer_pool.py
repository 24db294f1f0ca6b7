"""What every comparison program has of its own caller and database: a key, and a persistent pool."""

import hmac
import os

import asyncpg

_API_KEY = os.environ["PEER_API_KEY"].encode()
_POOL_SIZE = int(os.environ.get("PEER_POOL_SIZE", "8"))


def is_known_key(given: str) -> bool:
    return hmac.compare_digest(given.encode(), _API_KEY)


async def _keep_as_it_is(connection: asyncpg.Connection) -> None:
    """Instead of asyncpg's reset, a round trip after every query: nothing here changes a connection's state."""


async def open_pool() -> asyncpg.Pool:
    return await asyncpg.create_pool(
        os.environ["PEER_DATABASE_URL"],
        min_size=_POOL_SIZE,
        max_size=_POOL_SIZE,
        reset=_keep_as_it_is,
        server_settings={"search_path": os.environ["PEER_SCHEMA"]},
    )
