"""Would Telegram accept this address as a link?"""

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?=.{1,255}$)[^\s/?#@:.]+(?:\.[^\s/?#@:.]+)+\.?$")
_APP_SCHEMES = {"tg", "ton", "tonsite"}


def checked_link(address: str) -> str | None:
    """Give the address as Telegram keeps it, or None when it is no link (scheme, dotted host)."""
    address = address.strip()
    if not address or any(character.isspace() for character in address):
        return None
    if "://" not in address:
        address = f"http://{address}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port  # a wrong port raises here
    except ValueError:
        return None
    if parts.scheme.lower() in _APP_SCHEMES:
        return address
    if parts.scheme.lower() not in {"http", "https"} or not _HOST.match(host):
        return None
    return address if parts.path else f"{parts.scheme}://{parts.netloc}/{address.partition(parts.netloc)[2]}"


def is_https(address: str) -> bool:
    """Say whether the address is a link that starts with https."""
    return address.lower().startswith("https://") and checked_link(address) is not None
