"""Times on pages: in the zone of the store where they happened, with the UTC at hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

register = template.Library()

NO_TIME = SafeString("–")


@register.filter
def in_zone(moment: datetime | None, zone: str) -> SafeString:
    """`{{ trip.received_at|in_zone:store.time_zone }}`: `24 Nov 2026, 10:30 EST`."""
    return _tag(moment, zone, _("j M Y, H:i T"))


@register.filter
def text_in_zone(moment: datetime, zone: str) -> str:
    """The same where no HTML is."""
    return date_format(moment.astimezone(ZoneInfo(zone)), _("j M Y, H:i T"))


@register.filter
def clock_in_zone(moment: datetime | None, zone: str) -> SafeString:
    """`10:30:07`, where the day stands elsewhere."""
    return _tag(moment, zone, "H:i:s")


@register.filter
def day_in_zone(moment: datetime, zone: str) -> str:
    """`24 November 2026`: the store's day."""
    return date_format(moment.astimezone(ZoneInfo(zone)), _("j F Y"))


@register.filter
def lasting(moment: datetime, now: datetime | None = None) -> str:
    """`2 hours, 5 minutes`: since then."""
    now = now or datetime.now(UTC)
    return _("moments") if now - moment < timedelta(minutes=1) else timesince(moment, now)


def _tag(moment: datetime | None, zone: str, pattern: str) -> SafeString:
    if moment is None:
        return NO_TIME
    utc = moment.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}</time>',
        utc.isoformat(timespec="seconds"),
        utc.strftime("%Y-%m-%d %H:%M:%S"),
        date_format(moment.astimezone(ZoneInfo(zone)), pattern),
    )
