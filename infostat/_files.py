"""Files that are either whole or absent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infostat.exceptions import InfostatError

__all__ = ["atomic_path", "write_text"]


@contextmanager
def atomic_path(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside ``target`` that takes its name when all went well.

    The temporary name is fixed, so a rerun replaces what a killed run left behind.

    Parameters
    ----------
    target : path-like
        Final name; its folder must exist.

    Yields
    ------
    Path
        Where to write.

    Raises
    ------
    InfostatError
        If the folder does not exist.
    """
    final = Path(target)
    if not final.parent.is_dir():
        msg = f"Cannot write {final}: the folder {final.parent} does not exist."
        raise InfostatError(msg)
    temporary = final.with_name(f".{final.name}.part")
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        with temporary.open("rb+") as handle:
            os.fsync(handle.fileno())
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: str | os.PathLike[str], text: str) -> None:
    """Write a text file atomically, as UTF-8."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
