"""Population stability index: the Jeffreys divergence between two samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from infostat._arrays import read_numbers
from infostat.counts import ClusteredTable, CountTable
from infostat.exceptions import InfostatError
from infostat.inference.measure import (
    DivergenceEstimate,
    Reference,
    WeightType,
    measure,
)
from infostat.inference.verdict import traffic_light, verdict

__all__ = [
    "QuadraticStability",
    "StabilityIndex",
    "population_stability_index",
    "psi_quadratic",
]

FloatArray = npt.NDArray[np.float64]

LIMITS = (0.10, 0.25)
"""The customary limits of the trade; they come from practice, not from theory."""


@dataclass(frozen=True, eq=False)
class StabilityIndex(DivergenceEstimate):
    """A population stability index with its law and its reading.

    Attributes are those of :class:`.DivergenceEstimate`.
    """

    def verdict(self, limits: tuple[float, float] = LIMITS, level: float = 0.95) -> str:
        """Reading of the interval: stable, moderate, shift, or not enough data.

        Parameters
        ----------
        limits : tuple of float, default=(0.10, 0.25)
            In nats: values below the first are stable, above the second a shift.
        level : float, default=0.95
            Confidence level of the interval.

        Returns
        -------
        str
            See :func:`infostat.inference.verdict`.

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        return verdict(*self.interval(level), limits)

    def light(self, limits: tuple[float, float] = LIMITS, level: float = 0.95) -> str:
        """Traffic light of the interval.

        Parameters
        ----------
        limits : tuple of float, default=(0.10, 0.25)
            See :meth:`verdict`.
        level : float, default=0.95
            Confidence level of the interval.

        Returns
        -------
        {"green", "amber", "red"}
            Amber where the interval reaches over a limit (not enough data), or lies
            between them.

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        return traffic_light(self.verdict(limits, level))

    def tests(self, limits: tuple[float, float] = LIMITS) -> dict[str, float]:
        """P-values against zero and against both limits.

        Parameters
        ----------
        limits : tuple of float, default=(0.10, 0.25)
            Limits to test against.

        Returns
        -------
        dict of str to float
            ``changed`` (hypothesis: no shift), ``above_first`` and ``above_second``
            (hypothesis: at most the limit), ``below_first`` (hypothesis: at least the
            first limit; small values certify stability).

        Raises
        ------
        InfostatError
            If a limit is negative.
        """
        return {
            "changed": self.p_value(0.0),
            "above_first": self.p_value(limits[0], "greater"),
            "above_second": self.p_value(limits[1], "greater"),
            "below_first": self.p_value(limits[0], "less"),
        }


def population_stability_index(
    expected: npt.ArrayLike | CountTable | ClusteredTable,
    actual: npt.ArrayLike | None = None,
    *,
    reference: Reference = "sample",
    weight_type: WeightType = "frequency",
    minimum_expected: float = 5.0,
    ordered_from: int = 0,
    name: str | None = None,
) -> StabilityIndex:
    """Population stability index with error, interval and tests.

    Parameters
    ----------
    expected, actual : array-like of shape (n_bins,), or one table alone
        Counts per bin of the reference and of the current sample. A CountTable holds
        them as classes 0 and 1; a ClusteredTable accounts for accounts that occur at
        both dates (:func:`.tabulate_pairs`) or several times
        (:func:`.tabulate_clusters`).
    reference : {"sample", "fixed"}, default="sample"
        "fixed" only where the expected shares are known without sampling error. A
        development sample is a sample: taken for fixed, the test of no shift rejects
        up to always.
    weight_type : {"frequency", "sampling"}, default="frequency"
        Frequency weights stand for repeated rows, sampling weights enter through their
        squares.
    minimum_expected : float, default=5.0
        Sparser bins are merged before inference; the index then speaks of the merged
        bins and a warning says so.
    ordered_from : int, default=0
        First bin that has neighbours to merge with; those before are levels.
    name : str, optional
        Name of the feature in warnings; an empty string silences them.

    Returns
    -------
    StabilityIndex
        ``light()`` reads the interval against the limits 0.10 and 0.25, ``tests()``
        tests against zero and both limits; ``p_value(0.10, "greater")`` tests "at most
        0.10", ``p_value(0.10, "less")`` certifies stability when small.

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
    >>> round(psi.value, 4), round(psi.p_value(0.10, "less"), 6), psi.light()
    (0.0226, 0.000216, 'green')
    >>> population_stability_index([20, 30, 50], [26, 31, 43]).verdict()
    'not enough data'
    """
    table = (
        expected
        if isinstance(expected, CountTable | ClusteredTable)
        else CountTable.from_counts(
            () if actual is None else actual, expected, names=("actual", "expected")
        )
    )
    estimate = measure(
        table,
        reference=reference,
        weight_type=weight_type,
        minimum_expected=minimum_expected,
        ordered_from=ordered_from,
        name=name,
    )
    return StabilityIndex(**vars(estimate))


@dataclass(frozen=True)
class QuadraticStability:
    """A stability index beside its quadratic form.

    Attributes
    ----------
    psi : float
        The index in nats.
    quadratic : float
        Variance of the log-ratio of shares under the expected law.
    bound : float
        Largest possible distance between the two, attained in the limit.
    """

    psi: float
    quadratic: float
    bound: float


def psi_quadratic(expected: npt.ArrayLike, actual: npt.ArrayLike) -> QuadraticStability:
    r"""How far the index can be from a variance, as a sharp bound.

    With ``a`` the log-ratio of shares per bin and ``D`` its range,

    .. math:: |PSI - \mathrm{Var}_{expected}(a)| \le D^3 / (12 \sqrt 3)

    Parameters
    ----------
    expected, actual : array-like of shape (n_bins,)
        Positive counts or shares of the two laws.

    Returns
    -------
    QuadraticStability
        While ``bound`` is small beside ``quadratic``, the index may be read as a
        chi-square distance.

    Raises
    ------
    InfostatError
        If the samples differ in length, or a bin lacks one of them, so that the
        log-ratio is infinite.

    Notes
    -----
    The actual law is the expected one tilted by ``exp(a)``. Along the tilt the index
    differs from the variance at its start by an integral of third central moments, and
    no law on an interval of length ``D`` has one above ``D^3 / (6 sqrt 3)``. The idea
    of the cubic remainder is from arXiv 2603.13552; this form for the index is derived.

    Examples
    --------
    >>> reading = psi_quadratic([200, 300, 500], [260, 310, 430])
    >>> bool(abs(reading.psi - reading.quadratic) <= reading.bound)
    True
    """
    q = read_numbers(expected, "expected", low=0.0)
    p = read_numbers(actual, "actual", shape=q.shape, low=0.0)
    for name, values in (("expected", q), ("actual", p)):
        empty = np.flatnonzero(values < 1e-100)
        if empty.size:
            msg = (
                f"{name} holds {values[empty[0]]:g} in bin {empty[0]}: the bound needs "
                f"a positive share in every bin; merge empty bins."
            )
            raise InfostatError(msg)
    q, p = q / q.sum(), p / p.sum()
    tilt = np.log(p / q)
    centred = tilt - float(q @ tilt)
    return QuadraticStability(
        psi=float((p - q) @ tilt),
        quadratic=float(q @ centred**2),
        bound=float(np.ptp(tilt) ** 3 / (12.0 * np.sqrt(3.0))),
    )
