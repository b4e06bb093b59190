"""Unpenalised maximum likelihood of a generalised linear model, and its existence.

Newton's method with a certificate: by generalised self-concordance, a maximum exists
where the Newton decrement times the largest whitened row is at most 1/2 (Bach 2010,
proposition 2). Under separation the product stays above one, however long the
iteration, so a small gradient alone is never taken for a maximum. Without the canonical
link the steps are Fisher's scoring, and the certificate is that of the logit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve, cholesky, solve_triangular

from infostat._threads import one_thread
from infostat.samplesize.responses import Binomial, Response

__all__ = [
    "GLMFit",
    "evaluated_fit",
    "fit_glm",
    "independent_columns",
    "information",
    "whitened_rows",
]

FloatArray = npt.NDArray[np.float64]

BLOCK = 8192
"""Rows a block of cross products: small enough to stay in cache."""
ITERATIONS = 80
DECREMENT = 1e-10
CONVERGED = 1e-6
CERTIFICATE = 0.5
ROUNDING = 1e-15


@dataclass(frozen=True, eq=False)
class GLMFit:
    """A generalised linear model at its coefficients.

    Attributes
    ----------
    response : Response
        Response.
    design : ndarray of shape (n_rows, n_columns)
        Columns of full rank, the intercept among them.
    coef : ndarray of shape (n_columns, q)
        Coefficients.
    eta : ndarray of shape (n_rows, q)
        Linear predictor, offset included.
    mass : ndarray of shape (n_rows,)
        Share of each row, summing to one.
    n : float
        Rows, or their total frequency.
    lower : ndarray of shape (p, p) or None
        Cholesky factor of the information per observation, ``p = n_columns q``,
        coefficients class by class; None where it is singular.
    certificate : float
        At most 1/2 certifies that the maximum exists; infinite where the iteration
        broke down.
    """

    response: Response
    design: FloatArray
    coef: FloatArray
    eta: FloatArray
    mass: FloatArray
    n: float
    lower: FloatArray | None
    certificate: float

    @property
    def p(self) -> int:
        """Number of coefficients."""
        return self.coef.size

    @property
    def exists(self) -> bool:
        """Whether the maximum is certified."""
        return self.lower is not None and self.certificate <= CERTIFICATE


def independent_columns(
    design: FloatArray, mass: FloatArray, tolerance: float = 1e-9
) -> npt.NDArray[np.intp]:
    """Columns that are not combinations of those before them.

    Parameters
    ----------
    design : ndarray of shape (n_rows, n_columns)
        Columns; a constant one should come first.
    mass : ndarray of shape (n_rows,)
        Share of each row.
    tolerance : float, default=1e-9
        Share of a column's square that the columns before it may leave unexplained.

    Returns
    -------
    ndarray of int
        Positions, increasing: sequential Cholesky of the scaled cross products.
    """
    gram = _cross_products(design, mass[:, None, None])
    scale = np.sqrt(np.maximum(np.diag(gram), 0.0))
    kept: list[int] = []
    lower = np.zeros_like(gram)
    for j in range(len(gram)):
        if scale[j] == 0.0:
            continue
        row = gram[j, kept] / (scale[j] * scale[kept])
        size = len(kept)
        solved = solve_triangular(lower[:size, :size], row, lower=True) if size else row
        left = 1.0 - float(solved @ solved)
        if left > tolerance:
            lower[size, :size], lower[size, size] = solved, np.sqrt(left)
            kept.append(j)
    return np.array(kept, dtype=np.intp)


def _cross_products(design: FloatArray, curvature: FloatArray) -> FloatArray:
    """Sum over rows of ``curvature kron x x'``, in blocks, one thread each."""
    columns, q = design.shape[1], curvature.shape[1]
    out = np.zeros((q * columns, q * columns))
    with one_thread():
        for start in range(0, len(design), BLOCK):
            x = design[start : start + BLOCK]
            c = curvature[start : start + BLOCK]
            for j in range(q):
                for k in range(j, q):
                    part = x.T @ (x * c[:, j, k, None])
                    out[_block(j, columns), _block(k, columns)] += part
                    if k > j:
                        out[_block(k, columns), _block(j, columns)] += part.T
    return out


def _block(k: int, columns: int) -> slice:
    return slice(k * columns, (k + 1) * columns)


def information(
    design: FloatArray, eta: FloatArray, mass: FloatArray, response: Response
) -> FloatArray:
    """Fisher information per observation, shape (p, p), coefficients class by class.

    Parameters
    ----------
    design : ndarray of shape (n_rows, n_columns)
        Design.
    eta : ndarray of shape (n_rows, q)
        Linear predictor.
    mass : ndarray of shape (n_rows,)
        Share of each row.
    response : Response
        Response.

    Returns
    -------
    ndarray of shape (p, p)
    """
    return _cross_products(design, response.curvature(eta) * mass[:, None, None])


def whitened_rows(design: FloatArray, lower: FloatArray) -> FloatArray:
    """Rows ``L^-1 x`` of a response with one predictor, shape (n_rows, p)."""
    out = np.empty(design.shape)
    with one_thread():
        for start in range(0, len(design), BLOCK):
            part = slice(start, start + BLOCK)
            out[part] = solve_triangular(lower, design[part].T, lower=True).T
    return out


def _factor(matrix: FloatArray) -> FloatArray | None:
    """Cholesky factor, None where the scaled matrix is singular to working precision."""
    scale = np.sqrt(np.maximum(np.diag(matrix), 0.0))
    if not (scale > 0).all() or not np.isfinite(matrix).all():
        return None
    try:
        lower = cholesky(matrix / np.outer(scale, scale), lower=True)
    except np.linalg.LinAlgError:
        return None
    if np.diag(lower).min() < 1e-7:
        return None
    return np.asarray(lower * scale[:, None])


def _longest_row(design: FloatArray, lower: FloatArray, q: int) -> float:
    """Bound on ``max |L^-1 ((e_y - e_z) kron x)|`` over rows and classes."""
    largest = 0.0
    columns = design.shape[1]
    with one_thread():
        for start in range(0, len(design), BLOCK):
            x = design[start : start + BLOCK]
            for k in range(q):
                wide = np.zeros((q * columns, len(x)))
                wide[_block(k, columns)] = x.T
                solved = solve_triangular(lower, wide, lower=True)
                largest = max(largest, float((solved**2).sum(axis=0).max()))
    return float(np.sqrt(largest)) * (1.0 if q == 1 else 2.0)


def evaluated_fit(
    design: FloatArray,
    coef: FloatArray,
    eta: FloatArray,
    response: Response,
    mass: FloatArray,
    n: float,
) -> GLMFit:
    """Take coefficients as they stand, without a certificate of their maximum.

    Parameters
    ----------
    design, response, mass, n
        See :func:`fit_glm`.
    coef : ndarray of shape (n_columns, q)
        Coefficients.
    eta : ndarray of shape (n_rows, q)
        Linear predictor.

    Returns
    -------
    GLMFit
    """
    lower = _factor(information(design, eta, mass, response))
    return GLMFit(response, design, coef, eta, mass, n, lower, float("inf"))


def fit_glm(
    design: FloatArray,
    y: FloatArray,
    response: Response,
    mass: FloatArray,
    n: float,
    *,
    offset: FloatArray | None = None,
    start: FloatArray | None = None,
) -> GLMFit:
    """Fit by Newton's method with step halving.

    Parameters
    ----------
    design : ndarray of shape (n_rows, n_columns)
        Columns of full rank.
    y : ndarray of shape (n_rows, q)
        Outcomes in the scale of the response.
    response : Response
        Response.
    mass : ndarray of shape (n_rows,)
        Share of each row.
    n : float
        Rows, or their total frequency.
    offset : ndarray of shape (n_rows, q), optional
        Known part of the predictor.
    start : ndarray of shape (n_columns, q), optional
        Where to begin; zero by default.

    Returns
    -------
    GLMFit
        ``exists`` says whether the maximum was certified.
    """
    q = response.q
    base = np.zeros((len(design), q)) if offset is None else offset
    coef = np.zeros((design.shape[1], q)) if start is None else start.copy()
    eta = base + design @ coef
    value = float(mass @ response.kernel(y, eta))
    lower, decrement = None, float("inf")
    for _ in range(ITERATIONS):
        lower = _factor(information(design, eta, mass, response))
        if lower is None:
            break
        gradient = (design.T @ (mass[:, None] * response.slope(y, eta))).T.ravel()
        direction = np.asarray(cho_solve((lower, True), gradient))
        decrement = float(np.sqrt(max(float(gradient @ direction), 0.0)))
        if decrement < DECREMENT:
            break
        step = direction.reshape(q, -1).T
        shift, length = design @ step, 1.0
        slack = 1e-14 * (1.0 + abs(value))
        while length > 1e-9:
            with np.errstate(over="ignore", invalid="ignore"):
                gain = float(mass @ response.kernel(y, eta + length * shift)) - value
            if np.isfinite(gain) and gain >= 1e-4 * length * decrement**2 - slack:
                break
            length /= 2.0
        else:
            break
        coef, eta, value = coef + length * step, eta + length * shift, value + gain
    certificate = float("inf")
    if lower is not None and decrement < CONVERGED and not response.canonical:
        # With a log-concave link the maximum exists where that of the logit does.
        logit = fit_glm(design, y, Binomial(), mass, n, offset=offset)
        certificate = logit.certificate
    elif lower is not None and decrement < CONVERGED:
        longest = _longest_row(design, lower, q)
        # A residual that is rounded to zero is no proof: count the rounding, too.
        certificate = (decrement + ROUNDING * longest) * longest
    return GLMFit(response, design, coef, eta, mass, n, lower, certificate)
