"""Pictures of the sampling room: a design, and a fit with its band."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat.displays.style import ACCENT, INK, Display
from infostat.exceptions import InfostatError
from infostat.inference.estimate import check_level
from infostat.sampling.planning import DesignSample

__all__ = ["DesignDisplay", "FitDisplay"]

FloatArray = npt.NDArray[np.float64]

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


class DesignDisplay(Display):
    """Points of a design in two coordinates; area shows the weight.

    Build it with :meth:`from_design`.

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        Coordinates.
    weights : ndarray of shape (n,)
        Weights of the fit.
    blocks : ndarray of shape (n,) or None
        Independent blocks, shown by marker.
    names : tuple of str
        Names of the axes.
    title : str
        Title.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``x, y, weight`` and, with blocks, ``block``.
    """

    def __init__(
        self,
        x: FloatArray,
        y: FloatArray,
        weights: FloatArray,
        blocks: npt.NDArray[np.intp] | None,
        *,
        names: tuple[str, str],
        title: str,
    ) -> None:
        self.x, self.y, self.weights, self.blocks = x, y, weights, blocks
        self.names, self.title = names, title

    @classmethod
    def from_design(
        cls,
        design: DesignSample,
        points: Any = None,
        *,
        coordinates: tuple[int, int] = (0, 1),
        names: tuple[str, str] | None = None,
    ) -> Self:
        """Take two coordinates of a design.

        Parameters
        ----------
        design : DesignSample
            The design.
        points : array-like of shape (n, d), optional
            Coordinates of its points; needed for rows of a pool.
        coordinates : tuple of int, default=(0, 1)
            Which two; a design in one coordinate shows weights above it.
        names : tuple of str, optional
            Names of the axes.

        Returns
        -------
        DesignDisplay

        Raises
        ------
        InfostatError
            If a pool's points are not given.
        """
        places = design.points if points is None else np.asarray(points, dtype=float)
        if places is None:
            msg = "Rows of a pool have no coordinates of their own: pass points=."
            raise InfostatError(msg)
        title = (
            f"{len(design)} points, {design.certificate.m} functions, smallest "
            f"eigenvalue {design.min_eigenvalue:.2f}"
        )
        if places.shape[1] == 1:
            label = names or ("x0", "weight")
            x, y = places[:, 0], design.weights
        else:
            first, second = coordinates
            label = names or (f"x{first}", f"x{second}")
            x, y = places[:, first], places[:, second]
        return cls(x, y, design.weights, design.blocks, names=label, title=title)

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"x": self.x, "y": self.y, "weight": self.weights}
        if self.blocks is not None:
            columns["block"] = self.blocks
        return columns

    def _size(self) -> tuple[float, float]:
        return (4.6, 4.2)

    def _draw(self, ax: Any) -> None:
        area = 40.0 * self.weights / self.weights.mean()
        blocks = (
            np.zeros(len(self.x), dtype=int) if self.blocks is None else self.blocks
        )
        for block in np.unique(blocks):
            inside = blocks == block
            ax.scatter(
                self.x[inside],
                self.y[inside],
                s=area[inside],
                marker=MARKERS[int(block) % len(MARKERS)],
                facecolor="none",
                edgecolor=ACCENT,
                linewidth=1.1,
                label=f"block {block}",
            )
        if self.blocks is not None and len(np.unique(blocks)) <= len(MARKERS):
            # Beside the axes: points fill all of them.
            ax.legend(
                frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0)
            )
        self._axis_labels(self.names[0], self.names[1])
        self._title(self.title)


class FitDisplay(Display):
    """A fit along one coordinate, with the interval of the best fit.

    Build it with :meth:`from_regressor`.

    Parameters
    ----------
    x, fit : ndarray of shape (n_grid,)
        Coordinate and fitted value.
    low, high : ndarray of shape (n_grid,) or None
        Interval; None where the fit has no errors.
    observed : tuple of ndarray of shape (n_observed,), or None
        Coordinate and value of observations to show.
    level : float
        Confidence level.
    name : str
        Name of the coordinate.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``x, fit`` and, where there are errors, ``conf_low,
    conf_high``.
    """

    def __init__(
        self,
        x: FloatArray,
        fit: FloatArray,
        low: FloatArray | None,
        high: FloatArray | None,
        *,
        observed: tuple[FloatArray, FloatArray] | None,
        level: float,
        name: str,
    ) -> None:
        self.x, self.fit, self.low, self.high = x, fit, low, high
        self.observed, self.level, self.name = observed, level, name

    @classmethod
    def from_regressor(
        cls,
        regressor: Any,
        X: Any,
        y: Any = None,
        *,
        coordinate: int = 0,
        level: float = 0.95,
        n_grid: int = 200,
    ) -> Self:
        """Cut a fit along one coordinate.

        Parameters
        ----------
        regressor : VolumeRegressor
            Fitted, with one output.
        X : array-like of shape (n, d)
            Points that give the range; the other coordinates are held at their means.
        y : array-like of shape (n,), optional
            Observations to show, for fits in one coordinate.
        coordinate : int, default=0
            Which one.
        level : float, default=0.95
            Confidence level.
        n_grid : int, default=200
            Points of the curve.

        Returns
        -------
        FitDisplay

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        check_level(level)
        points = np.asarray(X, dtype=float)
        along = points[:, coordinate]
        grid = np.tile(points.mean(axis=0), (n_grid, 1))
        grid[:, coordinate] = np.linspace(along.min(), along.max(), n_grid)
        low = high = None
        if regressor.cov_ is None:
            fit = regressor.predict(grid)
        else:
            fit, low, high = regressor.predict(grid, return_interval=True, level=level)
        shown = None if y is None else (along, np.asarray(y, dtype=float))
        name = f"x{coordinate}"
        return cls(
            grid[:, coordinate], fit, low, high, observed=shown, level=level, name=name
        )

    def _columns(self) -> dict[str, Any]:
        columns = {"x": self.x, "fit": self.fit}
        if self.low is not None and self.high is not None:
            columns |= {"conf_low": self.low, "conf_high": self.high}
        return columns

    def _size(self) -> tuple[float, float]:
        return (6.4, 3.4)

    def _draw(self, ax: Any) -> None:
        title = "fit; it has no interval"
        if self.low is not None:
            ax.fill_between(
                self.x, self.low, self.high, color=ACCENT, alpha=0.2, linewidth=0
            )
            title = f"fit with {100 * self.level:g} % intervals of the best fit"
        ax.plot(self.x, self.fit, color=ACCENT, linewidth=1.6)
        if self.observed is not None:
            ax.plot(*self.observed, "o", color=INK, markersize=3.5)
        self._axis_labels(self.name)
        self._title(title)
