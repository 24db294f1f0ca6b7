"""A stored call as a command that anybody can run."""

import shlex

from amazon.models import InboundCall


def as_curl(call: InboundCall, url: str) -> str:
    """For a POSIX shell. The key is read from the variable CONNECTOR_KEY and never stands in the command."""
    parts = [
        f"curl -i -X POST {shlex.quote(url)}",
        "-H 'Content-Type: application/json'",
        '-H "x-api-key: $CONNECTOR_KEY"',
        f"--data-raw {shlex.quote(call.body)}",  # raw: curl takes --data @name for a file
    ]
    return " \\\n  ".join(parts)
