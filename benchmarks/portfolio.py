"""The columns on which speed is measured: five shapes, missing values, a rare event."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit


def applicants(n_rows: int, n_columns: int, seed: int = 20_261_124):
    """Generate a column-major frame and a target with 8 % events.

    The columns rotate normal, lognormal, zero-inflated count, bounded with mass points
    and rounded; 0 to 30 % are missing, half of that related to risk; two thirds carry
    a monotone or U-shaped effect.
    """
    rng = np.random.default_rng(seed)
    X = np.empty((n_rows, n_columns), order="F")
    score = np.zeros(n_rows)
    for k in range(n_columns):
        z = rng.normal(size=n_rows)
        if k % 3 < 2:
            score += 0.25 * (z if k % 2 else z**2 - 1.0)
        X[:, k] = _shape(k % 5, z, rng)
    bad = expit(score)
    bad *= 0.08 / bad.mean()
    y = (rng.random(n_rows) < bad).astype(np.uint8)
    for k in range(n_columns):
        share = 0.3 * k / max(n_columns - 1, 1)
        chance = share * (0.5 + 0.5 * np.where(y == 1, 1.5, 0.957))
        X[rng.random(n_rows) < chance, k] = np.nan
    return pd.DataFrame(X, columns=[f"x{k:02d}" for k in range(n_columns)]), y


def _shape(kind: int, z: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One of the five shapes, increasing in ``z``."""
    if kind == 0:
        return z
    if kind == 1:
        return np.exp(7.0 + z)
    if kind == 2:
        return np.maximum(rng.poisson(np.exp(0.8 * z)) - 1.0, 0.0)
    if kind == 3:
        return np.clip(0.5 + 0.35 * z, 0.0, 1.0)
    return np.round(35.0 + 12.0 * z)


def floor_edges(X: pd.DataFrame) -> list[np.ndarray]:
    """Seven quantile edges a column, from a stride sample."""
    return [np.unique(np.nanquantile(X[c].to_numpy()[::50], LEVELS)) for c in X]


LEVELS = np.arange(1, 8) / 8
