"""Pictures of causal bounds: the ladder, groups, a covariate, gamma against the range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat._frames import build_frame
from infostat.displays.style import ACCENT, EVENT, INK, QUIET, axes
from infostat.exceptions import InfostatError

__all__ = [
    "BoundsCurveDisplay",
    "ConfoundingContourDisplay",
    "GroupBoundsDisplay",
    "LadderDisplay",
]

FloatArray = npt.NDArray[np.float64]


def _columns(frame: Any) -> dict[str, list[Any]]:
    if isinstance(frame, dict):
        return {name: list(values) for name, values in frame.items()}
    return dict(nw.from_native(frame, eager_only=True).to_dict(as_series=False))


class _FromColumns:
    """What the displays share: columns in, a frame out."""

    def __init__(self, columns: dict[str, list[Any]], *, title: str = "") -> None:
        self.columns = columns
        self.title = title

    def frame(self, like: Any = None) -> Any:
        """Return the figures behind the picture.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
        """
        return build_frame(self.columns, like)

    def _column(self, name: str) -> FloatArray:
        return np.asarray(self.columns[name], dtype=np.float64)


class LadderDisplay(_FromColumns):
    """What must be believed before the sign of an effect is known.

    Build it with :meth:`from_estimator`.

    Parameters
    ----------
    columns : dict of str to list
        Columns of :meth:`infostat.CausalBounds.ladder`.
    title : str
        The estimand.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.
    """

    @classmethod
    def from_estimator(cls, bounds: Any, **options: Any) -> Self:
        """Climb the ladder of a fitted estimator.

        Parameters
        ----------
        bounds : CausalBounds
            Fitted.
        **options
            Passed to :meth:`infostat.CausalBounds.ladder`.

        Returns
        -------
        LadderDisplay
        """
        title = options.get("estimand") or _last(bounds)
        return cls(_columns(bounds.ladder(**options)), title=title)

    def plot(self, ax: Any = None) -> Self:
        """Draw one bar a rung: the bounds thick, their confidence interval thin.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw into; a figure of its own by default.

        Returns
        -------
        LadderDisplay
            Itself, with ``ax_`` and ``figure_``. Rungs with infinite ends are drawn to
            the edge of the picture, refuted ones as crosses.
        """
        names = self.columns["assumption"]
        self.ax_ = axes(ax, size=(8.0, 0.27 * len(names) + 1.0))
        self.figure_ = self.ax_.figure
        ends = {
            name: self._column(name)
            for name in ("lower", "upper", "ci_lower", "ci_upper")
        }
        seen = np.concatenate([v[np.isfinite(v)] for v in ends.values()])
        margin = 0.05 * max(float(np.ptp(seen)), 1e-12)
        edge = seen.min() - margin, seen.max() + margin
        drawn = {name: np.clip(v, *edge) for name, v in ends.items()}
        for k, said in enumerate(self.columns["verdict"]):
            place = len(names) - 1 - k
            colour = {"above": ACCENT, "below": EVENT}.get(said, QUIET)
            if said == "refuted":
                middle = (drawn["lower"][k] + drawn["upper"][k]) / 2.0
                self.ax_.plot(middle, place, "x", color=INK, markersize=6)
                continue
            row = [drawn[name][k] for name in ("ci_lower", "ci_upper")]
            self.ax_.plot(row, [place, place], color=colour, linewidth=1.0)
            row = [drawn[name][k] for name in ("lower", "upper")]
            self.ax_.plot(
                row, [place, place], color=colour, linewidth=5.0, solid_capstyle="butt"
            )
            if row[0] == row[1]:
                self.ax_.plot(row[:1], [place], "o", color=colour, markersize=4)
        self.ax_.axvline(0.0, color=INK, linewidth=0.8)
        self.ax_.set_yticks(range(len(names)), [str(n) for n in names][::-1])
        self.ax_.grid(visible=False, axis="y")
        self.ax_.set_xlim(*edge)
        self.ax_.set_xlabel("bounds (thick), confidence interval (thin)", fontsize=8)
        self.ax_.set_title(self.title, loc="left", fontsize=9, color=INK)
        return self


class GroupBoundsDisplay(_FromColumns):
    """Bounds by group, with a band that holds for all groups at once.

    Parameters
    ----------
    columns : dict of str to list
        Columns of :meth:`infostat.CausalBounds.group_bounds`.
    title : str
        The estimand.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.
    """

    @classmethod
    def from_estimator(cls, bounds: Any, groups: Any, **options: Any) -> Self:
        """Bound the groups of a fitted estimator.

        Parameters
        ----------
        bounds : CausalBounds
            Fitted.
        groups : array-like of shape (n_samples,)
            Labels.
        **options
            Passed to :meth:`infostat.CausalBounds.group_bounds`.

        Returns
        -------
        GroupBoundsDisplay
        """
        title = options.get("estimand") or _last(bounds)
        return cls(_columns(bounds.group_bounds(groups, **options)), title=title)

    def plot(self, ax: Any = None) -> Self:
        """Draw one bar a group.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw into; a figure of its own by default.

        Returns
        -------
        GroupBoundsDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = axes(ax)
        self.figure_ = self.ax_.figure
        place = np.arange(len(self.columns["group"]))
        low, high = self._column("lower"), self._column("upper")
        self.ax_.bar(place, high - low, 0.35, bottom=low, color=ACCENT, label="bounds")
        middle = (low + high) / 2.0
        reach = [
            middle - self._column("band_lower"),
            self._column("band_upper") - middle,
        ]
        self.ax_.errorbar(
            *(place, middle, reach),
            fmt="none",
            ecolor=INK,
            capsize=4,
            label="band over all groups",
        )
        self.ax_.axhline(0.0, color=INK, linewidth=0.8)
        labels = [
            f"{str(g)[:20]}\nn={n}"
            for g, n in zip(self.columns["group"], self.columns["n"], strict=True)
        ]
        self.ax_.set_xticks(place, [label.replace("$", r"\$") for label in labels])
        self.ax_.set_title(self.title, loc="left", fontsize=9, color=INK)
        self.ax_.legend(frameon=False, fontsize=8)
        return self


class BoundsCurveDisplay(_FromColumns):
    """Bounds along one covariate: a projection on a polynomial, with its band.

    Parameters
    ----------
    columns : dict of str to list
        ``x`` and the columns of :meth:`infostat.CausalBounds.project` with ``at``.
    title : str
        The estimand.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.
    """

    @classmethod
    def from_estimator(
        cls,
        bounds: Any,
        covariate: Any,
        *,
        degree: int = 2,
        points: int = 60,
        **options: Any,
    ) -> Self:
        """Project the bounds of a fitted estimator on a polynomial of a covariate.

        Parameters
        ----------
        bounds : CausalBounds
            Fitted.
        covariate : array-like of shape (n_samples,)
            Numbers at the fitted rows.
        degree : int, default=2
            Degree of the polynomial.
        points : int, default=60
            Points of the curve, from the 2nd to the 98th percentile.
        **options
            Passed to :meth:`infostat.CausalBounds.project`.

        Returns
        -------
        BoundsCurveDisplay
        """
        x = np.asarray(covariate, dtype=np.float64)
        centre, spread = x.mean(), x.std()
        first, last = (float(q) for q in np.quantile(x, [0.02, 0.98]))
        grid = np.linspace(first, last, points)

        def basis(values: FloatArray) -> FloatArray:
            return np.vander((values - centre) / spread, degree + 1, increasing=True)

        title = options.get("estimand") or _last(bounds)
        found = _columns(bounds.project(basis(x), at=basis(grid), **options))
        return cls({"x": grid.tolist(), **found}, title=title)

    def plot(self, ax: Any = None) -> Self:
        """Draw both ends and the band.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw into; a figure of its own by default.

        Returns
        -------
        BoundsCurveDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = axes(ax)
        self.figure_ = self.ax_.figure
        x = self._column("x")
        self.ax_.fill_between(
            *(x, self._column("band_lower"), self._column("band_upper")),
            color=QUIET,
            alpha=0.35,
            label="band",
        )
        self.ax_.fill_between(
            *(x, self._column("lower"), self._column("upper")),
            color=ACCENT,
            alpha=0.45,
            label="bounds",
        )
        self.ax_.axhline(0.0, color=INK, linewidth=0.8)
        self.ax_.set_xlabel("covariate", fontsize=8)
        self.ax_.set_title(self.title, loc="left", fontsize=9, color=INK)
        self.ax_.legend(frameon=False, fontsize=8)
        return self


class ConfoundingContourDisplay:
    """Where an effect's sign is known: confounded fraction against the outcome's range.

    The lower end under a fraction ``gamma`` is the adjusted effect minus ``gamma`` times
    its distance to the assumption-free end, which moves with the range.

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
            rungs = _columns(
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

    def frame(self, like: Any = None) -> Any:
        """Return the figures behind the picture, one row a pair.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``high, gamma, near_end``.
        """
        columns = {
            "high": np.repeat(self.highs, len(self.gammas)),
            "gamma": np.tile(self.gammas, len(self.highs)),
            "near_end": self.near.ravel(),
        }
        return build_frame(columns, like)

    def plot(self, ax: Any = None) -> Self:
        """Draw the contours; the thick one is where the sign is lost.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw into; a figure of its own by default.

        Returns
        -------
        ConfoundingContourDisplay
            Itself, with ``ax_`` and ``figure_``.
        """
        self.ax_ = axes(ax)
        self.figure_ = self.ax_.figure
        lines = self.ax_.contour(self.gammas, self.highs, self.near, 8, colors=QUIET)
        self.ax_.clabel(lines, fontsize=7)
        if self.near.min() < 0.0 < self.near.max():
            self.ax_.contour(
                *(self.gammas, self.highs, self.near),
                [0.0],
                colors=EVENT,
                linewidths=2.2,
            )
        self.ax_.set_xlabel("confounded fraction gamma", fontsize=8)
        self.ax_.set_ylabel("upper end of the outcome's range", fontsize=8)
        self.ax_.set_title("nearer confidence end", loc="left", fontsize=9, color=INK)
        return self


def _last(bounds: Any) -> str:
    """Name of the last contrast of the first functional."""
    return str(bounds._estimand(None))
