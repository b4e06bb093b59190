"""A series of stability indices as a process with known measurement errors.

Month by month an index moves because it is measured with error and because the
portfolio moves. The error is known from the counts, so the two can be told apart: does
the drift settle at a level, which one, and how far does it swing?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtri

from infostat._arrays import read_count, read_numbers
from infostat._frames import build_frame
from infostat.exceptions import InfostatError
from infostat.stability.filtering import Filtered, filter_series

__all__ = ["DriftEquilibrium"]

FloatArray = npt.NDArray[np.float64]

GRID = 13
"""Points a side of a search grid."""

ROUNDS = 5
"""Searches, each around the best point of the one before."""

SHORTEST = 8
"""Periods below which nothing is fitted."""


@dataclass(frozen=True, eq=False)
class _Fit:
    """Best parameters of many series at once, shapes (n_series,) and more."""

    log_likelihood: FloatArray
    persistence: FloatArray
    sigma: FloatArray
    beta: FloatArray
    filtered: Filtered


class DriftEquilibrium:
    """Equilibrium of a drifting index: level, pull, swing.

    Parameters
    ----------
    limit : float, default=0.25
        Policy limit in nats; an alarm says that the stationary band reaches above it.
    level : float, default=0.95
        Confidence level of the band and of intervals.
    n_resamples : int, default=199
        Series simulated for the test of a runaway drift.
    random_state : int or Generator, optional
        Source of randomness of the test.

    Attributes
    ----------
    level_, level_se_ : float
        Long-run mean of the index in nats, and its standard error, given pull and
        swing.
    kappa_ : float
        Share of a deviation that is pulled back a period.
    kappa_interval_ : tuple of float
        Its profile-likelihood interval; expect it to be wide.
    sigma_ : float
        Standard deviation of a period's own shock.
    half_life_ : float
        Periods until half of a deviation is gone.
    band_ : tuple of float
        Where the true index lies in the long run, ``level`` of the time.
    alarm_ : bool
        Whether the band reaches above the limit. A single month above it does not.
    effects_ : ndarray of shape (n_interventions,)
        Fall of the index by one unit of each intervention.
    runaway_p_value_ : float
        P-value of the hypothesis "no pull, but a random walk with drift", by parametric
        bootstrap. Small values speak for an equilibrium.

    Notes
    -----
    State ``D[t+1] = level + (1 - kappa)(D[t] - level) - effects u[t] + shock``;
    observation ``psi[t] = D[t] + error`` with *known* variance. A regression of the
    series on its own past takes the error for movement and finds far too strong a pull.

    Three years of months do not pin the pull; the level is found well. What takes pull
    and swing for known is too narrow in a short series: of nominal 95 %, ``level_ +- 1.96
    level_se_`` covers about 80 % at 12 periods and 90 % at 36, and an interval of
    :meth:`forecast` 60 % and 80 % (errors 1.7 times as large as shocks); the interval of
    the pull covers. Indices of one reference sample share its error, of variance about
    4 D / m for m reference rows: it shifts the level and is not part of ``level_se_``.

    References
    ----------
    The recurrence is described in words in arXiv 2510.07777; the linear form is derived.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> psi = 0.08 + 0.01 * rng.normal(size=40)
    >>> fit = DriftEquilibrium(n_resamples=19, random_state=0).fit(psi, 0.01)
    >>> bool(abs(fit.level_ - 0.08) < 0.01), fit.alarm_
    (True, False)
    """

    def __init__(
        self,
        *,
        limit: float = 0.25,
        level: float = 0.95,
        n_resamples: int = 199,
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        self.limit = limit
        self.level = level
        self.n_resamples = n_resamples
        self.random_state = random_state

    def fit(
        self, psi: npt.ArrayLike, se: npt.ArrayLike, interventions: Any = None
    ) -> Self:
        """Fit a series.

        Parameters
        ----------
        psi : array-like of shape (n_periods,)
            Bias-corrected indices in nats, in order and with their signs
            (``corrected``); NaN where a period is missing.
        se : array-like of shape (n_periods,) or float
            Their standard errors, positive.
        interventions : array-like of shape (n_periods, n_interventions), optional
            What was done in each period, in units of your own.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If there are fewer than eight periods, an error is not positive, or the
            interventions or a parameter cannot be used.
        """
        read_count(self.n_resamples, "n_resamples")
        y, variance = _series(psi, se)
        inputs = np.zeros((y.size, 0))
        if interventions is not None:
            inputs = read_numbers(interventions, "interventions", ndim=None)
            if inputs.ndim > 2 or inputs.shape[:1] != y.shape:
                msg = (
                    f"interventions has the shape {inputs.shape}: give one row for each "
                    f"of {y.size} periods."
                )
                raise InfostatError(msg)
            inputs = inputs.reshape(y.size, -1)
        if not 0.0 < self.level < 1.0:
            msg = f"level must lie strictly between 0 and 1, got {self.level}."
            raise InfostatError(msg)
        best = _fit_pull(y[None, :], variance, inputs)
        phi, sigma = float(best.persistence[0]), float(best.sigma[0])
        self.kappa_, self.sigma_ = 1.0 - phi, sigma
        self.level_ = float(best.beta[0, 0])
        self.effects_ = best.beta[0, 1:]
        self.level_se_ = float(best.filtered.level_se)
        self.half_life_ = float(np.log(2.0) / -np.log(phi))
        spread = float(sigma / np.sqrt(1.0 - phi**2))
        reach = float(ndtri((1.0 + self.level) / 2.0)) * spread
        self.band_ = (max(0.0, self.level_ - reach), self.level_ + reach)
        self.alarm_ = bool(self.band_[1] > self.limit)
        self.kappa_interval_ = _profile_interval(y, variance, inputs, best, self.level)
        self.runaway_p_value_ = self._runaway(y, variance, inputs, best)
        self._state = best.filtered
        return self

    def _runaway(
        self, y: FloatArray, variance: FloatArray, inputs: FloatArray, best: _Fit
    ) -> float:
        """Bootstrap p-value of a random walk with drift."""
        walk = _fit_walk(y[None, :], variance, inputs)
        observed = float(best.log_likelihood[0] - walk.log_likelihood[0])
        rng = np.random.default_rng(self.random_state)
        design = _design(inputs, np.ones(1), walk=True)[0]
        shape = (self.n_resamples, y.size)
        steps = rng.normal(scale=walk.sigma[0], size=shape)
        steps[:, 0] = 0.0
        drawn = design @ walk.beta[0] + steps.cumsum(axis=1)
        drawn += rng.normal(size=shape) * np.sqrt(variance)
        drawn[:, np.isnan(y)] = np.nan
        gain = _fit_pull(drawn, variance, inputs).log_likelihood
        gain = gain - _fit_walk(drawn, variance, inputs).log_likelihood
        return float((1 + (gain >= observed).sum()) / (self.n_resamples + 1))

    def forecast(self, n_periods: int = 6, *, like: Any = None) -> Any:
        """Expected true index of the next periods, without further interventions.

        Parameters
        ----------
        n_periods : int, default=6
            Periods ahead.
        like : frame or str, optional
            Frame whose library to use, or its name.

        Returns
        -------
        frame
            Columns ``step, estimate, std_error, conf_low, conf_high``; pull, swing and
            level are taken as known, so that the intervals of a series of less than a
            hundred periods are too narrow (see the class).

        Raises
        ------
        InfostatError
            If it is not fitted or ``n_periods`` is no whole number from 1 on.
        """
        if not hasattr(self, "_state"):
            msg = "The series is not fitted: call fit before forecast."
            raise InfostatError(msg)
        n_periods = read_count(n_periods, "n_periods")
        phi = 1.0 - self.kappa_
        step = np.arange(1, n_periods + 1)
        mean = self.level_ + phi ** (step - 1) * self._state.deviation
        own = (1.0 - phi ** (2 * (step - 1))) / (1.0 - phi**2)
        se = np.sqrt(
            phi ** (2 * (step - 1)) * self._state.variance + self.sigma_**2 * own
        )
        reach = float(ndtri((1.0 + self.level) / 2.0)) * se
        columns = {
            "step": step,
            "estimate": mean,
            "std_error": se,
            "conf_low": mean - reach,
            "conf_high": mean + reach,
        }
        return build_frame(columns, like)


def _series(psi: npt.ArrayLike, se: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    y = np.zeros(0)
    if np.size(psi):
        y = read_numbers(psi, "psi", missing=True)
    errors = read_numbers(se, "se", ndim=None, missing=True)
    if errors.shape not in ((), (1,), y.shape):
        msg = (
            f"se has the shape {errors.shape}: give one standard error for each of "
            f"{y.size} periods, or a single one."
        )
        raise InfostatError(msg)
    if np.isfinite(y).sum() < SHORTEST:
        msg = (
            f"The series has {int(np.isfinite(y).sum())} periods: at least {SHORTEST} "
            f"are needed, and three years are still few."
        )
        raise InfostatError(msg)
    errors = np.broadcast_to(errors, y.shape).copy()
    bad = ~(errors > 0) & np.isfinite(y)
    if bad.any():
        msg = (
            f"se holds {errors[bad][0]}: standard errors must be positive (that of "
            f"StabilityIndex always is)."
        )
        raise InfostatError(msg)
    errors[~np.isfinite(y)] = 1.0
    return np.where(np.isfinite(y), y, np.nan), errors**2


def _design(inputs: FloatArray, phi: FloatArray, *, walk: bool) -> FloatArray:
    """Regressors of each candidate, shape (..., n_periods, n_columns)."""
    n_periods = inputs.shape[0]
    columns = [np.ones((*phi.shape, n_periods))]
    if walk:
        columns.append(
            np.broadcast_to(np.arange(n_periods, dtype=float), columns[0].shape)
        )
    for given in inputs.T:
        response = np.zeros((*phi.shape, n_periods))
        for t in range(1, n_periods):
            response[..., t] = phi * response[..., t - 1] - given[t - 1]
        columns.append(response)
    return np.stack(columns, axis=-1)


def _fit_pull(y: FloatArray, variance: FloatArray, inputs: FloatArray) -> _Fit:
    """Stationary model: search over persistence and swing, level in closed form."""
    scale = np.nanstd(y, axis=1) + np.sqrt(variance.mean()) * 0.1
    centre = np.zeros((y.shape[0], 2))
    # Logit of the persistence, and logarithm of the swing over the series' deviation.
    centre[:] = 0.0, -1.5
    half = np.array([5.0, 3.5])
    unit = np.linspace(-1.0, 1.0, GRID)
    corner = np.stack(np.meshgrid(unit, unit, indexing="ij"), axis=-1).reshape(-1, 2)
    for _ in range(ROUNDS):
        points = centre[:, None, :] + half * corner
        phi = 1.0 / (1.0 + np.exp(-points[..., 0]))
        sigma = scale[:, None] * np.exp(points[..., 1])
        likelihood = _likelihood(y, variance, inputs, phi, sigma)
        chosen = likelihood.argmax(axis=1)
        centre = points[np.arange(y.shape[0]), chosen]
        half = half / 4.0
    phi = 1.0 / (1.0 + np.exp(-centre[:, :1]))
    sigma = scale[:, None] * np.exp(centre[:, 1:])
    return _finish(y, variance, inputs, phi, sigma, walk=False)


def _likelihood(
    y: FloatArray,
    variance: FloatArray,
    inputs: FloatArray,
    phi: FloatArray,
    sigma: FloatArray,
) -> FloatArray:
    start = sigma**2 / (1.0 - phi**2)
    design = _design(inputs, phi, walk=False)
    return filter_series(y, variance, design, phi, sigma**2, start).log_likelihood


def _fit_walk(y: FloatArray, variance: FloatArray, inputs: FloatArray) -> _Fit:
    """Random walk with drift from an unknown start."""
    scale = np.nanstd(y, axis=1) + np.sqrt(variance.mean()) * 0.1
    centre, half = np.full(y.shape[0], -2.5), 4.0
    unit = np.linspace(-1.0, 1.0, 2 * GRID)
    for _ in range(ROUNDS):
        points = centre[:, None] + half * unit
        sigma = scale[:, None] * np.exp(points)
        phi = np.ones_like(sigma)
        design = _design(inputs, phi, walk=True)
        found = filter_series(y, variance, design, phi, sigma**2, 0.0 * sigma)
        chosen = found.log_likelihood.argmax(axis=1)
        centre = points[np.arange(y.shape[0]), chosen]
        half = half / 4.0
    sigma = scale[:, None] * np.exp(centre[:, None])
    return _finish(y, variance, inputs, np.ones_like(sigma), sigma, walk=True)


def _finish(
    y: FloatArray,
    variance: FloatArray,
    inputs: FloatArray,
    phi: FloatArray,
    sigma: FloatArray,
    *,
    walk: bool,
) -> _Fit:
    start = 0.0 * sigma if walk else sigma**2 / (1.0 - phi**2)
    design = _design(inputs, phi, walk=walk)
    found = filter_series(y, variance, design, phi, sigma**2, start)
    return _Fit(
        log_likelihood=found.log_likelihood[:, 0],
        persistence=phi[:, 0],
        sigma=sigma[:, 0],
        beta=found.beta[:, 0],
        filtered=found,
    )


def _profile_interval(
    y: FloatArray, variance: FloatArray, inputs: FloatArray, best: _Fit, level: float
) -> tuple[float, float]:
    """Pulls whose best likelihood is within the chi-square distance of the maximum."""
    scale = np.nanstd(y) + np.sqrt(variance.mean()) * 0.1
    kappa = np.linspace(0.005, 0.995, 67)
    sigma = scale * np.exp(np.linspace(-5.0, 2.0, 36))
    phi, swing = (g.ravel() for g in np.meshgrid(1.0 - kappa, sigma, indexing="ij"))
    likelihood = _likelihood(y[None, :], variance, inputs, phi[None, :], swing[None, :])
    profile = likelihood.reshape(kappa.size, sigma.size).max(axis=1)
    limit = float(chdtri(1, 1.0 - level))
    inside = kappa[2.0 * (best.log_likelihood[0] - profile) <= limit]
    if inside.size == 0:
        return 1.0 - float(best.persistence[0]), 1.0 - float(best.persistence[0])
    return float(inside.min()), float(inside.max())
