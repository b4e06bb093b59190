"""Third-order contractions of rows: the only expensive piece, by several routes.

With whitened rows ``z_i`` and coefficients ``f, g`` on them, the tensors
``T_f = sum_i f_i z_i z_i z_i`` are wanted only through numbers such as
``<T_f, T_g> = sum_ij f_i g_j (z_i'z_j)^3``. Four routes give them: Gram blocks
(``n^2 p``), the tensor itself (``n p^3``), the tensor from three-way counts where the
design consists of indicators, and random probes (``n p m``), which are unbiased and
carry their own standard error. No route holds an ``n x n`` or ``n x p^2`` array.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from tqdm import tqdm

from infostat._threads import one_thread

__all__ = [
    "Indicators",
    "Route",
    "choose_route",
    "gram_sums",
    "indicator_tensor",
    "probe_sums",
    "tensor_sums",
    "third_tensor",
]

FloatArray = npt.NDArray[np.float64]
Route = Literal["gram", "tensor", "onehot", "probes"]
Pair = tuple[int, int, int]
"""Two rows of the coefficients, and how many of the three factors pass through S."""

GRAM_ROWS = 1024
TENSOR_ROWS = 512
PROBE_ROWS = 8192
TENSOR_LIMIT = 2e11


@dataclass(frozen=True, eq=False)
class Indicators:
    """A design of an intercept and indicator columns, as codes.

    Attributes
    ----------
    codes : ndarray of shape (n_samples, n_features)
        Level of each row; the intercept is a feature with one level.
    feature, level : ndarray of shape (n_columns,)
        What each column of the design indicates.
    """

    codes: npt.NDArray[np.intp]
    feature: npt.NDArray[np.intp]
    level: npt.NDArray[np.intp]


def choose_route(n_rows: int, p: int, *, indicators: bool) -> Route:
    """Cheapest exact route, or probes where every exact route is too long.

    Parameters
    ----------
    n_rows, p : int
        Shape of the whitened rows.
    indicators : bool
        Whether the design consists of indicators.

    Returns
    -------
    {"onehot", "gram", "tensor", "probes"}
    """
    if indicators:
        return "onehot"
    if n_rows <= p**2:
        return "gram"
    return "tensor" if float(n_rows) * p**3 <= TENSOR_LIMIT else "probes"


def third_tensor(rows: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Tensor ``sum_i c_i z_i z_i z_i``, by products of pairs of columns.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, p)
        Rows.
    coefficients : ndarray of shape (n_rows,)
        Their coefficients.

    Returns
    -------
    ndarray of shape (p, p, p)
    """
    p = rows.shape[1]
    first, second = np.triu_indices(p)
    half = np.zeros((len(first), p))
    with one_thread():
        starts = range(0, len(rows), TENSOR_ROWS)
        for start in tqdm(starts, desc="tensor", disable=None, delay=2, leave=False):
            z = rows[start : start + TENSOR_ROWS]
            c = coefficients[start : start + TENSOR_ROWS]
            half += (z[:, first] * z[:, second]).T @ (z * c[:, None])
    out = np.empty((p, p, p))
    out[first, second] = half
    out[second, first] = half
    return out


def indicator_tensor(
    design: Indicators, lower: FloatArray, coefficients: FloatArray
) -> FloatArray:
    """Whitened tensor of an indicator design, from three-way weighted counts.

    Parameters
    ----------
    design : Indicators
        Codes and columns.
    lower : ndarray of shape (p, p)
        Cholesky factor L of the information; rows are ``L^-1 x``.
    coefficients : ndarray of shape (n_samples,)
        Their coefficients.

    Returns
    -------
    ndarray of shape (p, p, p)
    """
    p = len(lower)
    raw = np.zeros((p, p, p))
    codes = np.ascontiguousarray(design.codes.T)
    sizes = codes.max(axis=1) + 1
    places = [np.flatnonzero(design.feature == f) for f in range(len(codes))]
    levels = [design.level[place] for place in places]
    triples = list(combinations_with_replacement(range(len(codes)), 3))
    for f, g, h in tqdm(triples, desc="counts", disable=None, delay=2, leave=False):
        cell = (codes[f] * sizes[g] + codes[g]) * sizes[h] + codes[h]
        shape = (sizes[f], sizes[g], sizes[h])
        count = np.bincount(cell, weights=coefficients, minlength=int(np.prod(shape)))
        block = count.reshape(shape)[np.ix_(levels[f], levels[g], levels[h])]
        for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
            axes = [(places[f], places[g], places[h])[k] for k in order]
            raw[np.ix_(*axes)] = block.transpose(order)
    with one_thread():
        for _ in range(3):
            flat = solve_triangular(lower, raw.reshape(p, p * p), lower=True)
            # The solved mode goes last, so that three rounds treat all of them.
            raw = np.moveaxis(flat.reshape(p, p, p), 0, 2)
    return np.ascontiguousarray(raw)


def gram_sums(
    rows: FloatArray,
    coefficients: FloatArray,
    pairs: Sequence[Pair],
    covariance: FloatArray | None = None,
) -> FloatArray:
    """Sums ``f_i g_j g_ij^(3-k) (gS_ij)^k`` over pairs of rows, in blocks.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, p)
        Whitened rows; ``g_ij = z_i'z_j`` and ``gS_ij = z_i'S z_j``.
    coefficients : ndarray of shape (n_coefficients, n_rows)
        Coefficients on the rows.
    pairs : sequence of (int, int, int)
        Which two coefficients, and k.
    covariance : ndarray of shape (p, p), optional
        S; needed where some k is positive.

    Returns
    -------
    ndarray of shape (n_pairs,)
    """
    total = np.zeros(len(pairs))
    turned = rows if covariance is None else rows @ covariance
    with one_thread():
        starts = range(0, len(rows), GRAM_ROWS)
        for i in tqdm(starts, desc="Gram blocks", disable=None, delay=2, leave=False):
            for j in range(i, len(rows), GRAM_ROWS):
                here, there = slice(i, i + GRAM_ROWS), slice(j, j + GRAM_ROWS)
                block = rows[here] @ rows[there].T
                bent = block
                if covariance is not None:
                    bent = turned[here] @ rows[there].T
                powers = {0: block * block * block}
                for k in {k for *_, k in pairs} - {0}:
                    powers[k] = block ** (3 - k) * bent**k
                for place, (f, g, k) in enumerate(pairs):
                    a, b = coefficients[f], coefficients[g]
                    total[place] += a[here] @ powers[k] @ b[there]
                    if j > i:
                        total[place] += b[here] @ powers[k] @ a[there]
    return total


def tensor_sums(
    tensors: Sequence[FloatArray],
    pairs: Sequence[Pair],
    covariance: FloatArray | None = None,
) -> FloatArray:
    """Sum what :func:`gram_sums` sums, from the tensors themselves.

    Parameters
    ----------
    tensors : sequence of ndarray of shape (p, p, p)
        One a coefficient.
    pairs, covariance
        See :func:`gram_sums`.

    Returns
    -------
    ndarray of shape (n_pairs,)
    """
    out = np.empty(len(pairs))
    with one_thread():
        for place, (f, g, k) in enumerate(pairs):
            left = tensors[f]
            for axis in range(0 if covariance is None else k):
                # Symmetric tensors: any k axes may be the ones that pass through S.
                turned = np.tensordot(left, np.asarray(covariance), axes=(2 - axis, 0))
                left = np.moveaxis(turned, 2, 2 - axis)
            out[place] = float(np.vdot(left, tensors[g]))
    return out


def probe_sums(
    rows: FloatArray,
    coefficients: FloatArray,
    pairs: Sequence[Pair],
    covariance: FloatArray | None = None,
    *,
    n_probes: int = 256,
    rng: int | np.random.Generator | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Estimate what :func:`gram_sums` sums, by random signs, with standard errors.

    With independent vectors of signs u and v, ``t_f(u, v) = Z'(f * Zu * Zv)`` satisfies
    ``E t_f(u, v)'t_g(u, v) = <T_f, T_g>``.

    Parameters
    ----------
    rows, coefficients, pairs, covariance
        See :func:`gram_sums`.
    n_probes : int, default=256
        Number of pairs of sign vectors.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    value, se : ndarray of shape (n_pairs,)
        Mean over the probes and its standard error.
    """
    generator = np.random.default_rng(rng)
    p = rows.shape[1]
    u, v = generator.choice((-1.0, 1.0), size=(2, p, n_probes))
    needed = sorted({0, *(k for *_, k in pairs)})
    probes = {0: (u, v)}
    if covariance is not None:
        probes |= {1: (covariance @ u, v), 2: (covariance @ u, covariance @ v)}
    sums = {k: np.zeros((len(coefficients), p, n_probes)) for k in needed}
    with one_thread():
        starts = range(0, len(rows), PROBE_ROWS)
        for start in tqdm(starts, desc="probes", disable=None, delay=2, leave=False):
            z = rows[start : start + PROBE_ROWS]
            for k in needed:
                both = (z @ probes[k][0]) * (z @ probes[k][1])
                for m, c in enumerate(coefficients):
                    sums[k][m] += z.T @ (both * c[start : start + PROBE_ROWS, None])
    draws = np.array([(sums[k][f] * sums[0][g]).sum(axis=0) for f, g, k in pairs])
    return draws.mean(axis=1), draws.std(axis=1, ddof=1) / np.sqrt(n_probes)
