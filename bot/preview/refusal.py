"""How Telegram says no: a code, a sentence, and sometimes a number to wait or a chat to move to."""

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """Telegram does not do what the call asks; `description` is the text it answers with."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def envelope(self) -> Json:
        """Give the body of the answer, as the Bot API writes it."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters is not None:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> Refusal:
    """Refuse a call whose content is wrong; repeating it would not help."""
    return Refusal(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> Refusal:
    """Refuse a call because the other side does not want to hear from the bot."""
    return Refusal(403, f"Forbidden: {reason}")


def conflict(reason: str) -> Refusal:
    """Refuse a second way of receiving updates."""
    return Refusal(409, f"Conflict: {reason}")


def flood(seconds: int) -> Refusal:
    """Refuse a call that comes too soon; `seconds` is the pause Telegram asks for."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def unauthorized() -> Refusal:
    """Refuse a token nobody issued, or one that was revoked."""
    return Refusal(401, "Unauthorized")


def not_found() -> Refusal:
    """Refuse a method that does not exist."""
    return Refusal(404, "Not Found")
