"""Inference after selection: p-values that know the bins were chosen on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from infostat._arrays import read_choice, read_count
from infostat.binning.binners import OptimalBinner
from infostat.binning.bins import Bins
from infostat.binning.choice import Problem, pose
from infostat.binning.intervals import interval_values
from infostat.binning.trend import best_counts
from infostat.counts import CountTable
from infostat.divergences import contributions, get_divergence
from infostat.evidence import information_value
from infostat.exceptions import InfeasibleError, InfostatError
from infostat.inference.null import count_null, pearson_statistic
from infostat.inference.resampling import LARGEST_TOTAL

__all__ = ["SelectionTest", "selection_test"]

FloatArray = npt.NDArray[np.float64]
Method = Literal["auto", "permutation", "bound", "split"]

WORDS = {
    "permutation": "permutation of the outcome with the bins chosen anew each time",
    "bound": "upper bound over every choice among the pre-bins",
    "split": "bins chosen on one half of the rows, tested on the other",
    "given": "bins were fixed beforehand, nothing was chosen",
}


@dataclass(frozen=True)
class SelectionTest:
    """Test of no predictive power for one feature.

    Attributes
    ----------
    feature : str
        Name.
    value : float
        Information value of the bins in nats, as counted; not corrected for bias or choice.
    n_bins, n_candidates : int
        Bins with rows, and pre-bins with rows they were chosen from.
    p_value : float
        P-value that accounts for the choice, by ``method``.
    p_naive : float
        Pearson's p-value of the chosen bins as if they had been given: too small where
        the bins were chosen on the same rows.
    method : {"permutation", "bound", "split", "given"}
        What ``p_value`` is.
    n_resamples : int
        Permutations; zero for the other methods.
    """

    feature: str
    value: float
    n_bins: int
    n_candidates: int
    p_value: float
    p_naive: float
    method: str
    n_resamples: int = 0

    def summary(self) -> str:
        """Return one line that says which p-value it prints.

        Returns
        -------
        str
            Feature, value, bins and both p-values.
        """
        drawn = f", {self.n_resamples} draws" if self.n_resamples else ""
        return (
            f"{self.feature}: IV {self.value:.4f} in {self.n_bins} of "
            f"{self.n_candidates} candidate bins; p = {self.p_value:.3g} "
            f"({WORDS[self.method]}{drawn}); without regard to the choice "
            f"p = {self.p_naive:.3g}."
        )


def selection_test(
    binner: OptimalBinner,
    features: Sequence[str] | None = None,
    *,
    method: Method = "auto",
    n_resamples: int = 199,
    rng: int | np.random.Generator | None = None,
) -> dict[str, SelectionTest]:
    """Test features whose bins were chosen on the rows at hand.

    Parameters
    ----------
    binner : OptimalBinner
        Fitted.
    features : sequence of str, optional
        Those to test; all by default.
    method : {"auto", "permutation", "bound", "split"}, default="auto"
        "permutation" permutes the outcome over the pre-bins and chooses the bins anew.
        "bound" needs no draws: Pearson's statistic of any merger is at most that of the
        pre-bins, whose law is a chi-square. "split" is for an ``honest`` binner.
        The more pre-bins, the weaker the bound. "auto" takes "split" for an honest
        binner, "bound" for fractional weights or several samples, else "permutation".
    n_resamples : int, default=199
        Permutations; each costs one programme unless its pre-bins together carry less
        than was observed.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    dict of str to SelectionTest

    Raises
    ------
    InfostatError
        If a feature or the method is unknown, the method does not fit the binner, or
        ``n_resamples`` is below 1.

    Notes
    -----
    Valid where the pre-bins do not depend on the outcome: quantiles, splits named
    beforehand, single levels (which are sorted anew in every permutation). Pre-bins of
    a tree are not. The statistic is the objective that chose the bins plus Pearson's
    distance of missing and special values.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> X, y = rng.normal(size=(500, 1)), rng.integers(0, 2, 500)
    >>> found = selection_test(OptimalBinner().fit(X, y), n_resamples=99, rng=0)["x0"]
    >>> found.p_naive < found.p_value, found.method
    (True, 'permutation')
    """
    check_is_fitted(binner, "bins_")
    read_choice(method, "method", get_args(Method))
    n_resamples = read_count(n_resamples, "n_resamples")
    names = list(binner.bins_) if features is None else list(features)
    unknown = [name for name in names if name not in binner.bins_]
    if unknown:
        msg = f"features names {unknown}, but the features are {list(binner.bins_)}."
        raise InfostatError(msg)
    if (method == "split") != binner.honest and method != "auto":
        held = "honest" if binner.honest else "not honest"
        msg = (
            f"method={method!r} does not fit a binner that is {held}: use 'auto', or fit "
            f"with honest={not binner.honest}."
        )
        raise InfostatError(msg)
    generator = np.random.default_rng(rng)
    return {name: _test(binner, name, method, n_resamples, generator) for name in names}


def _test(
    binner: OptimalBinner,
    name: str,
    method: Method,
    n_resamples: int,
    generator: np.random.Generator,
) -> SelectionTest:
    bins, table = binner.bins_[name], binner.tables_[name]
    found = information_value(table, ordered_from=bins.ordered_from, name="")
    naive = found.p_value()
    chosen = name in binner.prebin_tables_
    candidates = binner.prebin_tables_[name] if chosen else table
    permutable = binner.n_samples_ == 1 and not (candidates.weight % 1.0).any()
    drawn = 0
    if not chosen:
        kind, p_value = "given", naive
    elif binner.honest:
        kind, p_value = "split", naive
    elif method == "bound" or (method == "auto" and not permutable):
        kind, p_value = "bound", _bound(table, candidates)
    else:
        kind, drawn = "permutation", n_resamples
        p_value = _permutation(
            binner, binner.prebins_[name], candidates, n_resamples, generator
        )
    return SelectionTest(
        feature=name,
        value=found.plug_in,
        n_bins=table.drop_empty().n_bins,
        n_candidates=candidates.drop_empty().n_bins,
        p_value=p_value,
        p_naive=naive,
        method=kind,
        n_resamples=drawn,
    )


def _bound(table: CountTable, candidates: CountTable) -> float:
    """Tail of the pre-bins' chi-square at the statistic of the chosen bins."""
    filled = table.drop_empty()
    totals = filled.totals
    p, q = filled.events / totals[1], filled.non_events / totals[0]
    pooled = filled.weight.sum(axis=1) / totals.sum()
    law = count_null(candidates.drop_empty().n_bins, totals[1], totals[0])
    return float(law.p_value(pearson_statistic(p, q, pooled)))


def _permutation(
    binner: OptimalBinner,
    pre: Bins,
    table: CountTable,
    n_resamples: int,
    generator: np.random.Generator,
) -> float:
    """Share of permutations whose best binning is at least as good."""
    counts = np.rint(table.weight).astype(np.int64)
    both = counts.sum(axis=1)
    _check_permutable(binner, pre.feature, table, int(both.sum()))
    observed = _statistic(binner, pre, table)
    events = generator.multivariate_hypergeometric(
        both, int(counts[:, 1].sum()), size=n_resamples, method="marginals"
    )
    drawn = np.stack([both - events, events], axis=-1)
    # Ties differ in the last digits between the observed and the drawn tables.
    target = observed - 1e-10 * max(1.0, abs(observed))
    extreme = 0
    for k in np.flatnonzero(_ceilings(binner, pre, drawn) >= target):
        cells = drawn[k]
        weight = cells.astype(np.float64)
        part = CountTable(cells, weight, weight, table.labels)
        extreme += _statistic(binner, pre, part) >= target
    return (1 + extreme) / (n_resamples + 1)


def _check_permutable(
    binner: OptimalBinner, feature: str, table: CountTable, total: int
) -> None:
    if (table.weight % 1.0).any():
        msg = (
            f"{feature!r} has fractional weights, which cannot be permuted: use "
            f"method='bound', or an honest binner."
        )
        raise InfostatError(msg)
    if binner.n_samples_ > 1:
        msg = (
            f"The bins were chosen on {binner.n_samples_} samples together: use "
            f"method='bound', or an honest binner."
        )
        raise InfostatError(msg)
    if total >= LARGEST_TOTAL:
        msg = (
            f"{feature!r} counts {total} rows, more than the permutation sampler takes: "
            f"use method='bound', or an honest binner."
        )
        raise InfostatError(msg)


def _ceilings(
    binner: OptimalBinner, pre: Bins, drawn: npt.NDArray[np.int64]
) -> FloatArray:
    """What no choice of bins can exceed: the pre-bins themselves, by data processing."""
    shares = drawn / drawn.sum(axis=1, keepdims=True)
    q, p = shares[..., 0], shares[..., 1]
    plain = binner.objective in ("iv", "iv_corrected")
    member = get_divergence("jeffreys" if plain else binner.objective)
    ordinary = np.arange(pre.n_bins) >= pre.first
    if binner.missing == "merge":
        ordinary[0] = True
    parts = contributions(p[:, ordinary], q[:, ordinary], member).sum(axis=-1)
    return np.asarray(parts + _reserved(drawn, ~ordinary))


def _reserved(
    cells: npt.NDArray[Any], which: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Pearson's distance of the bins that no choice touches."""
    filled = which & (cells.reshape(-1, *cells.shape[-2:]).sum(axis=(0, 2)) > 0)
    totals = cells.sum(axis=-2, keepdims=True)
    shares = (cells / totals)[..., filled, :]
    pooled = cells[..., filled, :].sum(axis=-1) / totals.sum(axis=-1)
    return pearson_statistic(shares[..., 1], shares[..., 0], pooled)


def _statistic(binner: OptimalBinner, pre: Bins, table: CountTable) -> float:
    """Objective of the best bins, plus what missing and special values carry."""
    problem = pose(binner, pre, table)
    reserved = np.arange(problem.pre.n_bins) < problem.pre.first
    if problem.counts.missing is not None:
        reserved[0] = False
    return _best_value(problem) + float(_reserved(table.weight, reserved))


def _best_value(problem: Problem) -> float:
    """Value of the best bins; of one bin where there is nothing to choose."""
    if not (problem.is_trivial or problem.is_small):
        try:
            return best_counts(problem.counts, problem.search, problem.trend).value
        except InfeasibleError:
            pass
    counts, search = problem.counts, problem.search
    cell = counts.weight.sum(axis=0)
    if counts.missing is not None:
        cell = cell + counts.missing.weight
    whole = interval_values(
        cell[None],
        counts.totals,
        corrected=search.corrected,
        divergence=search.divergence,
        size_penalty=search.size_penalty,
    )
    return float(whole.value[0, 1])
