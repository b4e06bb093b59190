"""Pictures of the p-n criterion: risk by rows, by parameters, by piece, by bin."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_count, read_numbers
from infostat.displays.style import ACCENT, EVENT, INK, QUIET, Display, label_text
from infostat.exceptions import InfostatError
from infostat.samplesize import PNResult
from infostat.samplesize.expansion import estimation_risk

__all__ = ["BinCostDisplay", "PathDisplay", "RiskDisplay", "TermDisplay"]

FloatArray = npt.NDArray[np.float64]


class RiskDisplay(Display):
    """Estimation risk over the number of rows, against what is allowed.

    Build it with :meth:`from_result`.

    Parameters
    ----------
    n : ndarray of shape (n_points,)
        Sample sizes.
    risk, leading : ndarray of shape (n_points,)
        Padé form and leading term, nats an observation.
    here : tuple of float
        Rows and risk of the sample at hand.
    limits : dict of str to float
        Largest risk allowed, by name.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``n, risk, leading``.
    """

    def __init__(
        self,
        n: FloatArray,
        risk: FloatArray,
        leading: FloatArray,
        here: tuple[float, float],
        limits: dict[str, float],
    ) -> None:
        self.n, self.risk, self.leading = n, risk, leading
        self.here, self.limits = here, limits

    @classmethod
    def from_result(
        cls, result: PNResult, *, shares: tuple[float, ...] = (1 / 9,)
    ) -> Self:
        """Take the coefficients of an answer.

        Parameters
        ----------
        result : PNResult
            Answer with an estimate.
        shares : tuple of float, default=(1/9,)
            Shares of the features' information to draw as limits beside the absolute
            one, where there is information.

        Returns
        -------
        RiskDisplay

        Raises
        ------
        InfostatError
            If the sample has no estimate.
        """
        if result.a is None or result.c2 is None or result.risk is None:
            msg = (
                "There is no risk to draw: the sample has no maximum likelihood "
                "estimate, or the expansion does not hold."
            )
            raise InfostatError(msg)
        limits = {"Bayes error": result.threshold}
        for share in shares:
            if result.mi is not None and result.mi > 0:
                null = result.risk - (result.mi - (result.gain or 0.0))
                limits[f"share {share:.3g}"] = share * result.mi + null
        most = max(result.n, result.n_required or 0, result.n_required_relative or 0)
        least = max(result.n / 4.0, 1.2 * max(result.c2, 0.0) / result.a)
        n = np.geomspace(least, 2.0 * most, 200)
        risk = [estimation_risk(result.a, result.c2, value) for value in n]
        here = (result.n, result.risk)
        return cls(n, np.array(risk), result.a / n, here, limits)

    def _columns(self) -> dict[str, Any]:
        return {"n": self.n, "risk": self.risk, "leading": self.leading}

    def _draw(self, ax: Any) -> None:
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.plot(self.n, self.risk, color=ACCENT, label="estimation risk")
        ax.plot(self.n, self.leading, color=QUIET, linestyle="--", label="leading term")
        for (name, limit), style in zip(
            self.limits.items(), ("-", ":", "-."), strict=False
        ):
            label = f"allowed: {name}"
            ax.axhline(limit, color=EVENT, linewidth=1, linestyle=style, label=label)
        ax.plot(*self.here, "o", color=INK, label="this sample")
        self._axis_labels("rows", "risk, nats a row")
        self._legend()
        _plain_ticks(ax)


def _plain_ticks(ax: Any) -> None:
    """Write the numbers of logarithmic axes out."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    for axis, digits in ((ax.xaxis, 6), (ax.yaxis, 2)):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(StrMethodFormatter(f"{{x:.{digits}g}}"))
        axis.set_minor_formatter(NullFormatter())


class PathDisplay(Display):
    """Information, risk and gain on new rows along nested models.

    Build it with :meth:`from_path`.

    Parameters
    ----------
    names : list of str
        What each model adds.
    p : ndarray of shape (n_models,)
        Parameters.
    risk, mi, gain : ndarray of shape (n_models,)
        Risk, information and expected gain in nats; NaN without an estimate.
    threshold : float
        Largest risk allowed.

    Attributes
    ----------
    ax_, figure_ : matplotlib Axes and Figure
        After :meth:`plot`.

    Notes
    -----
    The frame has the columns ``group, p, risk, mi, gain``.
    """

    def __init__(
        self,
        names: list[str],
        p: FloatArray,
        risk: FloatArray,
        mi: FloatArray,
        gain: FloatArray,
        threshold: float,
    ) -> None:
        self.names, self.p = names, p
        self.risk, self.mi, self.gain = risk, mi, gain
        self.threshold = threshold

    @classmethod
    def from_path(cls, path: Any) -> Self:
        """Take the frame of :meth:`PNCriterion.path`.

        Parameters
        ----------
        path : frame
            One row a model.

        Returns
        -------
        PathDisplay
        """
        import narwhals.stable.v2 as nw

        frame = nw.from_native(path, eager_only=True)

        def numbers(name: str) -> FloatArray:
            return np.array(frame.get_column(name).to_list(), dtype=float)

        names = [str(name) for name in frame.get_column("group").to_list()]
        p, risk, mi, gain = (numbers(name) for name in ("p", "risk", "mi", "gain"))
        return cls(names, p, risk, mi, gain, float(numbers("threshold")[0]))

    def _columns(self) -> dict[str, Any]:
        return {
            "group": self.names,
            "p": self.p,
            "risk": self.risk,
            "mi": self.mi,
            "gain": self.gain,
        }

    def _size(self) -> tuple[float, float]:
        return (8.0, 4.2)

    def _draw(self, ax: Any) -> None:
        place = np.arange(len(self.names))
        curves = (
            (self.mi, QUIET, "information of the features"),
            (self.gain, ACCENT, "expected gain on new rows"),
            (self.risk, EVENT, "estimation risk"),
        )
        for values, colour, label in curves:
            ax.plot(place, values, "o-", color=colour, markersize=3, label=label)
        ax.axhline(
            self.threshold,
            color=EVENT,
            linewidth=1,
            linestyle=":",
            label="risk allowed",
        )
        labels = [
            f"+ {label_text(name)} ({p:.0f})"
            for name, p in zip(self.names, self.p, strict=True)
        ]
        ax.set_xticks(place, labels, rotation=40, ha="right", fontsize=7)
        self._axis_labels("feature added (parameters so far)", "nats a row")
        self._legend()


class _Bars(Display):
    """Horizontal bars with names.

    Notes
    -----
    The frame has the columns ``name, value``.
    """

    def __init__(self, names: list[str], values: FloatArray, *, axis: str) -> None:
        self.names, self.values, self.axis = names, values, axis

    def _columns(self) -> dict[str, Any]:
        return {"name": self.names, "value": self.values}

    def _size(self) -> tuple[float, float]:
        return (8.0, 0.8 + 0.24 * len(self.names))

    def _draw(self, ax: Any) -> None:
        place = np.arange(len(self.names))
        colours = [EVENT if value > 0 else ACCENT for value in self.values]
        ax.barh(place, self.values, color=colours)
        labels = [label_text(name) for name in self.names]
        ax.set_yticks(place, labels)
        ax.invert_yaxis()
        ax.axvline(0.0, color=INK, linewidth=0.8)
        self._axis_labels(self.axis)


class TermDisplay(_Bars):
    """Pieces of the second-order term, in nats at the sample's size.

    Build it with :meth:`from_result`.

    Parameters
    ----------
    names : list of str
        Names of the pieces.
    values : ndarray of shape (n_pieces,)
        Their sizes, nats an observation.
    axis : str
        What the axis shows.

    Notes
    -----
    The frame has the columns ``name, value``.
    """

    @classmethod
    def from_result(cls, result: PNResult) -> Self:
        """Take the pieces of an answer.

        Parameters
        ----------
        result : PNResult
            Answer with an estimate.

        Returns
        -------
        TermDisplay

        Raises
        ------
        InfostatError
            If the sample has no estimate.
        """
        if result.a is None:
            msg = "There are no terms to draw: the sample has no estimate."
            raise InfostatError(msg)
        names = ["leading", *result.c2_terms]
        pieces = [value / result.n**2 for value in result.c2_terms.values()]
        values = np.array([result.a / result.n, *pieces])
        return cls(names, values, axis="part of the risk, nats a row")


class BinCostDisplay(_Bars):
    """What each bin costs: ``1/events + 1/non-events``, largest first.

    Build it with :meth:`from_counts`.

    Parameters
    ----------
    names : list of str
        Names of the bins.
    values : ndarray of shape (n_bins,)
        ``1/events + 1/non-events`` of each.
    axis : str
        What the axis shows.

    Notes
    -----
    The frame has the columns ``name, value``.
    """

    @classmethod
    def from_counts(
        cls,
        labels: list[str],
        events: npt.ArrayLike,
        non_events: npt.ArrayLike,
        *,
        largest: int = 20,
    ) -> Self:
        """Take the counts of bins.

        Parameters
        ----------
        labels : list of str
            Names of the bins.
        events, non_events : array-like of shape (n_bins,)
            Counts.
        largest : int, default=20
            Bins to show.

        Returns
        -------
        BinCostDisplay

        Raises
        ------
        InfostatError
            If a bin lacks a class, or has not one label and one count of each.
        """
        labels = [str(label) for label in labels]
        b = read_numbers(events, "events", shape=(len(labels),), low=0.0)
        g = read_numbers(non_events, "non_events", shape=(len(labels),), low=0.0)
        largest = read_count(largest, "largest")
        if not ((b > 0).all() and (g > 0).all()):
            msg = "A bin lacks a class, so its cost is infinite: merge it first."
            raise InfostatError(msg)
        cost = 1.0 / b + 1.0 / g
        order = np.argsort(-cost, kind="stable")[:largest]
        names = [labels[k] for k in order]
        return cls(names, cost[order], axis="1/events + 1/non-events")
