"""Both directions of the journal for one trip, in one statement."""

from typing import Any

from django.db.models import Case, CharField, QuerySet, TextField, Value, When

from amazon.models import InboundCall, OutboundCall

_FIELDS = ("pk", "at", "operation", "url", "request", "status", "answer", "error", "amazon_request_id", "duration_ms")


def calls_of_trip(amazon_trip_id: str) -> tuple[list[OutboundCall], list[InboundCall]]:
    """Ours whole, Amazon's without their bodies; neither in any order."""
    no_text, nothing = Value("", TextField()), Value("", CharField())
    ours = OutboundCall.objects.filter(amazon_trip_id=amazon_trip_id).annotate(way=Value("out"))
    theirs = InboundCall.objects.filter(amazon_trip_id=amazon_trip_id).annotate(
        way=Case(When(is_replay=True, then=Value("replay")), default=Value("in")),
        path=nothing,
        sent=no_text,
        said=no_text,
        mistake=no_text,
    )
    both: QuerySet[Any] = ours.order_by().values_list("way", *_FIELDS)
    rows = both.union(
        theirs.order_by().values_list(
            "way", "pk", "at", "endpoint", "path", "sent", "status", "said", "mistake", "request_id", "duration_ms"
        ),
        all=True,
    )
    outbound, inbound = [], []
    for way, *values in rows:
        known = dict(zip(_FIELDS, values, strict=True))
        if way == "out":
            outbound.append(OutboundCall(amazon_trip_id=amazon_trip_id, **known))
        else:
            named = {name: known[name] for name in ("pk", "at", "status", "duration_ms")}
            named |= {"endpoint": known["operation"], "request_id": known["amazon_request_id"]}
            inbound.append(InboundCall(amazon_trip_id=amazon_trip_id, is_replay=way == "replay", **named))
    return outbound, inbound
