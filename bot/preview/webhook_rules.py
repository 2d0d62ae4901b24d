"""May updates be sent to this address, and how?"""

import dataclasses
import re
from urllib.parse import urlsplit

from bot.preview.refusal import Json, bad_request

PORTS = (80, 88, 443, 8443)
LONGEST_SECRET = 256
MOST_CONNECTIONS = 100
DEFAULT_CONNECTIONS = 40
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where updates go; `last_error_at` is Unix seconds."""

    url: str
    secret: str = ""
    connections: int = DEFAULT_CONNECTIONS
    last_error: str = ""
    last_error_at: float = 0

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine; nothing is ever delivered anywhere else."""
        return urlsplit(self.url).hostname in LOOPBACK

    def info(self, *, pending: int, allowed: tuple[str, ...]) -> Json:
        """Write it as the Bot API's WebhookInfo."""
        body: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": pending,
            "max_connections": self.connections,
        }
        if self.last_error:
            body |= {"last_error_message": self.last_error, "last_error_date": int(self.last_error_at)}
        return body | ({"allowed_updates": list(allowed)} if allowed else {})


def checked_webhook(url: str, *, secret: str, connections: int, loopback_http: bool) -> Webhook:
    """Give the webhook as it will be used; with `loopback_http` plain http on this machine will do.

    Raises:
        Refusal: the address or the secret is not allowed.
    """
    if len(secret) > LONGEST_SECRET:
        raise bad_request("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    try:
        parts = urlsplit(url)
        port = parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        raise bad_request("bad webhook: invalid URL specified") from None
    here = loopback_http and parts.hostname in LOOPBACK
    if parts.scheme != "https" and not (here and parts.scheme == "http"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if port not in PORTS and not here:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    return Webhook(url=url, secret=secret, connections=min(max(connections, 1), MOST_CONNECTIONS))
