"""Bodies of Amazon's calls as the tests send them."""

import json
from typing import Any

Json = dict[str, Any]


def encoded(content: Any) -> bytes:
    return json.dumps(content).encode()


def changed(content: Json, path: str, value: Any) -> Json:
    """The body with the value at a path such as `cartItems.0.quantity.unit` set, or dropped where it is `...`."""
    copy: Json = json.loads(json.dumps(content))
    *parents, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = copy
    for step in parents:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return copy
