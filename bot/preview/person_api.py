"""What the page asks for and does, as JSON under /preview/api: the person's side of the chat."""

import dataclasses
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.preview import person_side
from bot.preview.bot_api import BotApi
from bot.preview.records import BotStatus, Person
from bot.preview.refusal import Json
from bot.preview.telegram_state import BOT_USERNAME, TelegramState

FOLLOW_SECONDS = 25.0
LARGEST_BODY = 1_000_000
FURTHEST_AHEAD = 10 * 366 * 86_400.0
_EMPTY_FILE: Json = {"file_id": "person-file", "file_unique_id": "person-file-u", "file_size": 1024}
SAMPLES: dict[str, Json] = {
    "voice": {"voice": {**_EMPTY_FILE, "duration": 3, "mime_type": "audio/ogg"}},
    "photo": {"photo": [{**_EMPTY_FILE, "width": 320, "height": 240}]},
    "sticker": {
        "sticker": {
            **_EMPTY_FILE,
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": "🙂",
        }
    },
    "location": {"location": {"latitude": 52.52, "longitude": 13.405}},
    "contact": {"contact": {"phone_number": "+490000000", "first_name": "Ann"}},
    "dice": {"dice": {"emoji": "🎲", "value": 4}},
    "document": {"document": {**_EMPTY_FILE, "file_name": "note.txt", "mime_type": "text/plain"}},
}


class PersonApi:
    """The routes of the page; each takes and gives JSON."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._state = api.state

    def routes(self) -> list[Route]:
        """Give the routes, without their common prefix."""
        posts: dict[str, Callable[[Json, Person], Any]] = {
            "/send": self._send,
            "/send-other": self._send_other,
            "/edit": self._edit,
            "/press": self._press,
            "/block": self._block,
            "/language": self._language,
            "/inline": self._inline,
            "/choose": self._choose,
            "/bot-in-group": self._bot_in_group,
        }
        return [
            Route("/state", self._whole_state),
            Route("/changes", self._changes),
            Route("/commands", self._commands),
            Route("/calls", self._calls),
            Route("/clock", self._clock, methods=["GET", "POST"]),
            Route("/reset", self._reset, methods=["POST"]),
            Route("/files/{number}", self._file),
            *(Route(path, self._acting(act), methods=["POST"]) for path, act in posts.items()),
        ]

    # --- looking ---

    async def _whole_state(self, request: Request) -> Response:
        del request
        return JSONResponse(snapshot(self._state, self._api.now()))

    async def _changes(self, request: Request) -> Response:
        """Give the changes after `since`; wait for the first when there is none yet."""
        since = _number(request.query_params.get("since"))
        changes = self._state.changes_since(since)
        if changes == [] and since <= self._state.change_number and not self._api.is_closing:
            await self._api.bell.heard(FOLLOW_SECONDS)
            changes = self._state.changes_since(since)
        lost = changes is None or since > self._state.change_number
        listed = [] if lost else [change.as_json() for change in changes or []]
        return JSONResponse({"lost": lost, "number": self._state.change_number, "changes": listed})

    async def _calls(self, request: Request) -> Response:
        """Give the last calls of the bot, what was refused, and which buttons still spin."""
        del request
        state = self._state
        listed = {
            "calls": [dataclasses.asdict(call) for call in state.calls],
            "refusals": [dataclasses.asdict(refusal) for refusal in state.refusals],
            "unanswered": [press.as_json() for press in state.unanswered_presses()],
        }
        return JSONResponse(listed)

    async def _commands(self, request: Request) -> Response:
        """Give the command list that this person sees in this chat."""
        person = self._person(request.query_params.get("person", "ann"))
        chat = self._state.chats.get(_number(request.query_params.get("chat")))
        commands = self._state.profile.commands_seen(
            chat_id=chat.id if chat else person.id,
            user_id=person.id,
            is_private=chat is None or chat.is_private,
            language=(person.language or "")[:2],
        )
        return JSONResponse({"commands": commands})

    async def _file(self, request: Request) -> Response:
        """Give a file of the bot; only pictures are shown, the rest is saved."""
        stored = self._state.files.get(str(request.path_params["number"]))
        if stored is None:
            return JSONResponse({"error": "No such file."}, status_code=404)
        if stored.kind in {"image/png", "image/jpeg", "image/webp", "image/gif"}:
            return Response(stored.content, media_type=stored.kind)
        headers = {"Content-Disposition": "attachment"}
        return Response(stored.content, media_type="application/octet-stream", headers=headers)

    # --- acting ---

    async def _clock(self, request: Request) -> Response:
        """Tell the time, or move it: `forward` or `offset` in seconds."""
        if request.method == "POST":
            given = await _json(request)
            ahead = self._state.clock_offset + _decimal(given.get("forward", 0))
            offset = _decimal(given.get("offset", ahead))
            self._state.clock_offset = min(max(offset, 0.0), FURTHEST_AHEAD)
            self._state.note("clock", {"offset": self._state.clock_offset})
        return JSONResponse({"now": self._api.now(), "offset": self._state.clock_offset})

    async def _reset(self, request: Request) -> Response:
        del request
        self._state.reset()
        return JSONResponse({"done": True})

    def _acting(self, act: Callable[[Json, Person], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                given = await _json(request)
                result = act(given, self._person(str(given.get("person", ""))))
            except person_side.CannotDo as reason:
                return JSONResponse({"error": str(reason)}, status_code=409)
            except (KeyError, TypeError, ValueError) as error:
                return JSONResponse({"error": f"Not understood: {error}"}, status_code=400)
            return JSONResponse({"done": True, "result": result})

        return endpoint

    def _person(self, key: str) -> Person:
        return self._state.person_called(key)

    def _send(self, given: Json, person: Person) -> list[Json]:
        sent = person_side.send(
            self._state,
            person,
            int(given["chat"]),
            str(given["text"]),
            now=self._api.now(),
            reply_to=given.get("reply_to"),
        )
        return [message.as_seen() for message in sent]

    def _send_other(self, given: Json, person: Person) -> Json:
        kind = str(given["kind"])
        content = SAMPLES[kind]
        if kind == "location" and "latitude" in given:
            place = {"latitude": float(given["latitude"]), "longitude": float(given["longitude"])}
            content = {"location": place}
        chat = int(given["chat"])
        return person_side.send_content(self._state, person, chat, content, now=self._api.now()).as_seen()

    def _edit(self, given: Json, person: Person) -> Json:
        chat, number = int(given["chat"]), int(given["message"])
        text = str(given["text"])
        return person_side.edit(self._state, person, chat, number, text, now=self._api.now()).as_seen()

    def _press(self, given: Json, person: Person) -> Json:
        chat, number = int(given["chat"]), int(given["message"])
        data = str(given["data"])
        return person_side.press(self._state, person, chat, number, data, now=self._api.now()).as_json()

    def _block(self, given: Json, person: Person) -> None:
        person_side.set_blocked(self._state, person, blocked=bool(given["blocked"]), now=self._api.now())

    def _language(self, given: Json, person: Person) -> None:
        language = given.get("language")
        self._state.put_person(dataclasses.replace(person, language=str(language) if language else None))

    def _inline(self, given: Json, person: Person) -> Json:
        query, offset = str(given["query"]), str(given.get("offset", ""))
        asked = person_side.ask_inline(self._state, person, query, now=self._api.now(), offset=offset)
        return asked.as_json()

    def _choose(self, given: Json, person: Person) -> Json:
        query, result = str(given["query"]), str(given["result"])
        chat = int(given["chat"])
        now = self._api.now()
        return person_side.choose_inline(self._state, person, query, result, chat, now=now).as_seen()

    def _bot_in_group(self, given: Json, person: Person) -> None:
        status: BotStatus = "member" if given["member"] else "kicked"
        person_side.set_bot_in_group(self._state, person, int(given["chat"]), status, now=self._api.now())


def snapshot(state: TelegramState, now: float) -> Json:
    """Give everything the page shows, and the number of the last change it contains."""
    return {
        "number": state.change_number,
        "now": now,
        "offset": state.clock_offset,
        "bot": {**state.bot_user(), "username": BOT_USERNAME},
        "description": state.profile.descriptions.get("", ""),
        "descriptions": state.profile.descriptions,
        "people": [dataclasses.asdict(person) for person in state.people.values()],
        "chats": [dataclasses.asdict(chat) for chat in state.chats.values()],
        "messages": [m.as_seen() for chat in state.messages.values() for m in chat.values()],
        "presses": [press.as_json() for press in state.presses.values()],
        "calls": [dataclasses.asdict(call) for call in state.calls],
        "refusals": [dataclasses.asdict(refusal) for refusal in state.refusals],
    }


async def _json(request: Request) -> Json:
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise ValueError("too much")
    given = json.loads(body or b"{}")
    if not isinstance(given, dict):
        raise TypeError("an object is expected")
    return given


def _number(text: str | None) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0


def _decimal(value: Any) -> float:
    return float(value)
