"""One look for all figures: colours that a colour-blind reader can tell apart."""

from __future__ import annotations

from typing import Any

from infostat.exceptions import InfostatError

__all__ = ["ACCENT", "EVENT", "GRID", "INK", "NON_EVENT", "QUIET", "axes"]

EVENT = "#b2452f"
NON_EVENT = "#2f6c9e"
ACCENT = "#2f6c9e"
QUIET = "#9aa5b1"
INK = "#1f2933"
GRID = "#e4e7eb"


def axes(ax: Any = None, *, size: tuple[float, float] = (8.0, 3.4)) -> Any:
    """Return the given axes, or new ones in a figure of their own, in the common look.

    Parameters
    ----------
    ax : matplotlib Axes, optional
        Axes to draw into.
    size : tuple of float, default=(8.0, 3.4)
        Width and height of a new figure in inches.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    InfostatError
        If matplotlib is not installed.
    """
    if ax is None:
        try:
            from matplotlib.figure import Figure
        except ImportError as error:
            msg = "Figures need matplotlib: pip install 'infostat[plot]'."
            raise InfostatError(msg) from error
        ax = Figure(figsize=size, layout="constrained").add_subplot()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(QUIET)
    ax.tick_params(colors=INK, labelsize=8)
    ax.grid(axis="y", color=GRID, linewidth=0.8)
    ax.set_axisbelow(True)
    return ax
