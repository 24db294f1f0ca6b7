"""The hours of a store's day: whole ones since its midnight, which in some zones are not the hours of UTC."""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Value
from django.db.models.functions import TruncHour

from reports.days import Span


def past_the_hour(span: Span) -> timedelta:
    """By how much the day's hours begin later than UTC's."""
    return timedelta(minutes=span.start.minute)


def utc_hour(of: str, span: Span) -> TruncHour:
    """Of a time within the day: when its hour began, less `past_the_hour`."""
    late = past_the_hour(span)
    return TruncHour(ExpressionWrapper(F(of) - Value(late), output_field=DateTimeField()) if late else of)
