"""Which tables are there? All moments are whole milliseconds of UTC since 1970.

`wake_at` is the only thing a claim looks at: when a row is next to be touched, be it due, to be retried, or
leased by someone who may have died. NULL means not at all.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, SmallInteger, String, Table, Text

METADATA = MetaData()
_SERIAL = BigInteger().with_variant(Integer, "sqlite")

schema_version = Table(
    "schema_version",
    METADATA,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("name", String(100), nullable=False),
    Column("applied_at", BigInteger, nullable=False),
)

people = Table(
    "people",
    METADATA,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("consent_at", BigInteger),
    Column("language", String(35)),
    Column("zone", String(64)),
    Column("data", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

chats = Table(
    "chats",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("blocked_at", BigInteger),
)

dialogs = Table(
    "dialogs",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("step", String(64), nullable=False),
    Column("data", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("wake_at", BigInteger),
    Index("ix_dialogs_person", "person_id"),
)
# Few conversations go on by themselves (a session with its timer); only those are looked through.
Index(
    "ix_dialogs_wake",
    dialogs.c.wake_at,
    sqlite_where=dialogs.c.wake_at.is_not(None),
    postgresql_where=dialogs.c.wake_at.is_not(None),
)

# What people report about answers, by a fixed choice of reasons, and how often passages helped; no words.
reports = Table(
    "reports",
    METADATA,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("places", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Index("ix_reports_at", "at"),
)

votes = Table(
    "votes",
    METADATA,
    Column("passage", String(64), primary_key=True),
    Column("yes", BigInteger, nullable=False),
    Column("no", BigInteger, nullable=False),
)

# Updates: `seen` remembers numbers only, `inbox` holds the text until it is handled, `lanes` has one row per
# chat that has something waiting, and that row is what a copy of the bot leases.
seen = Table(
    "seen",
    METADATA,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", BigInteger, nullable=False),
    Index("ix_seen_received", "received_at"),
)

inbox = Table(
    "inbox",
    METADATA,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("update_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Index("ix_inbox_chat", "chat_id", "seq"),
    sqlite_autoincrement=True,
)

lanes = Table(
    "lanes",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("wake_at", BigInteger, nullable=False),
    Column("token", String(32)),
    Column("failures", Integer, nullable=False, default=0),
    Column("claims", Integer, nullable=False, default=0),
    Index("ix_lanes_wake", "wake_at"),
)

put_aside = Table(
    "put_aside",
    METADATA,
    Column("reference", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_put_aside_at", "at"),
)

# Letters: `mail` is to `outbox` what `lanes` is to `inbox`.
outbox = Table(
    "outbox",
    METADATA,
    Column("id", _SERIAL, primary_key=True, autoincrement=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("method", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("reply_key", String(100)),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_outbox_chat", "chat_id", "lane", "id"),
    sqlite_autoincrement=True,
)

mail = Table(
    "mail",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("wake_at", BigInteger, nullable=False),
    Column("token", String(32)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("strikes", Integer, nullable=False, default=0),
    Index("ix_mail_wake", "lane", "wake_at"),
)

replies = Table(
    "replies",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reply_key", String(100), primary_key=True),
    Column("message_id", BigInteger, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Index("ix_replies_sent", "sent_at"),
)

reminders = Table(
    "reminders",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("person_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("rule", Text),
    Column("parent_id", String(40)),
    Column("parent_due", BigInteger),
    Column("sessions_left", Integer),
    Column("data", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("due_at", BigInteger),
    Column("wake_at", BigInteger),
    Column("lane", SmallInteger, nullable=False),
    Column("token", String(32)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("strikes", Integer, nullable=False, default=0),
    Column("version", Integer, nullable=False, default=1),
    Column("created_at", BigInteger, nullable=False),
    Index("ix_reminders_chat", "chat_id"),
    Index("ix_reminders_person", "person_id"),
    Index("ix_reminders_parent", "parent_id"),
)
Index(
    "ix_reminders_wake",
    reminders.c.lane,
    reminders.c.wake_at,
    sqlite_where=reminders.c.wake_at.is_not(None),
    postgresql_where=reminders.c.wake_at.is_not(None),
)
# Rows that wait for something else than their due moment; few, and looked through when the clock was set
# back.
_BUSY = reminders.c.wake_at != reminders.c.due_at
Index("ix_reminders_busy", reminders.c.wake_at, sqlite_where=_BUSY, postgresql_where=_BUSY)

occurrences = Table(
    "occurrences",
    METADATA,
    Column("reminder_id", String(40), primary_key=True),
    Column("due_at", BigInteger, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("sent_at", BigInteger),
    Column("message_id", BigInteger),
    Column("late_ms", BigInteger, nullable=False, default=0),
    Column("skipped", Integer, nullable=False, default=0),
)

gates = Table(
    "gates",
    METADATA,
    Column("key", String(40), primary_key=True),
    Column("tat", BigInteger, nullable=False),
    Column("refused_at", BigInteger),
    Column("closed_until", BigInteger),
    Index("ix_gates_refused", "refused_at"),
)
