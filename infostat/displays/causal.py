"""Pictures of causal bounds: the ladder, groups, and along a covariate."""

from __future__ import annotations

from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt

from infostat.displays.style import ACCENT, EVENT, INK, QUIET, Display, label_text

__all__ = [
    "BoundsCurveDisplay",
    "GroupBoundsDisplay",
    "LadderDisplay",
]

FloatArray = npt.NDArray[np.float64]


def columns_of(frame: Any) -> dict[str, list[Any]]:
    """Columns of a frame of any library as lists."""
    if isinstance(frame, dict):
        return {name: list(values) for name, values in frame.items()}
    return dict(nw.from_native(frame, eager_only=True).to_dict(as_series=False))


class _FromColumns(Display):
    """What the displays share: columns in, a frame out."""

    def __init__(self, columns: dict[str, list[Any]], *, title: str = "") -> None:
        self.columns = columns
        self.title = title

    def _columns(self) -> dict[str, Any]:
        return self.columns

    def _column(self, name: str) -> FloatArray:
        return np.asarray(self.columns[name], dtype=np.float64)


class LadderDisplay(_FromColumns):
    """What must be believed before the sign of an effect is known.

    Build it with :meth:`from_estimator`.

    Parameters
    ----------
    columns : dict of str to list
        Columns of :meth:`infostat.CausalBounds.ladder`.
    title : str, default=""
        The estimand.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns of :meth:`infostat.CausalBounds.ladder`.
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

        Raises
        ------
        InfostatError
            As :meth:`infostat.CausalBounds.ladder` does.
        """
        title = options.get("estimand") or _last(bounds)
        return cls(columns_of(bounds.ladder(**options)), title=title)

    def _size(self) -> tuple[float, float]:
        return (8.0, 0.27 * len(self.columns["assumption"]) + 1.0)

    def _draw(self, ax: Any) -> None:
        names = self.columns["assumption"]
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
                ax.plot(middle, place, "x", color=INK, markersize=6)
                continue
            row = [drawn[name][k] for name in ("ci_lower", "ci_upper")]
            ax.plot(row, [place, place], color=colour, linewidth=1.0)
            row = [drawn[name][k] for name in ("lower", "upper")]
            ax.plot(
                row, [place, place], color=colour, linewidth=5.0, solid_capstyle="butt"
            )
            if row[0] == row[1]:
                ax.plot(row[:1], [place], "o", color=colour, markersize=4)
        ax.axvline(0.0, color=INK, linewidth=0.8)
        ax.set_yticks(range(len(names)), [label_text(n, 60) for n in names][::-1])
        ax.grid(visible=False, axis="y")
        ax.set_xlim(*edge)
        self._axis_labels("bounds (thick), confidence interval (thin)")
        self._title(self.title)


class GroupBoundsDisplay(_FromColumns):
    """Bounds by group, with a band that holds for all groups at once.

    Build it with :meth:`from_estimator`.

    Parameters
    ----------
    columns : dict of str to list
        Columns of :meth:`infostat.CausalBounds.group_bounds`.
    title : str, default=""
        The estimand.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns of :meth:`infostat.CausalBounds.group_bounds`.
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

        Raises
        ------
        InfostatError
            As :meth:`infostat.CausalBounds.group_bounds` does.
        """
        title = options.get("estimand") or _last(bounds)
        return cls(columns_of(bounds.group_bounds(groups, **options)), title=title)

    def _draw(self, ax: Any) -> None:
        place = np.arange(len(self.columns["group"]))
        low, high = self._column("lower"), self._column("upper")
        ax.bar(place, high - low, 0.35, bottom=low, color=ACCENT, label="bounds")
        middle = (low + high) / 2.0
        reach = [
            middle - self._column("band_lower"),
            self._column("band_upper") - middle,
        ]
        ax.errorbar(
            *(place, middle, reach),
            fmt="none",
            ecolor=INK,
            capsize=4,
            label="band over all groups",
        )
        ax.axhline(0.0, color=INK, linewidth=0.8)
        labels = [
            f"{label_text(g, 20)}\nn={n}"
            for g, n in zip(self.columns["group"], self.columns["n"], strict=True)
        ]
        ax.set_xticks(place, labels)
        self._title(self.title)
        self._legend()


class BoundsCurveDisplay(_FromColumns):
    """Bounds along one covariate: a projection on a polynomial, with its band.

    Build it with :meth:`from_estimator`.

    Parameters
    ----------
    columns : dict of str to list
        ``x`` and the columns of :meth:`infostat.CausalBounds.project` with ``at``.
    title : str, default=""
        The estimand.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``x, lower, upper, se_lower, se_upper, ci_lower, ci_upper,
    band_lower, band_upper``.
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

        Raises
        ------
        InfostatError
            As :meth:`infostat.CausalBounds.project` does.
        """
        x = np.asarray(covariate, dtype=np.float64)
        centre, spread = x.mean(), x.std()
        first, last = (float(q) for q in np.quantile(x, [0.02, 0.98]))
        grid = np.linspace(first, last, points)

        def basis(values: FloatArray) -> FloatArray:
            return np.vander((values - centre) / spread, degree + 1, increasing=True)

        title = options.get("estimand") or _last(bounds)
        found = columns_of(bounds.project(basis(x), at=basis(grid), **options))
        return cls({"x": grid.tolist(), **found}, title=title)

    def _draw(self, ax: Any) -> None:
        x = self._column("x")
        ax.fill_between(
            *(x, self._column("band_lower"), self._column("band_upper")),
            color=QUIET,
            alpha=0.35,
            label="band",
        )
        ax.fill_between(
            *(x, self._column("lower"), self._column("upper")),
            color=ACCENT,
            alpha=0.45,
            label="bounds",
        )
        ax.axhline(0.0, color=INK, linewidth=0.8)
        self._axis_labels("covariate")
        self._title(self.title)
        self._legend()


def _last(bounds: Any) -> str:
    """Name of the last contrast of the first functional."""
    return str(bounds._estimand(None))
