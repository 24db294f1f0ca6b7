"""The journal of calls, in either direction."""

from amazon.admin.inbound_calls import InboundCallAdmin
from amazon.admin.outbound_calls import OutboundCallAdmin

__all__ = ["InboundCallAdmin", "OutboundCallAdmin"]
