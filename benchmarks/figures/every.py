"""Which figures are there?"""

from __future__ import annotations

from benchmarks.figures import hostile, memory, messages, reminders, store_faults

EVERY = {
    figure.name: figure
    for figure in (*hostile.FIGURES, *memory.FIGURES, *store_faults.FIGURES, *reminders.FIGURES, *messages.FIGURES)
}
