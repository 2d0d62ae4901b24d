"""How is each change written?"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import sqlalchemy as sa

from bot.changes import (
    AddReminder,
    AddReport,
    Change,
    ChatBack,
    ChatBlocked,
    ChatMoved,
    CountVote,
    DeleteReminder,
    EditReminder,
    EndDialog,
    ErasePerson,
    PauseReminder,
    ResumeReminder,
    SaveDialog,
    SavePerson,
    Settle,
    Snooze,
    StopReminder,
)
from bot.store import people, reminders, reports
from bot.store.tables import chats

if TYPE_CHECKING:
    from bot.reminders import ParseRule
    from bot.store.database import Tx


def apply(tx: Tx, change: Change, parse: ParseRule) -> None:
    """Writes one change."""
    match change:
        case SavePerson(person=person):
            people.save(tx, person)
        case ErasePerson(person_id=person_id):
            people.erase(tx, person_id)
        case SaveDialog(dialog=dialog):
            people.save_dialog(tx, dialog)
        case EndDialog(chat_id=chat_id, person_id=person_id):
            people.end_dialog(tx, chat_id, person_id)
        case AddReminder():
            reminders.add(tx, change)
        case EditReminder():
            reminders.edit(tx, change)
        case PauseReminder(person_id=person_id, reminder_id=reminder_id):
            reminders.pause(tx, person_id, reminder_id)
        case ResumeReminder(person_id=person_id, reminder_id=reminder_id):
            reminders.resume(tx, person_id, reminder_id, parse)
        case StopReminder(person_id=person_id, reminder_id=reminder_id):
            reminders.stop(tx, person_id, reminder_id)
        case DeleteReminder(person_id=person_id, reminder_id=reminder_id):
            reminders.delete(tx, person_id, reminder_id)
        case Settle():
            reminders.settle(tx, change, parse)
        case Snooze():
            reminders.snooze(tx, change, parse)
        case ChatBlocked(chat_id=chat_id):
            people.block_chat(tx, chat_id)
        case ChatBack(chat_id=chat_id):
            tx.run(sa.delete(chats).where(chats.c.chat_id == chat_id))
            reminders.unblock_chat(tx, chat_id, parse)
        case ChatMoved(chat_id=chat_id, new_id=new_id):
            people.move_chat(tx, chat_id, new_id)
        case AddReport(report=report):
            reports.add(tx, report)
        case CountVote(passage=passage, helped=helped):
            reports.count(tx, passage, helped=helped)
        case _:
            assert_never(change)
