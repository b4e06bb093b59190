"""Reading ahead and writing behind, so that disk and processor work at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["read_ahead", "write_behind"]

Item = TypeVar("Item")


def read_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Fetch one item ahead in another thread; errors come out where they would."""
    source = iter(items)
    end = object()

    def fetch() -> object:
        return next(source, end)

    with ThreadPoolExecutor(1, thread_name_prefix="infostat-read") as pool:
        coming = pool.submit(fetch)
        while (item := coming.result()) is not end:
            coming = pool.submit(fetch)
            yield item  # type: ignore[misc]


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
