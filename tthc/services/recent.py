"""A bounded memory of what was asked for last, by keys that stand for one content for ever."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Recent(Generic[T]):
    """Keeps what weighs ``most`` together; then whatever was not asked for longest goes.

    Nothing is forgotten by time: a key that could mean something else tomorrow must not be used. Threads may
    make the same content side by side; either serves.
    """

    def __init__(self, most: int, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> T | None:
        """The content of a key, if it is still kept."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def keep(self, key: Hashable, content: T) -> None:
        """Keep a content; one that weighs as much as everything together is not worth it."""
        weight = self._weigh(content)
        if weight >= self._most:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = content
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._weigh(self._kept.popitem(last=False)[1])
