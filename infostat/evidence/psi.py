"""Population stability index: the Jeffreys divergence between two samples."""

from __future__ import annotations

import numpy.typing as npt

from infostat.counts import ClusteredTable, CountTable
from infostat.inference.measure import (
    DivergenceEstimate,
    Reference,
    WeightType,
    measure,
)

__all__ = ["population_stability_index"]


def population_stability_index(
    expected: npt.ArrayLike | CountTable | ClusteredTable,
    actual: npt.ArrayLike | None = None,
    *,
    reference: Reference = "sample",
    weight_type: WeightType = "frequency",
    minimum_expected: float = 5.0,
    ordered_from: int = 0,
    name: str | None = None,
) -> DivergenceEstimate:
    """Population stability index with error, interval and tests.

    Parameters
    ----------
    expected, actual : array-like of shape (n_bins,), or one table alone
        Counts per bin of the reference and of the current sample. A CountTable holds
        them as classes 0 and 1; a ClusteredTable (see :func:`.tabulate_pairs`) accounts
        for accounts that occur at both dates.
    reference : {"sample", "fixed"}, default="sample"
        "fixed" only where the expected shares are known without sampling error. A
        development sample is a sample: taken for fixed, the test of no shift rejects
        up to always.
    weight_type, minimum_expected, ordered_from, name
        See :func:`.information_value`.

    Returns
    -------
    DivergenceEstimate
        ``p_value(0.10, "greater")`` tests "at most 0.10"; ``p_value(0.10, "less")``
        certifies stability when small.

    Raises
    ------
    InfostatError
        If a sample is empty or a count cannot be used.

    References
    ----------
    Sudjianto and Burakov, arXiv 2509.09855, section 4.5.

    Examples
    --------
    >>> psi = population_stability_index([200, 300, 500], [260, 310, 430])
    >>> round(psi.value, 4), round(psi.p_value(0.10, "less"), 6)
    (0.0226, 0.000216)
    """
    table = (
        expected
        if isinstance(expected, CountTable | ClusteredTable)
        else CountTable.from_counts(
            () if actual is None else actual, expected, names=("actual", "expected")
        )
    )
    return measure(
        table,
        reference=reference,
        weight_type=weight_type,
        minimum_expected=minimum_expected,
        ordered_from=ordered_from,
        name=name,
    )
