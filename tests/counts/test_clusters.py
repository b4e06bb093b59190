"""Cross products of clusters against a loop over pairs of rows."""

from __future__ import annotations

import numpy as np
import pytest

from infostat.counts import tabulate_clusters, tabulate_pairs

LABELS = ("a", "b", "c")


def sample(seed=3, n=80, n_clusters=25):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, n).astype(np.uint8)
    classes = rng.integers(0, 2, n).astype(np.uint8)
    return codes, classes, rng.integers(0, n_clusters, n), rng.exponential(size=n)


def brute_products(codes, classes, clusters, weight):
    """Every ordered pair of rows of one cluster adds the product of its weights."""
    out = np.zeros((2, 2, 3, 3))
    for i in range(codes.size):
        for j in range(codes.size):
            if clusters[i] == clusters[j]:
                cell = classes[i], classes[j], codes[i], codes[j]
                out[cell] += weight[i] * weight[j]
    return out


@pytest.mark.parametrize("weighted", [False, True])
def test_products_are_those_of_a_loop(weighted):
    codes, classes, clusters, weight = sample()
    weight = weight if weighted else None
    found = tabulate_clusters(codes, classes, clusters, LABELS, weight=weight)
    w = np.ones(codes.size) if weight is None else weight
    np.testing.assert_allclose(
        found.products, brute_products(codes, classes, clusters, w), rtol=1e-12
    )
    assert found.table.weight.sum() == pytest.approx(w.sum())


def test_clusters_may_have_names_and_any_order():
    codes, classes, clusters, weight = sample()
    names = np.array([f"customer {c}" for c in clusters])
    order = np.random.default_rng(1).permutation(codes.size)
    by_number = tabulate_clusters(codes, classes, clusters, LABELS, weight=weight)
    by_name = tabulate_clusters(
        codes[order], classes[order], names[order], LABELS, weight=weight[order]
    )
    np.testing.assert_allclose(by_name.products, by_number.products, rtol=1e-12)


def test_disjoint_clusters_add_and_bins_collapse():
    codes, classes, clusters, weight = sample()
    here = clusters < 10
    whole = tabulate_clusters(codes, classes, clusters, LABELS, weight=weight)
    parts = [
        tabulate_clusters(codes[m], classes[m], clusters[m], LABELS, weight=weight[m])
        for m in (here, ~here)
    ]
    joined = parts[0] + parts[1]
    np.testing.assert_allclose(joined.products, whole.products, rtol=1e-12)
    np.testing.assert_allclose(joined.table.weight, whole.table.weight, rtol=1e-12)
    coarse = whole.collapse([1, 0, 1], ("x", "y"))
    direct = tabulate_clusters(
        np.array([1, 0, 1])[codes], classes, clusters, ("x", "y"), weight=weight
    )
    np.testing.assert_allclose(coarse.products, direct.products, rtol=1e-12)
    np.testing.assert_allclose(coarse.table.weight, direct.table.weight, rtol=1e-12)


def test_clusters_of_one_row_hold_squared_weights():
    codes, classes, _, weight = sample()
    found = tabulate_clusters(
        codes, classes, np.arange(codes.size), LABELS, weight=weight
    )
    for k in (0, 1):
        np.testing.assert_allclose(
            found.products[k, k], np.diag(found.table.squared[:, k]), rtol=1e-12
        )
    assert not found.products[0, 1].any()


def test_pairs_are_clusters_of_one_row_a_date():
    rng = np.random.default_rng(9)
    before, after = rng.integers(0, 3, (2, 200))
    moves = np.zeros((3, 3))
    np.add.at(moves, (before, after), 1)
    accounts = np.tile(np.arange(200), 2)
    long = tabulate_clusters(
        np.r_[before, after], np.repeat([0, 1], 200), accounts, ("1", "2", "3")
    )
    short = tabulate_pairs(moves)
    np.testing.assert_array_equal(short.products, long.products)
    np.testing.assert_array_equal(short.table.weight, long.table.weight)
    assert short.table.labels == long.table.labels
    assert tabulate_pairs(moves, LABELS).table.labels == LABELS
