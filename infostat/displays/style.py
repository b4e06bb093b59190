"""One look for all figures: colours that a colour-blind reader can tell apart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from infostat._frames import build_frame
from infostat.exceptions import InfostatError

__all__ = [
    "ACCENT",
    "EVENT",
    "GRID",
    "INK",
    "NON_EVENT",
    "QUIET",
    "Display",
    "axes",
    "label_text",
]

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


def label_text(text: object, longest: int = 30) -> str:
    r"""Name as it is drawn: cut, on one line, and a dollar sign is not mathematics.

    Parameters
    ----------
    text : object
        Name of a feature, bin or group.
    longest : int, default=30
        Most characters.

    Returns
    -------
    str

    Examples
    --------
    >>> label_text("cost in $"), label_text("abcdef", 4)
    ('cost in \\$', 'abc…')
    """
    line = "".join(c if c.isprintable() else " " for c in str(text))
    short = line if len(line) <= longest else line[: longest - 1] + "\u2026"
    return short.replace("$", r"\$")


class Display(ABC):
    """A picture and the figures behind it; subclasses say what they are.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.
    """

    @abstractmethod
    def _columns(self) -> dict[str, Any]:
        """Figures behind the picture, column by column."""

    @abstractmethod
    def _draw(self, ax: Any) -> None:
        """Draw into prepared axes; ``figure_`` is set."""

    def _size(self) -> tuple[float, float]:
        """Width and height of a figure of its own, in inches."""
        return (8.0, 3.4)

    def frame(self, like: Any = None) -> Any:
        """Return the figures behind the picture.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Its columns are named under "Notes" of the class.
        """
        return build_frame(self._columns(), like)

    def plot(self, ax: Any = None) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw into; a figure of its own by default.

        Returns
        -------
        display
            Itself, with ``ax_`` and ``figure_``.

        Raises
        ------
        InfostatError
            If matplotlib is not installed.
        """
        self.ax_ = axes(ax, size=self._size())
        self.figure_ = self.ax_.figure
        self._draw(self.ax_)
        return self

    def _title(self, text: str, rest: str = "") -> None:
        """Title at the left; a long text is cut, what follows it is not."""
        self.ax_.set_title(
            label_text(text, 70) + rest, fontsize=9, color=INK, loc="left"
        )

    def _axis_labels(self, x: str = "", y: str = "") -> None:
        """Names and units of the axes."""
        self.ax_.set_xlabel(x.replace("$", r"\$"), fontsize=8)
        self.ax_.set_ylabel(y.replace("$", r"\$"), fontsize=8)

    def _legend(self, **options: Any) -> None:
        """Legend without a frame."""
        self.ax_.legend(**{"frameon": False, "fontsize": 8, **options})
