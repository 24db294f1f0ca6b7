"""A time zone for tests that count by days: whenever they run, all of their minutes lie in one day there."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_HOURS_AHEAD = 12 - datetime.now(UTC).hour

MIDDAY_ZONE = f"Etc/GMT{-_HOURS_AHEAD:+d}"  # its sign is the other way round
TODAY = datetime.now(ZoneInfo(MIDDAY_ZONE)).date()
