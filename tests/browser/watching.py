"""What goes wrong on a page without anybody seeing it: scripts that fail, files that are missing, foreign hosts."""

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

# The browser says so when somebody goes on to another page before the last one has fetched everything.
_WENT_ON = "net::ERR_ABORTED"


class Watch:
    def __init__(self, page: Page, url: str) -> None:
        self._host = urlsplit(url).netloc
        self._seen: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._seen.append(f"script: {error}"))
        page.on("request", self._request)
        page.on("requestfailed", self._failed)
        page.on("response", self._response)

    def complaints(self) -> list[str]:
        return list(self._seen)

    def forgive(self, part: str) -> None:
        """What a test brings about itself, such as a page that is refused."""
        self._seen = [line for line in self._seen if part not in line]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._seen.append(f"console: {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.netloc != self._host:
            self._seen.append(f"foreign host: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != _WENT_ON:
            self._seen.append(f"failed: {request.url}: {request.failure}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._seen.append(f"status {response.status}: {response.url}")
