"""One message to one recipient over the network; never inside a transaction, never with the database."""

from __future__ import annotations


class Failed(Exception):
    """It did not go out this time; the text says why, without addresses, and may be shown."""


class Refused(Failed):
    """It will never go out like this: a further attempt is of no use."""


class Unreachable(Failed):
    """Nothing can go out at present, this message no more than any other."""
