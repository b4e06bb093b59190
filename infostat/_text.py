"""Plain-text tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals.stable.v2 as nw

__all__ = ["cell_text", "name_list", "number_text", "text_table"]


def name_list(names: Iterable[object], most: int = 10) -> str:
    """Names for a message: quoted, the long cut, the many counted.

    Examples
    --------
    >>> name_list(["age", "job", "income"], most=2)
    "'age', 'job' and 1 more"
    """
    listed = [repr(name) for name in names]
    shown = [text if len(text) <= 40 else f"{text[:38]}..." for text in listed[:most]]
    more = len(listed) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def number_text(value: Any, *, digits: int = 4) -> str:
    """Short text of a cell: few digits, small p-values as such, nothing for None.

    Examples
    --------
    >>> number_text(0.123456), number_text(1234567.0), number_text(3.2e-9)
    ('0.1235', '1234567', '3.2e-09')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if not isinstance(value, float):
        return str(value)
    if value != value:
        return ""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if 0 < abs(value) < 10.0**-digits:
        return f"{value:.1e}"
    return f"{value:.{digits}f}"


def cell_text(column: str, value: Any) -> str:
    """Text of a cell of a named column: a p-value below the range of numbers is not 0.

    Examples
    --------
    >>> cell_text("p_value", 0.0), cell_text("estimate", 0.0)
    ('<1e-300', '0')
    """
    if column.startswith("p_") and isinstance(value, float) and value == 0.0:
        return "<1e-300"
    return number_text(value)


def text_table(frame: Any, *, width: int = 36) -> str:
    """Lay a frame out in columns; long cells are shortened.

    Parameters
    ----------
    frame : frame of any library
        The table.
    width : int, default=36
        Longest cell.

    Returns
    -------
    str
        Header, rule and one line a row; numbers to the right.
    """
    data = nw.from_native(frame, eager_only=True)
    columns = []
    for name in data.columns:
        values = data.get_column(name).to_list()
        cells = [_short(cell_text(name, value), width) for value in values]
        right = all(not isinstance(value, str) for value in values)
        size = max([len(name), *(len(cell) for cell in cells)])
        aligned = [cell.rjust(size) if right else cell.ljust(size) for cell in cells]
        head = name.rjust(size) if right else name.ljust(size)
        columns.append([head, "-" * size, *aligned])
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


def _short(text: str, width: int) -> str:
    """One line of printable characters, cut at the given width."""
    line = "".join(c if c.isprintable() else "?" for c in text)
    return line if len(line) <= width else line[: width - 3] + "..."
