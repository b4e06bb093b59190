"""Bounds as linear functions of covariates, with bands that hold everywhere at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.causal.intervals import Cover, Sampling, band_reach, imbens_manski
from infostat.causal.rows import ScoreRow
from infostat.exceptions import InfostatError

__all__ = ["Projection", "project_row"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Projection:
    """Best linear projections of both ends on a basis.

    Attributes
    ----------
    lower, upper : ndarray of shape (n_terms,)
        Coefficients.
    influence_lower, influence_upper : ndarray of shape (n_units, n_terms)
        Contributions of rows or clusters to their errors.
    size : float
        Independent units.
    df : float or None
        Degrees of freedom of Student's law; None for the normal law.
    """

    lower: FloatArray
    upper: FloatArray
    influence_lower: FloatArray
    influence_upper: FloatArray
    size: float
    df: float | None

    def coefficients(self, terms: list[str]) -> dict[str, Any]:
        """Return the coefficients and their standard errors, one row a term."""
        return {
            "term": terms,
            "lower": self.lower,
            "upper": self.upper,
            "se_lower": np.sqrt((self.influence_lower**2).sum(axis=0)),
            "se_upper": np.sqrt((self.influence_upper**2).sum(axis=0)),
        }

    def band(
        self, basis: FloatArray, *, level: float, target: Cover, rng: int | None
    ) -> dict[str, Any]:
        """Evaluate both ends at new points of the basis.

        Parameters
        ----------
        basis : ndarray of shape (n_points, n_terms)
            Points.
        level : float
            Confidence level.
        target : {"parameter", "set"}
            What a pointwise interval covers.
        rng : int or None
            Seed of the multipliers.

        Returns
        -------
        dict of str to ndarray
            ``lower, upper, se_lower, se_upper, ci_lower, ci_upper`` at each point, and
            ``band_lower, band_upper``, which hold at all points at once.
        """
        lower, upper = basis @ self.lower, basis @ self.upper
        below, above = self.influence_lower @ basis.T, self.influence_upper @ basis.T
        return banded(
            *(lower, upper, below, above, self.size),
            df=self.df,
            level=level,
            target=target,
            rng=rng,
        )


def banded(
    lower: FloatArray,
    upper: FloatArray,
    below: FloatArray,
    above: FloatArray,
    size: float,
    *,
    df: float | None,
    level: float,
    target: Cover,
    rng: int | None,
) -> dict[str, Any]:
    """Columns of many pairs of ends: errors, intervals one by one, and all at once.

    Parameters
    ----------
    lower, upper : ndarray of shape (n_points,)
        Ends.
    below, above : ndarray of shape (n_units, n_points)
        Contributions of units to the errors of the ends.
    size : float
        Independent units.
    df : float or None
        Degrees of freedom of Student's law; None for the normal law.
    level : float
        Confidence level.
    target : {"parameter", "set"}
        What an interval covers.
    rng : int or None
        Seed of the multipliers.

    Returns
    -------
    dict of str to ndarray
        As in :meth:`Projection.band`.
    """
    s_lower = np.sqrt((below**2).sum(axis=0))
    s_upper = np.sqrt((above**2).sum(axis=0))
    limits = np.array(
        [
            imbens_manski(*ends, n=size, level=level, target=target, df=df)
            for ends in zip(lower, upper, s_lower, s_upper, strict=True)
        ]
    )
    both, errors = np.hstack([below, -above]), np.concatenate([s_lower, s_upper])
    reach = band_reach(both, errors, level, df=df, rng=rng)
    return {
        "lower": lower,
        "upper": upper,
        "se_lower": s_lower,
        "se_upper": s_upper,
        "ci_lower": limits[:, 0],
        "ci_upper": limits[:, 1],
        "band_lower": lower - reach * s_lower,
        "band_upper": upper + reach * s_upper,
    }


def project_row(row: ScoreRow, basis: FloatArray, sampling: Sampling) -> Projection:
    """Least squares of the scores on a basis.

    Parameters
    ----------
    row : ScoreRow
        Scores; repetitions are averaged.
    basis : ndarray of shape (n_samples, n_terms)
        Functions of the covariates.
    sampling : Sampling
        Weights and clusters.

    Returns
    -------
    Projection

    Raises
    ------
    InfostatError
        If the basis is collinear or has fewer rows than terms, or an end is infinite.

    Notes
    -----
    Heteroscedasticity-consistent (HC1) errors; Semenova and Chernozhukov, Econometrics
    Journal 24 (2021).
    """
    n, p = basis.shape
    if n <= p or np.linalg.matrix_rank(basis) < p:
        msg = (
            f"The basis has {p} columns that are not independent over {n} rows: drop "
            f"those that repeat others."
        )
        raise InfostatError(msg)
    weight = np.ones(n) if sampling.weight is None else sampling.weight
    bread = np.linalg.inv((basis * weight[:, None]).T @ basis)
    found = []
    for side in (row.lower, row.upper):
        scores = np.mean(side, axis=0)
        if not np.isfinite(scores).all():
            msg = "An infinite end cannot be projected: pass y_bounds=(low, high)."
            raise InfostatError(msg)
        coefficients = bread @ (basis.T @ (weight * scores))
        residual = scores - basis @ coefficients
        part = basis * (weight * residual)[:, None] @ bread
        found.append((coefficients, _units(part, weight, sampling, p)))
    (lower, below), (upper, above) = found
    size, df = sampling.size, sampling.degrees()
    return Projection(lower, upper, below, above, size, df)


def _units(
    part: FloatArray, weight: FloatArray, sampling: Sampling, n_terms: int
) -> FloatArray:
    """Contributions of independent units, scaled for the variance by squares."""
    if sampling.cluster is not None:
        n_clusters = int(sampling.cluster.max()) + 1
        sums = [np.bincount(sampling.cluster, column, n_clusters) for column in part.T]
        scale = float(np.sqrt(n_clusters / (n_clusters - 1.0)))
        return np.asarray(np.stack(sums, axis=1) * scale)
    if sampling.weight is not None and sampling.frequency:
        # A weight of w stands for w rows: its squares count w times.
        part = part / np.sqrt(np.where(weight > 0.0, weight, 1.0))[:, None]
    scale = float(np.sqrt(sampling.size / max(sampling.size - n_terms, 1.0)))
    return part * scale
