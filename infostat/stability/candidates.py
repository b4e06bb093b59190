"""Pulls and swings of an index that settles, weighed by what a series says of each.

A short series hardly tells the pull. What follows from it is averaged over all pulls and
swings that the series allows, in place of taking the likeliest for known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtri, ndtr, ndtri

from infostat.stability.filtering import Filtered, filter_series

__all__ = ["Candidates", "filter_pull", "regressors", "weigh_candidates"]

FloatArray = npt.NDArray[np.float64]

SIDE = 40
"""Points a side of a grid."""

ROUNDS = 3
"""Grids, each over the part of the one before that the series allows."""

FAR = 15.0
"""Fall of the log-likelihood beyond which a candidate is not looked at again."""

TINY = 1e-6
"""Weight that may be left out altogether."""


def regressors(inputs: FloatArray, phi: FloatArray, *, walk: bool) -> FloatArray:
    """Regressors of each candidate.

    Parameters
    ----------
    inputs : ndarray of shape (n_periods, n_interventions)
        What was done in each period.
    phi : ndarray of shape (n_series or 1, n_candidates)
        Persistence.
    walk : bool
        Whether the index drifts by the same step each period.

    Returns
    -------
    ndarray of shape (n_series or 1, n_candidates, n_periods, n_columns)
        Ones, the period where the index drifts, and minus the decaying sum of each
        intervention.
    """
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


def filter_pull(
    y: FloatArray,
    variance: FloatArray,
    inputs: FloatArray,
    phi: FloatArray,
    sigma: FloatArray,
) -> Filtered:
    """Filter the model with a pull, from its stationary law on.

    Parameters
    ----------
    y : ndarray of shape (n_series, n_periods)
        Series; NaN where a period is missing.
    variance : ndarray of shape (n_periods,)
        Known variances of the errors.
    inputs : ndarray of shape (n_periods, n_interventions)
        What was done in each period.
    phi, sigma : ndarray of shape (n_series or 1, n_candidates)
        Persistence, below one, and standard deviation of a shock.

    Returns
    -------
    Filtered
    """
    start = sigma**2 / (1.0 - phi**2)
    design = regressors(inputs, phi, walk=False)
    return filter_series(y, variance, design, phi, sigma**2, start)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pulls and swings of one series with their weights.

    Attributes
    ----------
    kappa, sigma : ndarray of shape (n_candidates,)
        Pull, and standard deviation of a shock.
    weight : ndarray of shape (n_candidates,)
        Posterior probabilities.
    filtered : Filtered
        Of the one series and all candidates.
    inputs : ndarray of shape (n_periods, n_interventions)
        What was done in each period.
    """

    kappa: FloatArray
    sigma: FloatArray
    weight: FloatArray
    filtered: Filtered
    inputs: FloatArray

    def pull_interval(self, highest: float, level: float) -> tuple[float, float]:
        """Pulls whose best likelihood is within the chi-square distance of the maximum.

        Parameters
        ----------
        highest : float
            The maximum.
        level : float
            Confidence level.

        Returns
        -------
        low, high : float
        """
        distance = 2.0 * (highest - self.filtered.log_likelihood[0])
        near = distance <= float(chdtri(1, 1.0 - level))
        # At a low level no grid point may be near enough: the nearest stands for it.
        inside = self.kappa[near | (distance == distance.min())]
        return float(inside.min()), float(inside.max())

    def level_interval(self, level: float) -> tuple[float, float]:
        """Interval of the level, averaged over pull and swing.

        Parameters
        ----------
        level : float
            Confidence level.

        Returns
        -------
        low, high : float
        """
        mean = self.filtered.beta[0, :, :1]
        spread = np.sqrt(self.filtered.covariance[0, :, 0, :1])
        tails = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
        ends = _quantiles(self.weight, mean, spread, tails)
        return float(ends[0, 0]), float(ends[1, 0])

    def forecast(self, n_periods: int, level: float) -> dict[str, FloatArray]:
        """Law of the true index of the next periods.

        Parameters
        ----------
        n_periods : int
            Periods ahead.
        level : float
            Level of the interval.

        Returns
        -------
        dict of str to ndarray of shape (n_periods,)
            ``estimate, std_error, conf_low, conf_high``.
        """
        found, steps = self.filtered, np.arange(n_periods)
        phi = 1.0 - self.kappa[:, None]
        after = np.vstack([self.inputs, np.zeros((n_periods, self.inputs.shape[1]))])
        design = regressors(after, phi.T, walk=False)[0, :, len(self.inputs) :]
        left = phi**steps
        mean = (design @ found.beta[0, :, :, None])[..., 0]
        mean = mean + left * found.deviation[0, :, None]
        # Errors of the coefficients reach the forecast directly and by the last state.
        slope = design - left[..., None] * found.sensitivity[0, :, None]
        square = ((slope @ found.covariance[0]) * slope).sum(axis=-1)
        square = square + left**2 * found.variance[0, :, None]
        shocks = (1.0 - left**2) / (1.0 - phi**2)
        square = square + self.sigma[:, None] ** 2 * shocks
        centre = self.weight @ mean
        tails = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
        low, high = _quantiles(self.weight, mean, np.sqrt(square), tails)
        return {
            "estimate": centre,
            "std_error": np.sqrt(self.weight @ (square + (mean - centre) ** 2)),
            "conf_low": low,
            "conf_high": high,
        }


def weigh_candidates(
    y: FloatArray, variance: FloatArray, inputs: FloatArray, scale: float
) -> Candidates:
    r"""Weigh pulls and swings by the restricted likelihood of a series.

    Parameters
    ----------
    y : ndarray of shape (n_periods,)
        Series; NaN where a period is missing.
    variance : ndarray of shape (n_periods,)
        Known variances of the errors.
    inputs : ndarray of shape (n_periods, n_interventions)
        What was done in each period.
    scale : float
        Order of the deviations of the series.

    Returns
    -------
    Candidates

    Notes
    -----
    Level and effects are integrated out under a flat law. The pull has the density
    :math:`(\kappa + 1/n)^{-1/2}`, that of Jeffreys until the series is too short to tell
    slow pulls apart; the logarithm of the swing has :math:`w / \sqrt{w^2 + s^2}`, with
    the stationary deviation w and the root mean square error s of the series: flat
    where the swing is seen, falling to zero where errors hide it. Of several such laws
    this one kept forecasts near their nominal coverage in simulations, for slow and for
    fast pulls, at less width than laws that favour slow pulls more.
    """
    # Roots of pulls from a half-life of 800 periods on; logarithms of swings.
    low, high = np.array([0.03, np.log(scale) - 6.0]), np.array([0.9985, 0.0])
    high[1] = np.log(scale) + 2.0
    for _ in range(ROUNDS):
        step = (high - low) / SIDE
        axes = [a + d * (np.arange(SIDE) + 0.5) for a, d in zip(low, step, strict=True)]
        root, swing = (g.ravel() for g in np.meshgrid(*axes, indexing="ij"))
        kappa, sigma = root**2, np.exp(swing)
        found = filter_pull(y[None], variance, inputs, 1.0 - kappa[None], sigma[None])
        _, minus_log = np.linalg.slogdet(found.covariance[0])
        posterior = found.log_likelihood[0] + 0.5 * minus_log
        spread = sigma**2 / (1.0 - (1.0 - kappa) ** 2)
        errors = float(variance[np.isfinite(y)].mean())
        posterior += np.log(root) - 0.5 * np.log(kappa + 1.0 / y.size)
        posterior += np.log(spread / (spread + errors))
        near = found.log_likelihood[0] >= found.log_likelihood[0].max() - FAR
        low = np.maximum(low, [root[near].min() - step[0], swing[near].min() - step[1]])
        high = np.minimum(
            high, [root[near].max() + step[0], swing[near].max() + step[1]]
        )
    weight = np.exp(posterior - posterior.max())
    return Candidates(kappa, sigma, weight / weight.sum(), found, inputs)


def _quantiles(
    weight: FloatArray, mean: FloatArray, spread: FloatArray, tails: FloatArray
) -> FloatArray:
    """Quantiles of mixtures of normal laws, by bisection.

    Means and deviations have the shape (n_candidates, n_laws), the quantiles (n_tails,
    n_laws).
    """
    order = np.argsort(weight)
    kept = order[np.cumsum(weight[order]) > TINY * min(1.0, float(tails.min()))]
    share = weight[kept] / weight[kept].sum()
    mean, spread = mean[kept], spread[kept]
    ends = mean + ndtri(tails)[:, None, None] * spread
    # Each candidate's own quantiles enclose that of the mixture.
    below, above = ends.min(axis=1), ends.max(axis=1)
    for _ in range(50):
        middle = (below + above) / 2.0
        reached = share @ ndtr((middle[:, None] - mean) / spread)
        lower = reached < tails[:, None]
        below, above = np.where(lower, middle, below), np.where(lower, above, middle)
    return np.asarray((below + above) / 2.0)
