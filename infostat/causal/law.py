"""The law of the outcome in one arm given the covariates, in bins."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor
from sklearn.pipeline import Pipeline

from infostat.causal.nuisance import fit_weighted, many_outputs

__all__ = ["LawPiece", "fit_law"]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

ATOMS = 24
"""Bins of the outcome in a conditional law."""
PER_BIN = 60
"""Outcomes kept of each bin."""


@dataclass(frozen=True, eq=False)
class LawPiece:
    """Law of the outcome in one arm given the covariates, for the rows of one fold.

    Attributes
    ----------
    rows : ndarray of shape (n_rows,), int
        The held-out rows.
    atoms : ndarray of shape (n_atoms,)
        Mean outcome of each bin among the training rows of the arm, rising.
    edges : ndarray of shape (n_atoms - 1,)
        Ends between the bins.
    shares : ndarray of shape (n_rows, n_atoms)
        Probability of each bin; rows sum to one.
    mean : ndarray of shape (n_rows,)
        Conditional mean.
    sample, sample_bin : ndarray of shape (n_sample,)
        Training outcomes that stand for the inside of the bins, and their bins.
    n_train : int
        Training rows of the arm.
    """

    rows: IntArray
    atoms: FloatArray
    edges: FloatArray
    shares: FloatArray
    mean: FloatArray
    sample: FloatArray
    sample_bin: IntArray
    n_train: int

    def bin_means(self, values: FloatArray) -> FloatArray:
        """Means within bins of a function of :attr:`sample`.

        Parameters
        ----------
        values : ndarray of shape (n_sample, n_functions)
            The functions at the sample, which is sorted by bin.

        Returns
        -------
        ndarray of shape (n_atoms, n_functions)
            ``shares`` times this are conditional means.
        """
        starts = np.searchsorted(self.sample_bin, np.arange(len(self.atoms)))
        sums = np.add.reduceat(values, starts, axis=0)
        sizes = np.diff(np.append(starts, len(self.sample)))
        return np.asarray(sums / sizes[:, None])

    def mirrored(self) -> LawPiece:
        """Law of minus the outcome."""
        return LawPiece(
            self.rows,
            -self.atoms[::-1],
            -self.edges[::-1],
            self.shares[:, ::-1],
            -self.mean,
            -self.sample[::-1],
            len(self.atoms) - 1 - self.sample_bin[::-1],
            self.n_train,
        )


def cut_points(z: FloatArray, n_atoms: int) -> FloatArray:
    """Ends of bins of about equal size, each between two different values."""
    ranked = np.sort(z)
    distinct = ranked[np.concatenate([[True], np.diff(ranked) > 0.0])]
    if len(distinct) <= n_atoms:
        between: FloatArray = (distinct[1:] + distinct[:-1]) / 2.0
        return between
    place = np.rint(np.arange(1, n_atoms) * len(z) / n_atoms).astype(np.intp)
    left, right = ranked[place - 1], ranked[place]
    middle = (left + right) / 2.0
    # Between two equal values there is no room; a fat atom keeps a bin of its own by
    # the cuts around it.
    fat = np.unique(left[left == right])
    index = np.searchsorted(distinct, fat)
    below = (distinct[index[index > 0] - 1] + fat[index > 0]) / 2.0
    inner = index < len(distinct) - 1
    above = (distinct[index[inner] + 1] + fat[inner]) / 2.0
    return np.unique(np.concatenate([middle[left < right], below, above]))


def fit_law(
    learner: Any,
    X: Any,
    z: FloatArray,
    weight: FloatArray | None,
    held_out: Any,
    rows: IntArray,
    *,
    n_atoms: int = ATOMS,
) -> LawPiece:
    """Fit the law of an outcome given covariates and predict it for other rows.

    Parameters
    ----------
    learner : regressor
        A forest gives the law by the training rows that share its leaves; any other
        regressor by one regression on the bins' indicators.
    X, z : rows and ndarray of shape (n_train,)
        Training data of one arm.
    weight : ndarray of shape (n_train,) or None
        Sample weights.
    held_out : rows
        Covariates to predict for.
    rows : ndarray
        Their places in the data.
    n_atoms : int
        Most bins; an outcome with fewer values has one bin a value.

    Returns
    -------
    LawPiece
    """
    edges = cut_points(z, n_atoms)
    code = np.searchsorted(edges, z, side="left")
    mass = np.bincount(code, weight, len(edges) + 1)
    sums = np.bincount(code, z if weight is None else z * weight, len(edges) + 1)
    plain = np.bincount(code, z, len(edges) + 1) / np.bincount(code)
    atoms = np.where(mass > 0.0, sums / np.where(mass > 0.0, mass, 1.0), plain)
    if len(atoms) == 1:
        ones = np.ones((len(rows), 1))
        level = np.full(len(rows), atoms[0])
        return LawPiece(rows, atoms, edges, ones, level, *_sample(z, code), len(z))
    shift, spread = z.mean(), z.std()
    target = (z - shift) / spread
    last = learner.steps[-1][1] if isinstance(learner, Pipeline) else learner
    indicators = np.eye(len(atoms))[code]
    forest = isinstance(last, ExtraTreesRegressor | RandomForestRegressor)
    if len(atoms) == 2 or forest:
        fitted = fit_weighted(learner, X, target, weight)
        mean = np.asarray(fitted.predict(held_out), dtype=np.float64).ravel()
    if len(atoms) > 2 and forest:
        shares = _leaf_shares(fitted, X, indicators, weight, held_out)
    elif len(atoms) > 2:
        many = many_outputs(learner)
        fitted = fit_weighted(many, X, np.column_stack([target, indicators]), weight)
        both = np.asarray(fitted.predict(held_out), dtype=np.float64)
        mean, shares = both[:, 0], both[:, 1:]
    mean = np.clip(shift + spread * mean, z.min(), z.max())
    if len(atoms) == 2:
        top = (mean - atoms[0]) / (atoms[1] - atoms[0])
        shares = np.column_stack([1.0 - top, top])
    return LawPiece(
        rows, atoms, edges, _proper(shares), mean, *_sample(z, code), len(z)
    )


def _sample(z: FloatArray, code: IntArray) -> tuple[FloatArray, IntArray]:
    """Evenly ranked outcomes of each bin, its ends among them, sorted."""
    place = np.argsort(z, kind="stable")
    ranked, bins = z[place], code[place]
    starts = np.searchsorted(bins, np.arange(bins[-1] + 2))
    kept = np.concatenate(
        [
            np.unique(np.linspace(a, b - 1, min(b - a, PER_BIN)).astype(np.intp))
            for a, b in pairwise(starts)
        ]
    )
    return ranked[kept], bins[kept]


def _proper(shares: FloatArray) -> FloatArray:
    """Probabilities: no negative ones, sum one."""
    kept = np.maximum(shares, 0.0)
    total = kept.sum(axis=1, keepdims=True)
    even = np.full_like(kept, 1.0 / kept.shape[1])
    return np.where(total > 0.0, kept / np.where(total > 0.0, total, 1.0), even)


def _leaf_shares(
    learner: Any,
    X: Any,
    indicators: FloatArray,
    weight: FloatArray | None,
    held_out: Any,
) -> FloatArray:
    """Mean over trees of the bins' shares in the leaf that a row falls into."""
    trees, train, test = learner, X, held_out
    if isinstance(learner, Pipeline):
        trees = learner.steps[-1][1]
        train, test = learner[:-1].transform(X), learner[:-1].transform(held_out)
    leaf, found = np.asarray(trees.apply(train)), np.asarray(trees.apply(test))
    leaf, found = leaf.reshape(len(leaf), -1), found.reshape(len(found), -1)
    n_bins = indicators.shape[1]
    code = indicators.argmax(axis=1)
    out = np.zeros((len(found), n_bins))
    for ours, theirs in zip(
        leaf.T.astype(np.intp), found.T.astype(np.intp), strict=True
    ):
        n_leaves = int(max(ours.max(), theirs.max())) + 1
        counts = np.bincount(ours * n_bins + code, weight, n_leaves * n_bins)
        counts = counts.reshape(n_leaves, n_bins).astype(np.float64)
        total = counts.sum(axis=1, keepdims=True)
        out += (counts / np.where(total > 0.0, total, 1.0))[theirs]
    return out
