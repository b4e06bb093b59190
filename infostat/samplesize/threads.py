"""One BLAS thread for many small products, which collapse under more."""

from __future__ import annotations

from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController

__all__ = ["single_thread"]


@cache
def _controller() -> Any:
    """Libraries found once: looking for them takes longer than a small fit."""
    return ThreadpoolController()


def single_thread() -> Any:
    """Context in which BLAS uses one thread."""
    return _controller().limit(limits=1)
