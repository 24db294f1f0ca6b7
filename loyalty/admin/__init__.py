"""The staff's pages about members, their points and what was scanned."""

from loyalty.admin.members import MemberAdmin
from loyalty.admin.points import PointsEntryAdmin
from loyalty.admin.promotions import PromotionAdmin
from loyalty.admin.scans import ScanAdmin

__all__ = ["MemberAdmin", "PointsEntryAdmin", "PromotionAdmin", "ScanAdmin"]
