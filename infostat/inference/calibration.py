"""Whether predicted probabilities are those that occur: slope, intercept, tests, losses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, expit, logit

from infostat._arrays import read_numbers
from infostat.exceptions import InfostatError
from infostat.inference.estimate import Estimate
from infostat.inference.score_table import ScoreTable

__all__ = ["Calibration", "calibrate", "hosmer_lemeshow"]

FloatArray = npt.NDArray[np.float64]

STEPS = 50
"""Newton steps before the fit counts as without a maximum."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Agreement of predicted probabilities with outcomes.

    Attributes
    ----------
    intercept : Estimate
        Log-odds by which predictions are too low on the whole (the slope held at one);
        zero where they are right.
    slope : Estimate or None
        Slope of the outcome's log-odds on the predicted ones; one where they are right,
        below one where predictions are too extreme. None where the predictions are all
        alike or separate the classes.
    statistic, df, p_value : float
        Score test of the hypothesis that intercept is zero and slope one.
    brier, log_loss : Estimate
        Mean squared error, and mean negative log-likelihood in nats.
    """

    intercept: Estimate
    slope: Estimate | None
    statistic: float
    df: int
    p_value: float
    brier: Estimate
    log_loss: Estimate


def calibrate(table: ScoreTable) -> Calibration:
    """Measure and test calibration.

    Parameters
    ----------
    table : ScoreTable
        Counts at every distinct predicted probability of the event.

    Returns
    -------
    Calibration
        Standard errors are those of the sandwich formula, which hold although the
        log-odds need not be linear in the predicted ones. With about ten events a 95 %
        interval of the slope covers 92 %. The test takes its variance from the
        predictions themselves, as it may under its hypothesis, and holds there too;
        with sampling weights, which may depend on the outcome, and with clusters, whose
        residuals are summed before they are squared, from the residuals.

    Raises
    ------
    InfostatError
        If a probability is not strictly between zero and one.

    References
    ----------
    Cox, Biometrika 45 (1958) 562-565; Miller, Langefeld, Tierney, Hui and McDonald,
    Medical Decision Making 13 (1993) 49-58, for the joint test.
    """
    p = table.values
    if p[0] <= 0.0 or p[-1] >= 1.0:
        odd = p[0] if p[0] <= 0.0 else p[-1]
        msg = (
            f"probability has the value {odd:g}: log-odds need values strictly between "
            f"0 and 1; give probabilities of the event, not points or labels."
        )
        raise InfostatError(msg)
    x = np.asarray(logit(p))
    shift = _fit(table, np.ones((len(x), 1)), x)
    both = None
    if np.ptp(x) > 1e-9:
        both = _fit(table, np.column_stack([np.ones(len(x)), x]), np.zeros(len(x)))
    statistic, df = _score_test(table, x)
    total = float(table.totals.sum())
    if shift is None:
        # One parameter and both classes: the likelihood has a maximum.
        msg = "The calibration intercept did not converge: check the probabilities."
        raise InfostatError(msg)
    return Calibration(
        intercept=_estimate(shift, 0, total),
        slope=None if both is None else _estimate(both, 1, total),
        statistic=statistic,
        df=df,
        p_value=float(chdtrc(df, statistic)),
        brier=_mean(table, np.column_stack([p**2, (1.0 - p) ** 2])),
        log_loss=_mean(table, np.column_stack([-np.log1p(-p), -np.log(p)])),
    )


def _estimate(fit: tuple[FloatArray, FloatArray], k: int, total: float) -> Estimate:
    value, covariance = fit
    error = float(np.sqrt(covariance[k, k]))
    return Estimate(float(value[k]), error, total, method="logistic, sandwich")


def _fit(
    table: ScoreTable, columns: FloatArray, offset: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """Coefficients and sandwich covariance; None where there is no maximum."""
    zeros, ones = table.weight.T
    weight = zeros + ones
    beta = np.zeros(columns.shape[1])
    for _ in range(STEPS):
        mean = expit(offset + columns @ beta)
        score = columns.T @ (ones - weight * mean)
        information = columns.T @ (columns * (weight * mean * (1.0 - mean))[:, None])
        if np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, score)
        # A long step overshoots; log-odds do not jump by more than five.
        beta = beta + step * min(1.0, 5.0 / max(np.abs(step).max(), 1e-300))
        if np.abs(step).max() < 1e-10:
            break
    else:
        return None
    mean = expit(offset + columns @ beta)
    inverse = np.linalg.inv(information)
    middle = table.spread(-columns * mean[:, None], columns * (1.0 - mean)[:, None])
    return beta, inverse @ middle @ inverse


def _score_test(table: ScoreTable, x: FloatArray) -> tuple[float, int]:
    """Score statistic of intercept zero and slope one, and its degrees of freedom."""
    zeros, ones = table.weight.T
    p = expit(x)
    columns = np.column_stack([np.ones(len(x)), x])
    if np.ptp(x) <= 1e-9:
        columns = columns[:, :1]
    score = columns.T @ (ones - (zeros + ones) * p)
    if table.products is None and np.array_equal(table.squared, table.weight):
        variance = table.squared.sum(axis=1) * p * (1.0 - p)
        information = columns.T @ (columns * variance[:, None])
    else:
        information = table.spread(-columns * p[:, None], columns * (1.0 - p)[:, None])
    return float(score @ np.linalg.solve(information, score)), columns.shape[1]


def _mean(table: ScoreTable, loss: FloatArray) -> Estimate:
    """Weighted mean of losses given per value and class, with its error."""
    total = table.totals.sum()
    mean = float((table.weight * loss).sum() / total)
    excess = loss - mean
    spread = float(table.spread(excess[:, :1], excess[:, 1:])[0, 0])
    return Estimate(mean, float(np.sqrt(spread) / total), float(total), method="mean")


def hosmer_lemeshow(
    events: npt.ArrayLike,
    expected: npt.ArrayLike,
    size: npt.ArrayLike,
    *,
    fitted: bool = False,
) -> tuple[float, int, float]:
    """Goodness of fit over bands of predicted probability.

    Parameters
    ----------
    events, expected, size : array-like of shape (n_bands,)
        Observed events, sum of predicted probabilities, and rows of each band.
    fitted : bool, default=False
        Whether the model was fitted on these rows, which costs two degrees of freedom.

    Returns
    -------
    statistic : float
    df : int
    p_value : float
        By the chi-square law, which needs about five expected events and non-events a
        band.

    Raises
    ------
    InfostatError
        If the vectors differ in length, hold a negative or no number, or a band has
        more events than rows or an expected number not strictly between 0 and its rows.

    References
    ----------
    Hosmer and Lemeshow, Communications in Statistics A9 (1980) 1043-1069.
    """
    rows = read_numbers(size, "size", low=0.0)
    observed = read_numbers(events, "events", shape=rows.shape, low=0.0)
    mean = read_numbers(expected, "expected", shape=rows.shape, low=0.0)
    kept = rows > 0
    observed, mean, rows = observed[kept], mean[kept], rows[kept]
    variance = mean * (1.0 - mean / rows)
    if not kept.any() or (observed > rows).any() or not (variance > 1e-30).all():
        msg = (
            "Every group with rows needs at most as many events as rows, and an expected "
            "number strictly between 0 and its rows: merge groups."
        )
        raise InfostatError(msg)
    statistic = float(((observed - mean) ** 2 / variance).sum())
    df = max(len(rows) - (2 if fitted else 0), 1)
    return statistic, df, float(chdtrc(df, statistic))
