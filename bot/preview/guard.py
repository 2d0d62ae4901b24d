"""Does this request come from this machine's own programs and page, and from no other web page?"""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
_READING = frozenset({"GET", "HEAD"})
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class LocalOnly:
    """Answers 403 to foreign host names (DNS rebinding) and to other pages' requests; sets strict headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a local request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reason = objection(scope["method"], scope["path"], Headers(scope=scope))
        if reason:
            await PlainTextResponse(reason, status_code=403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def objection(method: str, path: str, headers: Headers) -> str | None:
    """Say why a request is not let in, or None."""
    host = headers.get("host", "")
    if _name_of(host) not in _HOSTS:
        return "This server answers to local addresses only."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "Requests of other pages are not answered."
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"} and path != "/preview/":
        return "Requests of other pages are not answered."
    is_json = headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    if path.startswith("/preview/") and method not in _READING and not is_json:
        return "Only JSON is accepted here."
    return None


def _name_of(host: str) -> str:
    name, separator, port = host.rpartition(":")
    return name.lower() if separator and port.isdigit() else host.lower()
