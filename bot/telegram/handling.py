"""What does one stored update lead to? It is read, the conversation answers, its reply becomes a letter.

Nothing is sent and nothing stored here, save for small signs: the store takes changes and letters in one transaction.
Whatever goes wrong, the person gets a reply with an error number; the log gets the number, the kind, the update's id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, assert_never, cast

import orjson

from bot import counts
from bot.changes import Change as StoredChange
from bot.changes import ChatBack, ChatBlocked, ChatMoved, Handled, SaveDialog
from bot.incoming import Buttons, Change, Door, Incoming, Pressed, Say, Ticked, Turn, Typed
from bot.inline_talk import Offers
from bot.intake import InboxItem, PutAside
from bot.known import NOTHING_KNOWN, Known
from bot.letters import Draft
from bot.people import Dialog, Remembered
from bot.reminders import Occurrence, Reminder, ReminderState
from bot.reply import Reply
from bot.telegram.sending import written
from bot.telegram.signs import Signs
from bot.telegram.updates import Happening, Me, happening, loads, press_to_answer
from bot.turnstile import Passing, Turnstile

log = logging.getLogger(__name__)

MEMORY_STEP: Final = "talk"
MEMORY_VERSION: Final = 1
MEMORY_KEPT: Final = timedelta(minutes=30)
"""How long the thread of a conversation is kept: ids and terms of the corpus, a draft reminder, a running check."""
TICK_AGAIN: Final = timedelta(seconds=2)
"""When a message is looked for again whose number is not known yet."""
_HISTORIES_READ: Final = 20
_FAILURES_KEPT: Final = 1024
_READABLE: Final = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS

OnFailure = Callable[[str, str], Reply]
"""(language, error number) → the reply that owns up to a failure of ours."""
OnLimit = Callable[[str, str], Reply]
"""(language, `too-many` or `too-long`) → the reply to somebody who writes too much."""
LONGEST_TEXT: Final = 4096
"""Characters; Telegram itself takes no longer message, so whoever sends one is no person."""


class Conversation(Protocol):
    """The conversation, the same for every front door."""

    def answer(self, incoming: Incoming, memory: Mapping[str, Any], known: Known = NOTHING_KNOWN) -> Turn:
        """What is said to this, given what was remembered and what is stored; pure."""
        ...

    def wants_known(self, incoming: Incoming) -> bool:
        """Whether the answer needs what is stored of the person."""
        ...

    def toast(self, incoming: Incoming) -> str:
        """What a press shows for a moment, at once; empty for none."""
        ...

    def ticking(self, memory: Mapping[str, Any]) -> int | str | None:
        """The message that changes by itself: its number, or the key it was sent under."""
        ...

    def inline(self, query: str, *, language_code: str | None, bot: str) -> Offers:
        """What is offered to somebody who types after our name in any chat."""
        ...

    def wants_export(self, incoming: Incoming) -> bool:
        """Whether everything stored of the person is to be shown."""
        ...


class Memories(Protocol):
    """Where memories and numbers of sent messages are looked up; `bot.store.Store` is one."""

    async def remembered(self, chat_id: int, person_id: int) -> Remembered:
        """Where a conversation stands, what the person agreed to and chose, and whether they have reminders."""
        ...

    async def reply(self, chat_id: int, reply_key: str) -> int | None:
        """The number of the message that a letter became."""
        ...

    async def reminders(self, person_id: int) -> list[Reminder]:
        """A person's reminders."""
        ...

    async def occurrences(self, reminder_id: str) -> list[Occurrence]:
        """What became of a reminder's occurrences, oldest first."""
        ...

    async def export(self, person_id: int) -> dict[str, list[dict[str, Any]]]:
        """Everything stored of a person."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the edge needs the conversation's makers to say: answers, apologies, limits, and the language at a loss."""

    conversation: Conversation
    on_failure: OnFailure
    on_limit: OnLimit
    default_language: str


class Handler:
    """Leads from an inbox item to what it changes and what is said.

    Args:
        me: which bot we are.
        words: conversation and apologies.
        memories: what was remembered.
        signs: spinner and "typing".
        clock: the time, for presses (which carry none) and for the end of a memory.
    """

    def __init__(
        self, *, me: Me, words: Words, memories: Memories, signs: Signs, clock: Callable[[], datetime]
    ) -> None:
        self._me = me
        self._words = words
        self._memories = memories
        self._signs = signs
        self._clock = clock
        self._languages: dict[int, str] = {}
        self._turnstile = Turnstile()

    async def handle(self, item: InboxItem) -> Handled:
        """What an update leads to. Raises only what trying again may cure: failures of the store."""
        update = loads(item.body)
        press = press_to_answer(update)
        what = happening(update, me=self._me, now=self._clock())
        if press is not None:
            self._signs.take_press(press, self._toast(what))
        match what:
            case None:
                return Handled()
            case ChatBlocked() | ChatBack() | ChatMoved():
                return Handled(changes=(what,))
            case Incoming():
                return await self._answer(what, item)
            case _:
                assert_never(what)

    async def ticked(self, dialog: Dialog) -> tuple[Draft | None, datetime | None]:
        """What a conversation that goes on by itself says, and when it goes on next.

        Raises only what trying again may cure: failures of the store.
        """
        memory, talk = _remembered(dialog), self._words.conversation
        place = talk.ticking(memory)
        message = await self._memories.reply(dialog.chat_id, place) if isinstance(place, str) else place
        if message is None:
            return None, None if place is None else self._clock() + TICK_AGAIN
        incoming = Incoming(
            chat=dialog.chat_id,
            person=dialog.person_id,
            door=Door.PRIVATE,
            act=Ticked(),
            message=message,
            at=self._clock(),
            language_code=None,
        )
        known = await self._known(incoming, await self._memories.remembered(dialog.chat_id, dialog.person_id))
        try:
            turn = talk.answer(incoming, memory, known)
            letters = [written(each, chat=dialog.chat_id) for each in turn.said]
        except Exception:  # a clock that stands still is better than a bot that does
            log.exception("a session's clock stops in chat %s", dialog.chat_id)
            return None, None
        return (letters[0] if letters else None), turn.wake

    def _toast(self, what: Happening | None) -> str:
        return self._words.conversation.toast(what) if isinstance(what, Incoming) else ""

    def apology(self, note: PutAside) -> Draft | None:
        """The letter for an update that was given up after several tries; None when it has no chat."""
        if note.chat_id == 0:
            return None
        language = self._languages.pop(note.update_id, self._words.default_language)
        return written(Say(reply=self._words.on_failure(language, note.reference)), chat=note.chat_id)

    async def _answer(self, incoming: Incoming, item: InboxItem) -> Handled:
        language = self._language(incoming)
        if (limited := self._limited(incoming, language)) is not None:
            return limited
        self._note_language(item.update_id, language)
        self._signs.begin(incoming.chat)
        remembered = item.remembered if incoming.person == item.chat_id else None
        if remembered is None:
            remembered = await self._memories.remembered(incoming.chat, incoming.person)
        earlier = await self._earlier_reply(incoming)
        known = await self._known(incoming, remembered)
        try:
            turn = self._words.conversation.answer(incoming, _remembered(remembered.dialog), known)
            handled = self._handled(incoming, turn, earlier)
        except Exception as error:  # noqa: BLE001  the person must hear of it, and trying again would end the same
            handled = Handled(letters=(self._own_up(incoming, item, language, error),))
        if not handled.letters:
            self._signs.end(incoming.chat)
        self._languages.pop(item.update_id, None)
        return handled

    def _limited(self, incoming: Incoming, language: str) -> Handled | None:
        """What somebody hears who writes too much; None for everybody else."""
        passing = self._turnstile.passing(incoming.person, incoming.at)
        too_long = isinstance(incoming.act, Typed) and len(incoming.act.text) > LONGEST_TEXT
        if passing is Passing.OPEN and not too_long:
            return None
        counts.limited("too_long" if passing is Passing.OPEN else "too_many")
        if passing is Passing.SHUT:
            return Handled()
        reply = self._words.on_limit(language, "too-long" if passing is Passing.OPEN else "too-many")
        return Handled(letters=(written(Say(reply=reply), chat=incoming.chat),))

    async def _known(self, incoming: Incoming, remembered: Remembered) -> Known:
        """What is stored of the person; in a group nothing, and only who they are where the answer needs no more.

        Whether a sentence is about reminders takes reading it; whoever has none is spared that.
        """
        if incoming.door is Door.GROUP:
            return NOTHING_KNOWN
        talk, stored, person = self._words.conversation, self._memories, remembered.person
        if not (remembered.has_reminders or talk.wants_export(incoming)) or not talk.wants_known(incoming):
            return Known(person=person)
        reminders = await stored.reminders(incoming.person)
        lately = [each.id for each in reminders if each.state is not ReminderState.STOPPED][-_HISTORIES_READ:]
        exported = await stored.export(incoming.person) if talk.wants_export(incoming) else None
        return Known(
            person=person,
            reminders=reminders,
            history={each: await stored.occurrences(each) for each in lately},
            exported=orjson.dumps(exported, option=_READABLE).decode() if exported else None,
        )

    def _handled(self, incoming: Incoming, turn: Turn, earlier: int | None) -> Handled:
        changes = [cast("StoredChange", effect) for effect in turn.effects]
        if turn.memory is not None:
            changes.insert(0, SaveDialog(dialog=_dialog(incoming, turn.memory, turn)))
        below_file = isinstance(incoming.act, Pressed) and not incoming.act.below_text
        said = [_in_place(each, earlier if number == 0 else None) for number, each in enumerate(turn.said)]
        said = [Say(reply=each.reply) if below_file and isinstance(each, Change) else each for each in said]
        letters = tuple(
            written(each, chat=incoming.chat, reply_key=_reply_key(each, incoming) if number == 0 else None)
            for number, each in enumerate(said)
        )
        return Handled(changes=tuple(changes), letters=letters)

    def _own_up(self, incoming: Incoming, item: InboxItem, language: str, error: Exception) -> Draft:
        note = PutAside(update_id=item.update_id, chat_id=incoming.chat, error=type(error).__name__)
        log.error("failure %s: %s at update %s", note.reference, note.error, item.update_id, exc_info=error)
        to = incoming.message if incoming.door is Door.GROUP and isinstance(incoming.act, Typed) else None
        return written(Say(reply=self._words.on_failure(language, note.reference), to=to), chat=incoming.chat)

    async def _earlier_reply(self, incoming: Incoming) -> int | None:
        """Our reply to the message that was edited, to be changed in its place."""
        match incoming.act:
            case Typed(edited=True):
                return await self._memories.reply(incoming.chat, _key(incoming.message))
            case _:
                return None

    def _language(self, incoming: Incoming) -> str:
        code = (incoming.language_code or "").lower().partition("-")[0]
        return code if code in {"en", "ru"} else self._words.default_language

    def _note_language(self, update_id: int, language: str) -> None:
        if len(self._languages) >= _FAILURES_KEPT:
            self._languages.clear()
        self._languages[update_id] = language


def _in_place(saying: Say | Change | Buttons, earlier: int | None) -> Say | Change | Buttons:
    """A new message, or the change of the earlier one where there is one."""
    if earlier is None or not isinstance(saying, Say):
        return saying
    return Change(reply=saying.reply, message=earlier)


def _reply_key(saying: Say | Change | Buttons, incoming: Incoming) -> str:
    """Under which the number of what is said first can be found again."""
    own = saying.key if isinstance(saying, Say) else None
    return own or _key(incoming.message)


def _key(message: int) -> str:
    """Under which the reply to a message can be found again."""
    return f"to:{message}"


def _remembered(dialog: Dialog | None) -> Mapping[str, Any]:
    """What a stored dialog holds; nothing when it is of another shape than ours."""
    if dialog is None or dialog.version != MEMORY_VERSION:
        return {}
    memory = loads(dialog.data)
    return memory if isinstance(memory, dict) else {}


def _dialog(incoming: Incoming, memory: Mapping[str, Any], turn: Turn) -> Dialog:
    return Dialog(
        chat_id=incoming.chat,
        person_id=incoming.person,
        step=MEMORY_STEP,
        data=orjson.dumps(dict(memory)).decode(),
        version=MEMORY_VERSION,
        expires=max(incoming.at, turn.busy_until or incoming.at) + MEMORY_KEPT,
        wake=turn.wake,
    )
