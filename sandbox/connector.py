"""The retailer's connector, as Amazon's services call it."""

import json
from time import sleep
from typing import Any
from urllib.parse import quote

import requests

# Amazon's caller tries three times on a 5xx (Amazon: the FAQ quotes "SDK Attempt Count: 3"); API Gateway waits 29 s.
ATTEMPTS = 3
TIMEOUT = 29


class ConnectorError(Exception):
    """The text is a plain sentence with the cure. Worth another try later only when `may_pass`."""

    def __init__(self, message: str, *, may_pass: bool) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class Connector:
    def __init__(self, url: str, key: str, *, app_key: str, pause: float) -> None:
        self._url = url.rstrip("/")
        self._app_key = app_key
        self._pause = pause
        self._session = requests.Session()
        # Nothing but the addresses given is contacted: no proxy from the environment, no .netrc.
        self._session.trust_env = False
        self._session.headers.update({"x-api-key": key, "Content-Type": "application/json"})

    def close(self) -> None:
        self._session.close()

    def post(self, route: str, content: Any) -> requests.Response:
        """The same body each time; the last answer counts. Raises ConnectorError when there is none."""
        body = json.dumps(content).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._session.post(self._url + route, data=body, timeout=TIMEOUT)
            except requests.RequestException as error:
                if attempt == ATTEMPTS:
                    raise self._unreachable() from error
            else:
                if answer.status_code < 500 or attempt == ATTEMPTS:
                    return answer
            sleep(self._pause * attempt)
        raise self._unreachable()

    def scan_key(self, member: str) -> str | None:
        """A fresh one, as the retailer's app gets it; None where it gets none."""
        url = f"{self._url}/api/v1/members/{quote(member, safe='')}/scan-key/"
        headers = {"Authorization": f"Bearer {self._app_key}"}
        try:
            key = fields(self._session.post(url, data=b"{}", headers=headers, timeout=TIMEOUT)).get("scan_key")
        except requests.RequestException:
            return None
        return key if isinstance(key, str) else None

    def check(self, answer: requests.Response, route: str, store_id: object) -> None:
        """Raises ConnectorError unless the answer is a success."""
        status = answer.status_code
        if status < 300:
            return
        said = answer.text.strip()[:300]
        if status in (401, 403):
            sentence = f"The connector refused the key ({status}). Give one of its CONNECTOR_API_KEYS with --key."
        elif status == 404:
            cure = "--connector-url is the address before /v1."
            sentence = f"The connector has no {route} at {self._url} (404). {cure}"
        elif status == 400:
            cure = f"Does it know the store {store_id}? Create it there, or name another with --store."
            sentence = f"The connector refused the call (400): {said} {cure}"
        else:
            sentence = f"The connector answered {status}: {said} Its log has the reason."
        raise ConnectorError(sentence, may_pass=status >= 500 or status == 429)

    def _unreachable(self) -> ConnectorError:
        cure = "Start it (manage.py runserver), or give its address with --connector-url."
        return ConnectorError(f"No connector answers at {self._url}. {cure}", may_pass=True)


def fields(answer: requests.Response) -> dict[str, Any]:
    """Of a JSON object; none of anything else."""
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
