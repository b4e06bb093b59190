"""Kalman filter of a scalar state, many series and many candidates at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Filtered", "filter_series"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Filtered:
    """Likelihood and regression of each series and candidate.

    Attributes
    ----------
    log_likelihood : ndarray of shape (n_series, n_candidates)
        Maximal over the regression coefficients.
    beta : ndarray of shape (n_series, n_candidates, n_columns)
        Those coefficients.
    covariance : ndarray of shape (n_series, n_candidates, n_columns, n_columns)
        Covariance of their errors.
    deviation, variance : ndarray of shape (n_series, n_candidates)
        Predicted state of the next period less its regression, and the variance of that
        prediction at known coefficients.
    sensitivity : ndarray of shape (n_series, n_candidates, n_columns)
        Fall of that deviation by one unit of each coefficient.
    """

    log_likelihood: FloatArray
    beta: FloatArray
    covariance: FloatArray
    deviation: FloatArray
    variance: FloatArray
    sensitivity: FloatArray


def filter_series(
    y: FloatArray,
    noise: FloatArray,
    design: FloatArray,
    persistence: FloatArray,
    shock: FloatArray,
    start: FloatArray,
) -> Filtered:
    """Filter ``y = design beta + state + error`` with a first-order state.

    The gains do not depend on the data. So the series and each regressor are filtered
    alike, and the coefficients follow by least squares on the innovations.

    Parameters
    ----------
    y : ndarray of shape (n_series, n_periods)
        Series; NaN where a period is missing.
    noise : ndarray of shape (n_periods,)
        Known variances of the errors.
    design : ndarray of shape (n_series or 1, n_candidates, n_periods, n_columns)
        Regressors.
    persistence, shock, start : ndarray of shape (n_series or 1, n_candidates)
        Factor of the state, variance of its shocks, variance of its first value.

    Returns
    -------
    Filtered
    """
    persistence, shock, start = np.broadcast_arrays(persistence, shock, start)
    n_columns = design.shape[-1]
    shape = (y.shape[0], persistence.shape[1])
    p = np.array(np.broadcast_to(start, shape))
    phi, q = np.broadcast_to(persistence, shape), np.broadcast_to(shock, shape)
    state_y, state_x = np.zeros(shape), np.zeros((*shape, n_columns))
    log_f, square = np.zeros(shape), np.zeros(shape)
    cross = np.zeros((*shape, n_columns))
    gram = np.zeros((*shape, n_columns, n_columns))
    for t in range(y.shape[1]):
        seen = np.isfinite(y[:, t])
        f = p + noise[t]
        v_y = np.where(seen, y[:, t], 0.0)[:, None] - state_y
        v_x = design[..., t, :] - state_x
        weight = np.where(seen[:, None], 1.0 / f, 0.0)
        log_f += np.where(seen[:, None], np.log(2.0 * np.pi * f), 0.0)
        square += weight * v_y**2
        cross += weight[..., None] * v_x * v_y[..., None]
        gram += weight[..., None, None] * v_x[..., :, None] * v_x[..., None, :]
        gain = weight * p
        state_y = phi * (state_y + gain * v_y)
        state_x = phi[..., None] * (state_x + gain[..., None] * v_x)
        p = phi**2 * p * (1.0 - gain) + q
    ridge = 1e-12 * np.trace(gram, axis1=-2, axis2=-1)[..., None, None]
    inverse = np.linalg.inv(gram + ridge * np.eye(n_columns))
    beta = (inverse @ cross[..., None])[..., 0]
    fitted = square - (cross * beta).sum(axis=-1)
    return Filtered(
        log_likelihood=-0.5 * (log_f + fitted),
        beta=beta,
        covariance=inverse,
        deviation=state_y - (state_x * beta).sum(axis=-1),
        variance=p,
        sensitivity=state_x,
    )
