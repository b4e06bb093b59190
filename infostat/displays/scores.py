"""Where the scores of events and non-events lie."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat.displays.style import EVENT, NON_EVENT, Display

__all__ = ["ScoreDisplay"]

FloatArray = npt.NDArray[np.float64]


class ScoreDisplay(Display):
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

    Notes
    -----
    The frame has the columns ``points_from, points_to, event_share, non_event_share``.
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

    def _columns(self) -> dict[str, Any]:
        return {
            "points_from": self.edges[:-1],
            "points_to": self.edges[1:],
            "event_share": self.events,
            "non_event_share": self.non_events,
        }

    def _draw(self, ax: Any) -> None:
        for share, colour, style, name in (
            (self.non_events, NON_EVENT, "-", "non-events"),
            (self.events, EVENT, "--", "events"),
        ):
            ax.stairs(
                100 * share,
                self.edges,
                color=colour,
                linestyle=style,
                linewidth=1.6,
                label=name,
            )
        self._axis_labels("points", "share of the class, %")
        self._legend()
