"""The general expansion for a canonical model given as pseudo-rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.samplesize.expansion import Expansion
from infostat.samplesize.general import (
    LARGEST_P,
    Derivatives,
    ModelMeans,
    general_expansion,
)

__all__ = ["canonical_expansion"]

FloatArray = npt.NDArray[np.float64]

NUMBERS = 2_000_000
"""Numbers a block of third derivatives may hold."""


def canonical_expansion(
    mass: FloatArray,
    rows: FloatArray,
    probability: FloatArray,
    score: FloatArray,
    options: Any,
) -> Expansion:
    """Misspecified risk of a canonical model with finitely many outcomes a row.

    Given x, minus the derivatives of the log-likelihood are the model's cumulants of
    the score, whatever the outcome; they vary with x.

    Parameters
    ----------
    mass : ndarray of shape (n_rows,)
        Share of each row.
    rows : ndarray of shape (n_rows, n_classes, p)
        Score of each possible outcome, whitened.
    probability : ndarray of shape (n_rows, n_classes)
        Its probability under the model.
    score : ndarray of shape (n_rows, p)
        Score of the outcome observed.
    options : GLMOptions
        ``design``; in a fixed design the derivatives do not vary.

    Returns
    -------
    Expansion

    Raises
    ------
    InfostatError
        If there are too many coefficients.
    """
    p = rows.shape[2]
    if p > LARGEST_P:
        msg = (
            f"cov='robust' with several classes takes up to {LARGEST_P} coefficients, "
            f"got {p}: use cov='model', or method='bootstrap'."
        )
        raise InfostatError(msg)
    step = max(1, NUMBERS // p**3)
    second, third = np.zeros((p, p)), np.zeros((p,) * 3)
    fourth = np.zeros((p,) * 4)
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        c2, c3, m, weight = _cumulants(rows[part], probability[part], mass[part])
        second += np.tensordot(m, c2, axes=1)
        third += np.tensordot(m, c3, axes=1)
        flat = rows[part].reshape(-1, p)
        pairs = (flat[:, :, None] * flat[:, None, :]).reshape(len(flat), -1)
        fourth += ((pairs * weight.ravel()[:, None]).T @ pairs).reshape((p,) * 4)
        products = np.einsum("n,nab,ncd->abcd", m, c2, c2, optimize=True)
        fourth -= (
            products + products.transpose(0, 2, 1, 3) + products.transpose(0, 3, 2, 1)
        )
    fixed = options.design == "fixed"

    def blocks() -> Iterator[Derivatives]:
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            c2, c3, m, _ = _cumulants(rows[part], probability[part], mass[part])
            if fixed:
                c2 = np.broadcast_to(second, c2.shape)
                c3 = np.broadcast_to(third, c3.shape)
            yield Derivatives(m, score[part], -c2, -c3)

    return general_expansion(blocks, ModelMeans(-fourth, second, third, fourth))


def _cumulants(
    rows: FloatArray, probability: FloatArray, mass: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Second and third cumulant of each row's score, and the masses."""
    once = rows * probability[:, :, None]
    c2 = once.transpose(0, 2, 1) @ rows
    c3 = np.einsum("nka,nkb,nkc->nabc", once, rows, rows, optimize=True)
    return c2, c3, mass, mass[:, None] * probability
