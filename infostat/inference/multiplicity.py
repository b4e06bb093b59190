"""Adjustment of many p-values at once."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError

__all__ = ["Adjustment", "adjust_p_values"]

Adjustment = Literal["bh", "by", "holm", "bonferroni"]

_NAMES = {"bh": "fdr_bh", "by": "fdr_by", "holm": "holm", "bonferroni": "bonferroni"}


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
    if method not in _NAMES:
        msg = f"Unknown adjustment {method!r}: use one of {', '.join(_NAMES)}."
        raise InfostatError(msg)
    values = np.asarray(p_values, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        msg = f"P-values must lie in [0, 1], got {values.tolist()}."
        raise InfostatError(msg)
    if values.size == 0:
        return values
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(values, method=_NAMES[method])[1])
