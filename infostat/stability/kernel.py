"""Drift of several features at once: the Cauchy-Schwarz divergence with its tests.

A stability index per feature cannot see a new correlation: the kernel form can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from infostat._arrays import as_array, read_choice, read_count, read_number
from infostat._frames import as_frame
from infostat._magnitude import LARGEST, refuse_huge
from infostat.binning.columns import read_columns
from infostat.counts import CountTable
from infostat.counts.levels import factorize
from infostat.divergences.kernel import (
    cauchy_schwarz,
    gaussian_gram,
    kernel_cauchy_schwarz,
)
from infostat.exceptions import InfostatError
from infostat.inference import Estimate, matched
from infostat.inference.estimate import Alternative, check_alternative, check_level

__all__ = ["CauchySchwarzEstimate", "cs_divergence", "cs_drift"]

FloatArray = npt.NDArray[np.float64]

SPLITS = 64
"""Permutations evaluated by one matrix product."""


@dataclass(frozen=True, eq=False)
class CauchySchwarzEstimate(Estimate):
    """A Cauchy-Schwarz divergence between two samples.

    Attributes
    ----------
    plug_in : float
        The statistic; ``value`` is corrected for its bias and may be slightly negative.
    p_zero : float
        P-value of "both samples share one law".
    scale, degrees : float
        Matched law of the binned form (see :mod:`infostat.inference.matched`); zero for
        the kernel form, whose interval is normal.
    bandwidth : float
        Width of the kernel in pooled standard deviations; zero without one.
    """

    plug_in: float = 0.0
    p_zero: float = 1.0
    scale: float = 0.0
    degrees: float = 0.0
    bandwidth: float = 0.0

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Two-sided confidence interval.

        Parameters
        ----------
        level : float, default=0.95
            Confidence level.

        Returns
        -------
        low, high : float
            That of the kernel form holds near zero only roughly: there read ``p_zero``.

        Raises
        ------
        InfostatError
            If the level does not lie strictly between 0 and 1.
        """
        check_level(level)
        if self.scale > 0:
            low, high = matched.interval(self.plug_in, self.scale, self.degrees, level)
        else:
            low, high = super().interval(level)
        return max(0.0, float(low)), max(0.0, float(high))

    def p_value(
        self, null: float = 0.0, alternative: Alternative = "two-sided"
    ) -> float:
        """P-value; at zero the permutation (kernel) or chi-square (binned) test.

        Parameters
        ----------
        null : float, default=0.0
            Hypothesised divergence; elsewhere the law of the interval.
        alternative : {"two-sided", "greater", "less"}, default="two-sided"
            "greater" tests "at most ``null``".

        Returns
        -------
        float

        Raises
        ------
        InfostatError
            If ``null`` is negative or the alternative is unknown.
        """
        check_alternative(alternative)
        self._check_null(null)
        if null == 0.0:
            return 1.0 if alternative == "less" else self.p_zero
        if self.scale <= 0:
            return float(super().p_value(null, alternative))
        law = (self.plug_in, self.scale, self.degrees, null)
        above, below = float(matched.p_at_most(*law)), float(matched.p_at_least(*law))
        if alternative == "two-sided":
            return min(1.0, 2.0 * min(above, below))
        return above if alternative == "greater" else below

    def _range(self) -> tuple[float, float]:
        """Values that there are."""
        return 0.0, LARGEST


def cs_drift(expected: npt.ArrayLike, actual: npt.ArrayLike) -> CauchySchwarzEstimate:
    """Binned Cauchy-Schwarz divergence, beside the stability index.

    Parameters
    ----------
    expected, actual : array-like of shape (n_bins,)
        Counts of the reference and of the current sample; zeros are allowed.

    Returns
    -------
    CauchySchwarzEstimate

    Raises
    ------
    InfostatError
        If a sample is empty or a count cannot be used.

    Notes
    -----
    It weighs bins by their shares: good where most rows are, nearly blind to rare bins,
    which the index sees. Use it beside the index, not for it.

    References
    ----------
    Yu et al., arXiv 2404.17951; error, bias and null law are derived.

    Examples
    --------
    >>> drift = cs_drift([200, 300, 500], [260, 310, 430])
    >>> bool(drift.p_value() < 0.01)
    True
    """
    table = CountTable.from_counts(actual, expected, names=("actual", "expected"))
    table = table.drop_empty()
    sizes = table.totals
    if (sizes <= 0).any():
        msg = f"Both samples need rows, got totals {sizes.tolist()}."
        raise InfostatError(msg)
    q, p = (table.weight / sizes).T
    found = cauchy_schwarz(p, q)
    variance, bias = 0.0, 0.0
    for share, slope, bend, size in (
        (p, found.first_p, found.second_p, sizes[1]),
        (q, found.first_q, found.second_q, sizes[0]),
    ):
        spread = (np.diag(share) - np.outer(share, share)) / size
        variance += float(slope @ spread @ slope)
        bias += 0.5 * float(np.trace(spread @ bend))
    trace, squares = _null_moments(table.weight.sum(axis=1) / sizes.sum(), sizes)
    if trace <= 0:  # one bin
        return CauchySchwarzEstimate(0.0, 0.0, float(sizes.sum()), method="single bin")
    null_scale = squares / trace
    scale, df = matched.matched_law(found.value, variance, bias, null_scale)
    return CauchySchwarzEstimate(
        value=found.value - bias,
        se=float(np.sqrt(max(variance - 2.0 * squares, 2.0 * squares))),
        n=float(sizes.sum()),
        bias=bias,
        method="matched noncentral chi-square",
        plug_in=found.value,
        p_zero=float(chdtrc(trace**2 / squares, found.value / null_scale)),
        scale=float(scale),
        degrees=float(df),
    )


def _null_moments(pooled: FloatArray, sizes: FloatArray) -> tuple[float, float]:
    """Sum and sum of squares of the scales of the null law."""
    square = float(pooled @ pooled)
    spread = np.diag(pooled) - np.outer(pooled, pooled)
    form = np.eye(pooled.size) / square - np.outer(pooled, pooled) / square**2
    product = spread @ form * (1.0 / sizes).sum()
    return float(np.trace(product)), float(np.trace(product @ product))


def cs_divergence(
    reference: Any,
    current: Any,
    *,
    kernel: Literal["rbf", "delta"] = "rbf",
    bandwidth: float | None = None,
    n_resamples: int = 199,
    max_rows: int = 3000,
    rng: int | np.random.Generator | None = None,
) -> CauchySchwarzEstimate:
    """Cauchy-Schwarz divergence of the joint law of several features.

    Parameters
    ----------
    reference, current : frame or array-like of shape (n_samples, n_features)
        Two independent samples with the same columns.
    kernel : {"rbf", "delta"}, default="rbf"
        "rbf" for numbers over their pooled standard deviations; "delta" says whether two
        rows agree in every column (levels, or bin codes).
    bandwidth : float, optional
        Width of the Gaussian kernel in standard deviations; by default half the median
        distance between pooled rows, which sees dependence better than the whole.
    n_resamples : int, default=199
        Permutations of the test.
    max_rows : int, default=3000
        Most rows of each sample, drawn at random: cost grows with the square.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    CauchySchwarzEstimate
        ``p_value()`` is the permutation test of "one joint law": exact at any size,
        since scale and bandwidth come from the pooled rows.

    Raises
    ------
    InfostatError
        If the columns differ, a number is missing, or a sample has fewer than ten rows.

    Notes
    -----
    Two samples of the same accounts are not independent: permute dates within accounts.

    References
    ----------
    Yu et al., arXiv 2404.17951.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before = rng.normal(size=(300, 2))
    >>> now = rng.normal(size=(300, 2)) @ np.linalg.cholesky([[1, 0.6], [0.6, 1]]).T
    >>> bool(cs_divergence(before, now, rng=0).p_value() < 0.05)
    True
    """
    read_choice(kernel, "kernel", ("rbf", "delta"))
    for count, name in ((n_resamples, "n_resamples"), (max_rows, "max_rows")):
        read_count(count, name)
    generator = np.random.default_rng(rng)
    samples = [_draw(data, max_rows, generator) for data in (reference, current)]
    sizes = [int(rows.size) for _, rows in samples]
    if min(sizes) < 10:
        msg = f"The samples have {sizes} rows: at least 10 rows each are needed."
        raise InfostatError(msg)
    width = 0.0
    if kernel == "delta":
        gram = _delta_gram(samples)
    else:
        points = _numbers(samples)
        width = 0.5 * _median_distance(points, generator)
        width = width if bandwidth is None else read_number(bandwidth, "bandwidth")
        if not width > 0:
            msg = f"bandwidth must be positive, got {width}: are all rows equal?"
            raise InfostatError(msg)
        gram = gaussian_gram(points, width)
    first = np.arange(sum(sizes)) < sizes[0]
    drawn = _permuted(gram, first, n_resamples, generator)
    value = _divergence(gram, first[:, None])[0]
    extreme = int((drawn >= value * (1.0 - 1e-12)).sum())
    variance = _influence_variance(gram, first)
    second = float(drawn.var())
    return CauchySchwarzEstimate(
        value=float(value),
        se=float(np.sqrt(max(variance - second, second))),
        n=float(sum(sizes)),
        method=f"influence function; {n_resamples} permutations",
        plug_in=float(value),
        p_zero=(1.0 + extreme) / (n_resamples + 1.0),
        bandwidth=width,
    )


def _draw(
    data: Any, max_rows: int, generator: np.random.Generator
) -> tuple[Any, npt.NDArray[np.intp]]:
    """Columns of a sample, and the rows to use."""
    given = data if as_frame(data) is not None else as_array(data, "a sample")
    if getattr(given, "ndim", 2) == 1:
        given = given[:, None]
    columns = read_columns(given)
    rows = np.arange(columns.n_rows)
    if rows.size > max_rows:
        rows = np.sort(generator.choice(rows, max_rows, replace=False))
    return columns, rows


def _pairs(samples: Any) -> Any:
    """Both samples' columns of the same name."""
    (first, _), (second, _) = samples
    if set(first.names) != set(second.names):
        both = f"{list(first.names)} and {list(second.names)}"
        msg = f"The samples have different columns: {both}."
        raise InfostatError(msg)
    return first.names


def _numbers(samples: Any) -> FloatArray:
    """Pooled rows, each column divided by its standard deviation."""
    out = []
    for name in _pairs(samples):
        parts = [c.read(name, categorical=False).values[rows] for c, rows in samples]
        pooled = np.concatenate(parts)
        if not np.isfinite(pooled).all():
            msg = (
                f"Column {name!r} has missing or infinite values: fill them, or compare "
                f"bin codes (binner.transform) with kernel='delta'."
            )
            raise InfostatError(msg)
        refuse_huge(name, pooled)
        spread = pooled.std()
        if spread > 0:
            out.append((pooled - pooled.mean()) / spread)
    if not out:
        msg = "All columns are constant: there is nothing to compare."
        raise InfostatError(msg)
    return np.column_stack(out)


def _delta_gram(samples: Any) -> FloatArray:
    """One where two rows agree in every column."""
    total: Any = None
    for name in _pairs(samples):
        parts = []
        for columns, rows in samples:
            codes, levels = factorize(columns.raw(name))
            names = np.array([*levels, "\0missing"], dtype=object)
            parts.append(names[codes][rows])
        _, codes = np.unique(np.concatenate(parts).astype(str), return_inverse=True)
        total = codes if total is None else total * (codes.max() + 1) + codes
        _, total = np.unique(total, return_inverse=True)
    gram: FloatArray = (total[:, None] == total[None, :]).astype(np.float64)
    return gram


def _median_distance(points: FloatArray, generator: np.random.Generator) -> float:
    """Median distance between pooled rows, on a random thousand of them."""
    from scipy.spatial.distance import pdist

    size = min(points.shape[0], 1000)
    chosen = generator.choice(points.shape[0], size, replace=False)
    return float(np.median(pdist(points[chosen])))


def _divergence(gram: FloatArray, first: npt.NDArray[np.bool_]) -> FloatArray:
    within_first, within_second, between = kernel_cauchy_schwarz(gram, first)
    # Delta kernels of rare combinations: no pair agrees, and the logarithm of nothing
    # is replaced by that of less than one pair.
    tiny = 0.5 / gram.shape[0] ** 2
    logs = [np.log(np.maximum(v, tiny)) for v in (within_first, within_second, between)]
    return np.asarray(logs[0] + logs[1] - 2.0 * logs[2])


def _permuted(
    gram: FloatArray,
    first: npt.NDArray[np.bool_],
    n_resamples: int,
    generator: np.random.Generator,
) -> FloatArray:
    """Divergences of random splits of the pooled rows."""
    out = []
    for start in range(0, n_resamples, SPLITS):
        count = min(SPLITS, n_resamples - start)
        splits = generator.permuted(np.tile(first, (count, 1)), axis=1).T
        out.append(_divergence(gram, splits))
    return np.concatenate(out)


def _influence_variance(gram: FloatArray, first: npt.NDArray[np.bool_]) -> float:
    """First-order variance of the divergence."""
    within_first, within_second, between = (
        float(v[0]) for v in kernel_cauchy_schwarz(gram, first[:, None])
    )
    total = 0.0
    for own, within in ((first, within_first), (~first, within_second)):
        size = own.sum()
        mine = (gram[own][:, own].sum(axis=1) - np.diag(gram)[own]) / (size - 1.0)
        other = gram[own][:, ~own].mean(axis=1)
        tiny = 0.5 / gram.shape[0] ** 2
        psi = 2.0 * mine / max(within, tiny) - 2.0 * other / max(between, tiny)
        total += float(psi.var(ddof=1)) / size
    return total
