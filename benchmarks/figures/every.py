"""Which figures are there?"""

from __future__ import annotations

from benchmarks.figures import messages

EVERY = {figure.name: figure for figure in (*messages.FIGURES,)}
