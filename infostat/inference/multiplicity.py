"""Adjustment of many p-values at once."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat._arrays import as_array, read_choice, read_numbers

__all__ = ["Adjustment", "adjust_p_values"]

Adjustment = Literal["bh", "by", "holm", "bonferroni"]

METHODS: tuple[Adjustment, ...] = ("bh", "by", "holm", "bonferroni")


def adjust_p_values(
    p_values: npt.ArrayLike, method: Adjustment = "bh"
) -> npt.NDArray[np.float64]:
    """Adjust p-values for the number of tests.

    Parameters
    ----------
    p_values : array-like of shape (n_tests,)
        Raw p-values.
    method : {"bh", "by", "holm", "bonferroni"}, default="bh"
        Benjamini-Hochberg holds the false discovery rate under positive dependence,
        Benjamini-Yekutieli under any; Holm and Bonferroni the family-wise error.

    Returns
    -------
    ndarray of shape (n_tests,)

    Raises
    ------
    InfostatError
        If the method is unknown or a p-value lies outside [0, 1].
    """
    read_choice(method, "method", METHODS)
    if as_array(p_values, "p_values").size == 0:
        return np.zeros(0)
    values = read_numbers(p_values, "p_values", ndim=None, low=0.0, high=1.0)
    if method in ("bh", "by"):
        from scipy.stats import false_discovery_control

        return np.asarray(false_discovery_control(values, method=method))
    if method == "bonferroni":
        return np.minimum(values * values.size, 1.0)
    # Holm: the k-th smallest pays for the hypotheses not yet rejected.
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
