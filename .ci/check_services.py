"""Are PostgreSQL and Redis there? Says in a sentence what is missing."""

import sys

import psycopg
import redis


def main(database_url: str, broker_url: str) -> None:
    missing = []
    try:
        psycopg.connect(database_url, connect_timeout=5).close()
    except psycopg.Error as error:
        missing.append(f"PostgreSQL does not answer at {database_url} (TEST_DATABASE_URL): {str(error).strip()}")
    try:
        redis.Redis.from_url(broker_url, socket_connect_timeout=5).ping()
    except (redis.RedisError, ValueError) as error:
        missing.append(f"Redis does not answer at {broker_url} (TEST_BROKER_URL): {error}")
    if missing:
        sys.exit("\n".join(missing))


if __name__ == "__main__":
    main(*sys.argv[1:3])
