"""The only place that imports telegram."""

import os

# python-telegram-bot reads this at each use: periods are timedeltas, as they will be in its next major version, and it
# does not warn about the change each time Telegram asks us to wait.
os.environ.setdefault("PTB_TIMEDELTA", "1")
