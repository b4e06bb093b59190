"""Output whose reader has gone, as in ``infostat ... | head``: no mistake of anybody."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any

__all__ = ["quiet_pipes"]


@contextmanager
def quiet_pipes() -> Iterator[None]:
    """Let a command finish, files and exit code included, when nobody reads it.

    From the first write that finds no reader on, that stream goes nowhere.
    """
    with (
        redirect_stdout(_lenient(sys.stdout)),
        redirect_stderr(_lenient(sys.stderr)),
    ):
        yield


def _lenient(stream: Any) -> Any:
    """Wrap a stream; a process that was started without one has None."""
    return None if stream is None else _Lenient(stream)


class _Lenient:
    """A stream that forgives a broken pipe; everything else is the stream's own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def buffer(self) -> _Lenient:
        """Bytes below the text, to which click goes where the text is ASCII."""
        return _Lenient(self._stream.buffer)

    def write(self, part: Any) -> int:
        try:
            return int(self._stream.write(part))
        except BrokenPipeError:
            self._go_nowhere()
            return len(part)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._go_nowhere()

    def _go_nowhere(self) -> None:
        """Point the descriptor elsewhere, or Python's last flush would fail again."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
