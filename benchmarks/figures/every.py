"""Which figures are there?"""

from __future__ import annotations

from benchmarks.figures import any_order, generated, hostile, memory, messages, reminders, store_faults

TOPICS = (any_order, generated, hostile, store_faults, reminders, messages, memory)
EVERY = {figure.name: figure for topic in TOPICS for figure in topic.FIGURES}
