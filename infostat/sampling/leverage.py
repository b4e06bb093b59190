"""Leverages of rows, and how many directions of a feature map are more than rounding."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_number, read_numbers, row_shares
from infostat._threads import one_thread
from infostat.exceptions import InfostatError
from infostat.sampling.factor import map_of_triangle, triangle_of
from infostat.sampling.pool import orthonormal_pool

__all__ = ["leverage_scores", "numerical_dimension"]

FloatArray = npt.NDArray[np.float64]


def leverage_scores(
    X: npt.ArrayLike,
    sample_weight: npt.ArrayLike | None = None,
    *,
    fit_intercept: bool = True,
    rcond: float | None = None,
) -> FloatArray:
    """Leverages: diagonal of the projection on the columns of sqrt(mu) X.

    Parameters
    ----------
    X : array-like of shape (n, n_features)
        Rows.
    sample_weight : array-like of shape (n,), optional
        Base weights; only their ratios matter.
    fit_intercept : bool, default=True
        Whether the columns include a constant.
    rcond : float, optional
        Relative singular value that counts as zero.

    Returns
    -------
    ndarray of shape (n,)
        Between 0 and 1, of sum equal to the rank.

    Raises
    ------
    InfostatError
        If a value is not finite, or the rank is zero.

    Examples
    --------
    >>> leverage_scores([[0.0], [0.0], [0.0], [1.0]]).round(3).tolist()
    [0.333, 0.333, 0.333, 1.0]
    """
    rows = read_numbers(X, "X", ndim=2)
    mu = row_shares(sample_weight, len(rows))
    _, features = orthonormal_pool(rows, mu, intercept=fit_intercept, rcond=rcond)
    return np.asarray(mu * (features**2).sum(axis=1))


def numerical_dimension(
    features: npt.ArrayLike,
    eps: float = 1e-8,
    sample_weight: npt.ArrayLike | None = None,
) -> int:
    """Number of directions of a feature map that are more than rounding.

    Singular values of the rows, weighted by their sampling law, above ``eps`` times
    the largest (after arXiv 2409.16697). Leverages beyond that rank are noise: pass
    the same ``eps`` as ``rcond`` to a sampler.

    Parameters
    ----------
    features : array-like of shape (n, p)
        Feature map at sample points, finite.
    eps : float, default=1e-8
        Relative singular value below which a direction does not count.
    sample_weight : array-like of shape (n,), optional
        Weights of the points.

    Returns
    -------
    int

    Raises
    ------
    InfostatError
        If the features are not finite or all zero, or ``eps`` is not in (0, 1).

    Examples
    --------
    >>> x = np.linspace(-1, 1, 2000)
    >>> numerical_dimension(np.vander(x, 41)) < 30
    True
    """
    rows = read_numbers(features, "features", ndim=2)
    if not 0.0 < read_number(eps, "eps") < 1.0:
        msg = f"eps must lie strictly between 0 and 1, got {eps}: 1e-8, for instance."
        raise InfostatError(msg)
    mu = row_shares(sample_weight, len(rows))
    with one_thread():
        triangle = triangle_of(rows * np.sqrt(mu)[:, None])
        return int(map_of_triangle(triangle, len(rows), eps).shape[1])
