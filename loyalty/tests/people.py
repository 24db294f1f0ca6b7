"""Members, and what was scanned, as tests start from them."""

from typing import Any

from loyalty.member_data import CodeData, MemberData
from loyalty.models import Member, Scan
from loyalty.services.members import save_member
from stores.models import Store


def a_member(external_id: str = "ada-1", *codes: str, loyalty: tuple[str, ...] = (), **said: Any) -> Member:
    """Written by the service, so that whoever listens has heard of them."""
    of_gate, of_points = [CodeData(code) for code in codes], [CodeData(code, is_loyalty_only=True) for code in loyalty]
    return save_member(external_id, MemberData(codes=(*of_gate, *of_points), **said)).member


def a_store(name: str = "Corner shop", **fields: Any) -> Store:
    defaults = {"name": name, "region": "us-east-1", "time_zone": "America/New_York", "currency": "USD"}
    return Store.objects.get_or_create(external_id=name.replace(" ", "-").lower(), defaults=defaults | fields)[0]


def a_scan(member: Member | None, store: Store, **fields: Any) -> Scan:
    number = Scan.objects.count()
    defaults = {"kind": "identity", "request_id": f"r-{number}", "event_id": f"e-{number}", "at": "2026-01-05T09:00Z"}
    return Scan.objects.create(member=member, store=store, shown="…22", **({"is_accepted": True} | defaults | fields))
