"""Writing behind, so that one chunk is written while the next is worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["write_behind"]

Item = TypeVar("Item")


@contextmanager
def write_behind(write: Callable[[Item], object]) -> Iterator[Callable[[Item], None]]:
    """Write one item behind in another thread.

    The next call waits for the write before it, and raises what that one raised; leaving
    the context waits for the last one.

    Parameters
    ----------
    write : callable
        Writes one item.

    Yields
    ------
    callable
        Hands an item over.
    """
    pending: list[Future[object]] = []

    def hand_over(item: Item) -> None:
        if pending:
            pending.pop().result()
        pending.append(pool.submit(write, item))

    with ThreadPoolExecutor(1, thread_name_prefix="infostat-write") as pool:
        yield hand_over
        if pending:
            pending.pop().result()
