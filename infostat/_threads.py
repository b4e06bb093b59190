"""One BLAS thread around small products, without looking for libraries each time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


@lru_cache(maxsize=1)
def _controller() -> Any:
    """Controller of the libraries loaded at first use; finding them takes 5 ms."""
    return ThreadpoolController()


def one_thread() -> Any:
    """Context in which BLAS runs on one thread.

    Small cross products under many threads collapse on a busy machine, and one thread
    gives the same rounding whatever the machine.
    """
    return _controller().limit(limits=1, user_api="blas")
