"""Contours of what is known of a sign: confounded fraction against the range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat.displays.causal import columns_of
from infostat.displays.style import EVENT, QUIET, Display
from infostat.exceptions import InfostatError

__all__ = ["ConfoundingContourDisplay"]

FloatArray = npt.NDArray[np.float64]


class ConfoundingContourDisplay(Display):
    """Where an effect's sign is known: confounded fraction against the outcome's range.

    The lower end under a fraction ``gamma`` is the adjusted effect minus ``gamma`` times
    its distance to the assumption-free end, which moves with the range.

    Build it with :meth:`from_estimators`.

    Parameters
    ----------
    gammas : ndarray of shape (n_gammas,)
        Confounded fractions.
    highs : ndarray of shape (n_highs,)
        Upper ends of the range.
    near : ndarray of shape (n_highs, n_gammas)
        Confidence end of the effect that is nearer to zero, signed so that positive
        means that the sign is known.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``high, gamma, near_end``.
    """

    def __init__(self, gammas: FloatArray, highs: FloatArray, near: FloatArray) -> None:
        self.gammas, self.highs, self.near = gammas, highs, near

    @classmethod
    def from_estimators(
        cls, fitted: Sequence[Any], highs: Sequence[float], *, n_gammas: int = 21
    ) -> Self:
        """Climb the confounded fraction under each of several ranges.

        Parameters
        ----------
        fitted : sequence of CausalBounds
            One a range, fitted to the same rows.
        highs : sequence of float
            Upper end of each range.
        n_gammas : int, default=21
            Fractions from 0 to 1.

        Returns
        -------
        ConfoundingContourDisplay

        Raises
        ------
        InfostatError
            If there is not one range for each estimator, or fewer than two.
        """
        if len(fitted) != len(highs) or len(highs) < 2:
            msg = (
                f"Give one upper end for each of at least two estimators, got "
                f"{len(highs)} for {len(fitted)}."
            )
            raise InfostatError(msg)
        gammas = np.linspace(0.0, 1.0, n_gammas)
        rows = []
        for bounds in fitted:
            rungs = columns_of(
                bounds.ladder(
                    gammas=gammas.tolist(), factors=(), shifts=(), entropies=()
                )
            )
            chosen = [
                k for k, v in enumerate(rungs["kind"]) if v == "confounded fraction"
            ]
            low = np.array([rungs["ci_lower"][k] for k in chosen])
            high = np.array([rungs["ci_upper"][k] for k in chosen])
            rows.append(low if rungs["lower"][-1] > 0 else -high)
        return cls(gammas, np.asarray(highs, dtype=np.float64), np.array(rows))

    def _columns(self) -> dict[str, Any]:
        return {
            "high": np.repeat(self.highs, len(self.gammas)),
            "gamma": np.tile(self.gammas, len(self.highs)),
            "near_end": self.near.ravel(),
        }

    def _draw(self, ax: Any) -> None:
        lines = ax.contour(self.gammas, self.highs, self.near, 8, colors=QUIET)
        ax.clabel(lines, fontsize=7)
        if self.near.min() < 0.0 < self.near.max():
            ax.contour(
                *(self.gammas, self.highs, self.near),
                [0.0],
                colors=EVENT,
                linewidths=2.2,
            )
        self._axis_labels(
            "confounded fraction gamma", "upper end of the outcome's range"
        )
        self._title("nearer confidence end")
