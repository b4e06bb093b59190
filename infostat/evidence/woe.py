"""Weight of evidence: how far a bin moves the log-odds, with its standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_choice
from infostat.counts import CountTable
from infostat.evidence.smoothing import Shares, Smoothing, smooth_shares
from infostat.exceptions import InfostatError
from infostat.inference.estimate import Estimate
from infostat.inference.measure import WeightType

__all__ = ["Sampling", "Sign", "WeightOfEvidence", "orientation", "weight_of_evidence"]

FloatArray = npt.NDArray[np.float64]
Sign = Literal["good_over_bad", "bad_over_good"]
Sampling = Literal["two_sample", "binomial", "fixed_reference", "known_prior"]


@dataclass(frozen=True, eq=False)
class WeightOfEvidence(Estimate):
    """Weights of evidence of all bins of a feature.

    Attributes
    ----------
    value, se : ndarray of shape (n_bins,)
        Log-ratio of shares in nats, and its standard error. An empty bin has value
        zero by convention and a NaN error, since nothing is known of it.
    smoothed : ndarray of shape (n_bins,), bool
        Bins that lack a class, so that their value rests on added mass.
    labels : tuple of str
        Names of the bins.
    filled : ndarray of shape (n_bins,), bool
        Bins that hold rows.
    errors : LogRatioErrors
        Sampling errors of the filled bins, from which :meth:`covariance` is made.
    """

    smoothed: Any = None
    labels: tuple[str, ...] = ()
    filled: Any = None
    errors: LogRatioErrors | None = None

    def covariance(self) -> FloatArray:
        """Covariance between bins, from which errors of differences follow.

        Returns
        -------
        ndarray of shape (n_bins, n_bins)
            Rows and columns of empty bins are zero.
        """
        assert self.errors is not None  # noqa: S101 - set by weight_of_evidence
        n_bins = len(self.labels)
        out = np.zeros((n_bins, n_bins))
        filled = np.flatnonzero(self.filled)
        out[np.ix_(filled, filled)] = self.errors.matrix()
        return out


@dataclass(frozen=True, eq=False)
class LogRatioErrors:
    """Covariance of log-ratios in the form ``own_i [i = j] - shared_i - shared_j + all``.

    Attributes
    ----------
    own, shared : ndarray of shape (n_filled,)
        Part of each bin alone, and what it shares with every other.
    all : float
        Part common to all bins.
    """

    own: FloatArray
    shared: FloatArray
    all: float

    def variance(self) -> FloatArray:
        """Diagonal of the covariance."""
        return np.maximum(self.own - 2.0 * self.shared + self.all, 0.0)

    def matrix(self) -> FloatArray:
        """Full covariance."""
        out = np.diag(self.own) - self.shared[:, None] - self.shared[None, :]
        return np.asarray(out + self.all)


def orientation(sign: Sign) -> int:
    """Return the factor of ``ln(event share / non-event share)``; the sign's one home.

    Parameters
    ----------
    sign : {"good_over_bad", "bad_over_good"}
        The first is the paper's, Siddiqi's and optbinning's: higher is safer.

    Returns
    -------
    int
        -1 or 1.
    """
    read_choice(sign, "sign", get_args(Sign))
    return 1 if sign == "bad_over_good" else -1


def weight_of_evidence(
    events: npt.ArrayLike | CountTable,
    non_events: npt.ArrayLike | None = None,
    *,
    sign: Sign = "good_over_bad",
    smoothing: Smoothing = "auto",
    sampling: Sampling = "two_sample",
    weight_type: WeightType = "frequency",
) -> WeightOfEvidence:
    r"""Weight of evidence of every bin.

    .. math:: W_j = \ln \frac{\text{share of non-events in bin } j}
                             {\text{share of events in bin } j}

    Parameters
    ----------
    events, non_events : array-like of shape (n_bins,), or a CountTable alone
        Counts per bin.
    sign : {"good_over_bad", "bad_over_good"}, default="good_over_bad"
        Which class stands above in the ratio.
    smoothing : {"auto", "none"} or float, default="auto"
        What to do with bins that lack a class, see :func:`.smooth_shares`.
    sampling : str, default="two_sample"
        What was random: "two_sample", the bins within each class (also for a random
        sample of accounts); "binomial", the events within given bins;
        "fixed_reference", the events alone against known shares of non-events;
        "known_prior", the bin's log-odds against a known prior.
    weight_type : {"frequency", "sampling"}, default="frequency"
        Meaning of fractional counts; "sampling" needs a CountTable.

    Returns
    -------
    WeightOfEvidence
        Values and errors per bin; see there for empty bins.

    Raises
    ------
    InfostatError
        If a class is empty, a count is not usable, a bin lacks a class while
        smoothing is "none", an option is unknown, or binomial sampling meets sampling
        weights.

    References
    ----------
    Sudjianto and Burakov, arXiv 2509.09855, equation 15, which takes the log-odds of
    the population for known and so equals ``sampling="known_prior"`` here.

    Examples
    --------
    >>> woe = weight_of_evidence(events=[10, 30, 60], non_events=[400, 300, 200])
    >>> woe.value.round(3)
    array([ 1.492,  0.105, -0.993])
    >>> woe.se.round(3)
    array([0.302, 0.16 , 0.103])
    """
    table = (
        events
        if isinstance(events, CountTable)
        else CountTable.from_counts(events, () if non_events is None else non_events)
    )
    read_choice(sampling, "sampling", get_args(Sampling))
    if sampling == "binomial" and weight_type == "sampling":
        msg = (
            "sampling='binomial' counts events within given bins and knows no sampling "
            "weights: use sampling='two_sample'."
        )
        raise InfostatError(msg)
    shares = smooth_shares(table, smoothing, weight_type=weight_type)
    errors = _errors(table, shares, sampling)
    value, se = np.zeros(table.n_bins), np.full(table.n_bins, np.nan)
    value[shares.filled] = orientation(sign) * np.log(shares.p / shares.q)
    se[shares.filled] = np.sqrt(errors.variance())
    return WeightOfEvidence(
        value=value,
        se=se,
        n=float(table.weight.sum()),
        method=f"delta method, {sampling}",
        smoothed=shares.smoothed,
        labels=table.labels,
        filled=shares.filled,
        errors=errors,
    )


def _errors(table: CountTable, shares: Shares, sampling: Sampling) -> LogRatioErrors:
    """Sampling errors of the filled bins' log-ratios."""
    p, q = shares.p, shares.q
    r_p, r_q = shares.p_spread / p, shares.q_spread / q
    if sampling == "two_sample":
        total = float(shares.p_spread.sum() + shares.q_spread.sum())
        return LogRatioErrors(r_p / p + r_q / q, r_p + r_q, total)
    if sampling == "fixed_reference":
        return LogRatioErrors(r_p / p, r_p, float(shares.p_spread.sum()))
    if sampling == "known_prior":
        return LogRatioErrors(r_p / p + r_q / q, np.zeros_like(p), 0.0)
    ones, zeros = table.totals[1] * p, table.totals[0] * q
    variance = ones * zeros / (ones + zeros)
    overall = float(table.totals.prod() / table.totals.sum())
    shared = np.full_like(p, 1.0 / overall)
    return LogRatioErrors(1.0 / variance, shared, variance.sum() / overall**2)
