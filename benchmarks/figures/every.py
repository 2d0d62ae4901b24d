"""Which figures are there?"""

from __future__ import annotations

from benchmarks.figures import generated, hostile, memory, messages, reminders, store_faults

TOPICS = (generated, hostile, store_faults, reminders, messages, memory)
EVERY = {figure.name: figure for topic in TOPICS for figure in topic.FIGURES}
