"""Where the scores of events and non-events lie."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame
from infostat.displays.style import EVENT, NON_EVENT, axes

__all__ = ["ScoreDisplay"]

FloatArray = npt.NDArray[np.float64]


class ScoreDisplay:
    """Distribution of the points of events and of non-events.

    Build it with :meth:`from_scores`.

    Parameters
    ----------
    edges : ndarray of shape (n_bands + 1,)
        Ends of the bands, in points.
    events, non_events : ndarray of shape (n_bands,)
        Share of each class in each band.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.
    """

    def __init__(
        self, edges: FloatArray, events: FloatArray, non_events: FloatArray
    ) -> None:
        self.edges, self.events, self.non_events = edges, events, non_events

    @classmethod
    def from_scores(
        cls, points: FloatArray, events: npt.NDArray[Any], *, n_bands: int = 30
    ) -> Self:
        """Count scores into bands of equal width.

        Parameters
        ----------
        points : ndarray of shape (n_samples,)
            Scores.
        events : ndarray of shape (n_samples,)
            1 for events, 0 for non-events.
        n_bands : int, default=30
            Number of bands.

        Returns
        -------
        ScoreDisplay
        """
        edges = np.histogram_bin_edges(points, bins=n_bands)
        shares = []
        for label in (1, 0):
            count, _ = np.histogram(points[events == label], bins=edges)
            shares.append(count / max(count.sum(), 1))
        return cls(edges, shares[0], shares[1])

    def frame(self, like: Any = None) -> Any:
        """Return the figures behind the picture, one row a band.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``points_from, points_to, event_share, non_event_share``.
        """
        columns = {
            "points_from": self.edges[:-1],
            "points_to": self.edges[1:],
            "event_share": self.events,
            "non_event_share": self.non_events,
        }
        return build_frame(columns, like)

    def plot(self, ax: Any = None) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw into; a figure of its own by default.

        Returns
        -------
        ScoreDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = axes(ax)
        self.figure_ = self.ax_.figure
        for share, colour, style, name in (
            (self.non_events, NON_EVENT, "-", "non-events"),
            (self.events, EVENT, "--", "events"),
        ):
            self.ax_.stairs(
                100 * share,
                self.edges,
                color=colour,
                linestyle=style,
                linewidth=1.6,
                label=name,
            )
        self.ax_.set_xlabel("points", fontsize=8)
        self.ax_.set_ylabel("share of the class, %", fontsize=8)
        self.ax_.legend(frameon=False, fontsize=8)
        return self
