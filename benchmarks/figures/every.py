"""Which figures are there?"""

from __future__ import annotations

from benchmarks.figures import hostile, messages, reminders

EVERY = {figure.name: figure for figure in (*hostile.FIGURES, *reminders.FIGURES, *messages.FIGURES)}
