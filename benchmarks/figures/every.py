"""Which figures are there?"""

from __future__ import annotations

from benchmarks.figures import hostile, memory, messages, reminders, store_faults

TOPICS = (hostile, store_faults, reminders, messages, memory)
EVERY = {figure.name: figure for topic in TOPICS for figure in topic.FIGURES}
