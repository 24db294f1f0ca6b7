"""A scan key as the retailer's app gets it from this application. Other connectors have doors of their own."""

from urllib.parse import quote

from sandbox.connectivity.cases import SkippedError, Stage, given

ROUTE = "/api/v1/members/{member}/scan-key/"


def fresh_scan_key(stage: Stage) -> str:
    """Raises SkippedError where none is to be had."""
    setup = stage.setup
    url = setup.app_url + ROUTE.format(member=quote(given(setup.member, "--member"), safe=""))
    reply = stage.caller.post(url, b"{}", {"Authorization": f"Bearer {given(setup.app_key, '--app-key')}"})
    key = (reply.content or {}).get("scan_key")
    if not isinstance(key, str):
        raise SkippedError(f"no scan key is to be had at {url} ({reply})")
    return key
