"""Fine bins that lie within coarse ones: where each of them goes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from infostat.binning.bins import Bins
from infostat.exceptions import InfostatError

__all__ = ["nest"]


def nest(fine: Bins, coarse: Bins) -> npt.NDArray[np.intp]:
    """Bin of ``coarse`` that holds each bin of ``fine``.

    Parameters
    ----------
    fine, coarse : Bins
        Two binnings of one feature.

    Returns
    -------
    ndarray of shape (fine.n_bins,)

    Raises
    ------
    InfostatError
        If a fine bin lies in two coarse ones.
    """
    if (fine.groups is None) != (coarse.groups is None):
        kinds = ["levels" if b.groups is not None else "cuts" for b in (fine, coarse)]
        msg = f"Pre-bins of {fine.feature!r} have {kinds[0]}, its bins {kinds[1]}."
        raise InfostatError(msg)
    if fine.missing_to:
        msg = f"Count missing values of {fine.feature!r} in a pre-bin of their own."
        raise InfostatError(msg)
    reserved = [coarse.missing_to]
    specials = list(coarse.special_values)
    for special in fine.special_values:
        if special not in specials:
            msg = (
                f"Pre-bins of {fine.feature!r} count the special value {special!r}, "
                f"which its bins do not: they have {specials}."
            )
            raise InfostatError(msg)
        reserved.append(1 + specials.index(special))
    absent = [s for s in specials if s not in fine.special_values]
    if absent:
        msg = (
            f"Bins of {fine.feature!r} have the special values {absent}, which its "
            f"pre-bins do not count apart."
        )
        raise InfostatError(msg)
    if fine.groups is None:
        ordinary = _nest_cuts(fine, coarse)
    else:
        reserved.append(coarse.first - 1)  # unseen levels
        ordinary = _nest_groups(fine, coarse)
    return np.array([*reserved, *ordinary], dtype=np.intp)


def _nest_cuts(fine: Bins, coarse: Bins) -> list[int]:
    cuts, edges = fine.cuts or (), np.asarray(coarse.cuts or (), dtype=float)
    absent = [cut for cut in edges.tolist() if cut not in cuts]
    if absent:
        msg = (
            f"Pre-bins of {fine.feature!r} reach over the cuts {absent} of its bins: "
            f"count pre-bins with these cuts."
        )
        raise InfostatError(msg)
    # A fine bin ends at its right cut; the last has none and ends last.
    inner = np.searchsorted(edges, np.asarray(cuts, dtype=float), side="left")
    return [coarse.first + int(k) for k in (*inner, edges.size)]


def _nest_groups(fine: Bins, coarse: Bins) -> list[int]:
    home = {
        level: coarse.first + k
        for k, group in enumerate(coarse.groups or ())
        for level in group
    }
    out = []
    for group in fine.groups or ():
        bins = {home.get(level, coarse.first - 1) for level in group}
        if len(bins) > 1:
            msg = (
                f"The pre-bin {list(group)} of {fine.feature!r} lies in several of its "
                f"bins: count its levels apart."
            )
            raise InfostatError(msg)
        out.append(bins.pop())
    return out
