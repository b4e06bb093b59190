"""Whether a maximum likelihood estimate exists, on this sample and on others like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

from infostat._arrays import read_number, read_numbers
from infostat.exceptions import InfostatError
from infostat.samplesize.responses import Gaussian, Poisson, Response

__all__ = ["Separation", "separation", "zero_cell_probability"]

FloatArray = npt.NDArray[np.float64]

TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class Separation:
    """Answer of the separation programme.

    Attributes
    ----------
    separated : bool
        Whether some direction raises the likelihood for ever: no maximum exists.
    direction : ndarray of shape (n_columns, q)
        Such a direction in the scale of the columns, zero where none exists.
    n_rows : int
        Rows that the direction predicts perfectly.
    """

    separated: bool
    direction: FloatArray
    n_rows: int


def separation(design: FloatArray, y: FloatArray, response: Response) -> Separation:
    """Solve the separation programme.

    A direction b separates binary outcomes where ``(2 y_i - 1) x_i'b >= 0`` for all
    rows and not all are zero; counts, where it leaves every positive count's predictor
    and lowers that of some zero; several classes, where no row's own class loses
    against another and some gain.

    Parameters
    ----------
    design : ndarray of shape (n_rows, n_columns)
        Columns of full rank, the intercept among them.
    y : ndarray of shape (n_rows, q)
        Outcomes in the scale of the response.
    response : Response
        Response.

    Returns
    -------
    Separation

    Raises
    ------
    InfostatError
        If the solver fails.

    References
    ----------
    Albert and Anderson (1984); Konis (2007) for the linear programme.
    """
    columns, q = design.shape[1], response.q
    scale = np.abs(design).max(axis=0)
    scale[scale == 0] = 1.0
    if isinstance(response, Gaussian):
        return Separation(separated=False, direction=np.zeros((columns, q)), n_rows=0)
    rows, held = _gains(design / scale, y, response)
    # Equal rows add nothing but their number.
    rows, times = np.unique(rows, axis=0, return_counts=True)
    fixed = np.unique(held, axis=0) if len(held) else None
    found = linprog(
        -(times @ rows),
        A_ub=-rows,
        b_ub=np.zeros(len(rows)),
        A_eq=fixed,
        b_eq=None if fixed is None else np.zeros(len(fixed)),
        bounds=(-1.0, 1.0),
        method="highs",
    )
    if found.x is None:
        msg = f"The separation programme failed ({found.message}): rescale the columns."
        raise InfostatError(msg)
    gain = rows @ found.x
    separated = bool(gain.max(initial=0.0) > TOLERANCE)
    direction = found.x.reshape(q, columns).T / scale[:, None]
    predicted = int(times[gain > TOLERANCE].sum())
    if not separated:
        direction, predicted = np.zeros_like(direction), 0
    return Separation(separated, direction, predicted)


def _gains(
    design: FloatArray, y: FloatArray, response: Response
) -> tuple[FloatArray, FloatArray]:
    """Rows that a direction must not lower, and rows that it must leave."""
    if isinstance(response, Poisson):
        positive = y[:, 0] > 0
        return -design[~positive], design[positive]
    if response.q == 1:
        return design * (2.0 * y - 1.0), design[:0]
    q = response.q
    own = np.hstack([1.0 - y.sum(axis=1, keepdims=True), y])
    targets = np.vstack([np.zeros(q), np.eye(q)])
    parts = []
    for other in range(q + 1):
        rows = own[:, other] == 0
        gap = own[rows] @ targets - targets[other]
        wide = np.einsum("nc,nx->ncx", gap, design[rows])
        parts.append(wide.reshape(int(rows.sum()), -1))
    return np.concatenate(parts), np.empty((0, q * design.shape[1]))


def zero_cell_probability(counts: FloatArray, n: float | None = None) -> float:
    r"""Chance that a sample leaves some class out of some bin.

    .. math:: 1 - \prod_{b, c} \left( 1 - (1 - q_{bc})^n \right)

    A one-hot model has no maximum likelihood estimate on such a sample.

    Parameters
    ----------
    counts : ndarray of shape (n_bins, n_classes)
        Rows of each class in each bin; several features may be stacked.
    n : float, optional
        Size of the sample; by default the sum of the counts, so give it where
        features are stacked.

    Returns
    -------
    float
        Between 0 and 1; cells are taken for independent.

    Raises
    ------
    InfostatError
        If a count is negative or exceeds ``n``.

    Examples
    --------
    >>> import numpy as np
    >>> round(zero_cell_probability(np.array([[995.0, 5.0]]), 1000), 4)
    0.0067
    """
    cells = read_numbers(counts, "counts", ndim=None, low=0.0)
    size = float(cells.sum()) if n is None else read_number(n, "n")
    if (cells < 0).any() or (cells > size).any() or not size > 0:
        msg = f"Counts must lie between 0 and n={size:g}: give the rows of each class."
        raise InfostatError(msg)
    with np.errstate(divide="ignore"):
        empty = np.exp(size * np.log1p(-cells / size))
        return float(-np.expm1(np.log1p(-empty).sum()))
