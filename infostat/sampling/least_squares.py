"""The weighted fit on a design, and the laws of its coefficients.

Rows sqrt(w_i s_i) phi(x_i): w the design's weights, s the user's.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from infostat._threads import one_thread
from infostat.exceptions import InfostatError, InfostatWarning

__all__ = [
    "CovType",
    "ProjectionFit",
    "chosen_covariance",
    "coefficient_covariance",
    "weighted_fit",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]
CovType = Literal["HC3", "block", "block_sandwich", "homoskedastic"]

ENOUGH_BLOCKS = 5
"""Blocks from which the block jackknife covers."""

SATURATED = 1e-8
"""A row whose leverage in the fit is this close to one has no residual of its own."""


@dataclass(frozen=True, eq=False)
class ProjectionFit:
    """Coefficients in an orthonormal basis and what their covariance needs.

    Attributes
    ----------
    coefficients : ndarray of shape (m, n_outputs)
        In the orthonormal basis.
    rows : ndarray of shape (n, m)
        psi = sqrt(w s) phi.
    scale : ndarray of shape (n,)
        sqrt(w s).
    residuals : ndarray of shape (n, n_outputs)
        y - fit, in the units of y.
    inverse : ndarray of shape (m, m)
        Pseudo-inverse of the sum of psi psi^T.
    leverage : ndarray of shape (n,)
        psi^T inverse psi.
    rank : int
        Rank of the rows.
    eigenvalues : tuple of float
        Smallest and largest of the Gram matrix, mean over the rows.
    """

    coefficients: FloatArray
    rows: FloatArray
    scale: FloatArray
    residuals: FloatArray
    inverse: FloatArray
    leverage: FloatArray
    rank: int
    eigenvalues: tuple[float, float]

    @property
    def n(self) -> int:
        """Rows of positive weight."""
        return int(np.count_nonzero(self.scale))


def weighted_fit(
    features: FloatArray, weights: FloatArray, y: FloatArray
) -> ProjectionFit:
    """Weighted least squares, of smallest norm where the rank is deficient.

    Parameters
    ----------
    features : ndarray of shape (n, m)
        phi at the points.
    weights : ndarray of shape (n,)
        w s, not negative.
    y : ndarray of shape (n, n_outputs)
        Observations.

    Returns
    -------
    ProjectionFit
    """
    scale = np.sqrt(weights)
    rows = features * scale[:, None]
    with one_thread():
        left, singular, right = np.linalg.svd(rows, full_matrices=False)
        floor = singular[0] * max(rows.shape) * np.finfo(float).eps
        kept = singular > floor
        left, singular, right = left[:, kept], singular[kept], right[kept]
        inner = left.T @ (y * scale[:, None])
        coefficients = right.T @ (inner / singular[:, None])
        inverse = (right.T / singular**2) @ right
    n = max(int(np.count_nonzero(scale)), 1)
    smallest = singular[-1] ** 2 / n if kept.sum() == features.shape[1] else 0.0
    return ProjectionFit(
        coefficients,
        rows,
        scale,
        y - features @ coefficients,
        inverse,
        (left**2).sum(axis=1),
        int(kept.sum()),
        (float(smallest), float(singular[0] ** 2 / n) if len(singular) else 0.0),
    )


def chosen_covariance(
    cov_type: str, method: str | None, blocks: IntArray | None
) -> CovType:
    """Which covariance suits the design of a fit.

    Parameters
    ----------
    cov_type : str
        What was asked for: "auto", or the name of one.
    method : str or None
        How the design was drawn; None where the fit has none.
    blocks : ndarray of shape (n,) or None
        Independent blocks of a repeated DPP.

    Returns
    -------
    str
        "auto" is the block jackknife for enough blocks, else HC3.

    Raises
    ------
    InfostatError
        If "auto" meets a greedy design.
    """
    greedy = method in ("dpp_greedy", "best_of")
    if greedy and cov_type == "auto":
        msg = (
            f"A design by {method!r} has no design-based standard error: its points "
            f"depend on one another; use method='repeated_dpp' for intervals."
        )
        raise InfostatError(msg)
    if greedy and cov_type != "homoskedastic":
        warnings.warn(
            f"cov_type={cov_type!r} takes the points of a {method!r} design for random, "
            f"which they are not: intervals may not cover; use method='repeated_dpp'.",
            InfostatWarning,
            stacklevel=5,
        )
    if cov_type != "auto":
        chosen: Any = cov_type
        return chosen  # type: ignore[no-any-return]
    if blocks is not None and len(np.unique(blocks)) >= ENOUGH_BLOCKS:
        return "block"
    return "HC3"


def coefficient_covariance(
    fit: ProjectionFit, cov_type: CovType, blocks: IntArray | None = None
) -> tuple[FloatArray, float]:
    """Covariance of the coefficients about those of the best fit.

    Parameters
    ----------
    fit : ProjectionFit
        The fit.
    cov_type : {"HC3", "block", "block_sandwich", "homoskedastic"}
        "HC3": B [sum psi psi^T e^2 / (1 - h)^2] B. "block": jackknife over independent
        blocks, (r - 1)/r sum (a_(-k) - a)(a_(-k) - a)^T. "block_sandwich":
        r/(r - 1) B [sum s_k s_k^T] B. "homoskedastic": noise of one variance and no
        misfit.
    blocks : ndarray of shape (n,), optional
        Block of each row, for the block methods.

    Returns
    -------
    covariance : ndarray of shape (n_outputs, m, m)
    df : float
        Degrees of freedom of Student's law.

    Raises
    ------
    InfostatError
        If the rows are of deficient rank, no degrees of freedom are left, a row is
        fitted exactly whatever its value (HC3), or blocks are missing.
    """
    _check_freedom(fit)
    if cov_type == "HC3":
        return _hc3(fit), float(fit.n - fit.rank)
    if cov_type == "homoskedastic":
        df = float(fit.n - fit.rank)
        used = fit.scale > 0
        variance = (fit.residuals[used] ** 2).sum(axis=0) / df
        second = (fit.rows * fit.scale[:, None] ** 2).T @ fit.rows
        return variance[:, None, None] * (fit.inverse @ second @ fit.inverse), df
    if blocks is None or len(np.unique(blocks)) < 2:
        msg = (
            "Block standard errors need a repeated DPP of at least two blocks: use "
            "method='repeated_dpp' with n_samples=2.0 or more, or cov_type='HC3'."
        )
        raise InfostatError(msg)
    pick = _jackknife if cov_type == "block" else _sandwich
    return pick(fit, blocks), float(len(np.unique(blocks)) - 1)


def _check_freedom(fit: ProjectionFit) -> None:
    m = fit.rows.shape[1]
    if fit.rank < m or fit.n <= m:
        msg = (
            f"There are no standard errors: {fit.n} points of rank {fit.rank} carry {m} "
            f"functions; observe more points, or use fewer functions."
        )
        raise InfostatError(msg)


def _hc3(fit: ProjectionFit) -> FloatArray:
    room = 1.0 - fit.leverage
    saturated = int((room < SATURATED).sum())
    if saturated:
        msg = (
            f"HC3 is not defined: {saturated} points are fitted exactly whatever their "
            f"value; use method='repeated_dpp' with five blocks, or more points."
        )
        raise InfostatError(msg)
    scaled = fit.residuals * (fit.scale / room)[:, None]
    meat = np.einsum("nk,ni,nj->kij", scaled**2, fit.rows, fit.rows, optimize=True)
    return np.asarray(fit.inverse @ meat @ fit.inverse)


def _block_sums(fit: ProjectionFit, blocks: IntArray) -> tuple[FloatArray, FloatArray]:
    """Gram matrices (r, m, m) and scores (r, m, n_outputs) of the blocks."""
    weighted = fit.residuals * fit.scale[:, None]
    grams, scores = [], []
    for block in np.unique(blocks):
        inside = blocks == block
        grams.append(fit.rows[inside].T @ fit.rows[inside])
        scores.append(fit.rows[inside].T @ weighted[inside])
    return np.array(grams), np.array(scores)


def _jackknife(fit: ProjectionFit, blocks: IntArray) -> FloatArray:
    grams, scores = _block_sums(fit, blocks)
    r = len(grams)
    # The scores of all blocks sum to zero: without block k they sum to -s_k.
    shifts = np.array(
        [
            np.linalg.lstsq(grams.sum(axis=0) - gram, -score, rcond=None)[0]
            for gram, score in zip(grams, scores, strict=True)
        ]
    )
    return np.asarray((r - 1.0) / r * np.einsum("rik,rjk->kij", shifts, shifts))


def _sandwich(fit: ProjectionFit, blocks: IntArray) -> FloatArray:
    _, scores = _block_sums(fit, blocks)
    r = len(scores)
    meat = r / (r - 1.0) * np.einsum("rik,rjk->kij", scores, scores)
    return np.asarray(fit.inverse @ meat @ fit.inverse)
