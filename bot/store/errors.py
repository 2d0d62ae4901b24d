"""What can go wrong with the database, in words for the person who runs the bot?"""

from __future__ import annotations


class StoreError(Exception):
    """The database cannot do what was asked. The text says why and what to do; it holds nobody's data."""


class StoreAway(StoreError):
    """The database cannot be reached; trying again later may help."""


class StoreBusy(StoreError):
    """Another program holds the database; trying again later may help."""


class StoreFull(StoreError):
    """The disk is full; nothing was changed."""


class StoreUnwritable(StoreError):
    """The database file or its folder cannot be written."""


class StoreDamaged(StoreError):
    """The file is damaged or is no database; it was not touched."""


class NotOurStore(StoreError):
    """The database belongs to another program; it was not touched."""


class OlderSchema(StoreError):
    """The database was made by an earlier version and must be upgraded first."""


class NewerSchema(StoreError):
    """The database was made by a later version than this one; it was not touched."""


class LeaseLost(StoreError):
    """Another copy has taken this work over; the own result was thrown away."""


class StatementRefused(StoreError):
    """The database refused a statement for what it says.

    The fault is ours, and trying again does not help.
    """
