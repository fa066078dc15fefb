"""A bounded memory of what was asked for last, by keys that stand for one content for ever."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class _Key:
    """A key that adds itself up but once: some stand for a whole table."""

    __slots__ = ("_hash", "_key")

    def __init__(self, key: Hashable) -> None:
        self._key, self._hash = key, hash(key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._key == other._key


class Recent(Generic[T]):
    """Keeps what weighs ``most`` together; then whatever was not asked for longest goes.

    Nothing is forgotten by time: a key that could mean something else tomorrow must not be used. Threads may
    make the same content side by side; either serves.
    """

    def __init__(self, most: int, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._kept: OrderedDict[_Key, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        """The content of a key, if it is still kept."""
        place = _Key(key)
        with self._lock:
            if place not in self._kept:
                return None
            self._kept.move_to_end(place)
            return self._kept[place]

    def keep(self, key: Hashable, content: T) -> None:
        """Keep a content; one that weighs as much as everything together is not worth it."""
        weight = self._weigh(content)
        if weight >= self._most:
            return
        place = _Key(key)
        with self._lock:
            if place in self._kept:
                return
            self._kept[place] = content
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._weigh(self._kept.popitem(last=False)[1])
