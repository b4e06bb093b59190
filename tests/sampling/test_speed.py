"""Costs that do not depend on the machine: memory, and work against work."""

from __future__ import annotations

import time

import numpy as np
import pytest

from infostat.sampling.dpp import draw_projection, sequential_projection
from infostat.sampling.factor import orthonormal_factor
from infostat.sampling.sources import PoolSource


@pytest.fixture(scope="module")
def large():
    A = np.random.default_rng(0).standard_normal((40_000, 60))
    U, _ = orthonormal_factor(A)
    return U, PoolSource(U * np.sqrt(len(U)), np.full(len(U), 1 / len(U)))


def best_time(run, repeats=5):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def test_a_draw_costs_far_less_than_a_pass_of_the_chain_rule(large):
    U, source = large
    rng = np.random.default_rng(1)
    ours = best_time(lambda: draw_projection(source, rng))
    chain = best_time(lambda: sequential_projection(U, rng), 2)
    assert ours < chain / 10


def test_a_draw_does_not_grow_with_the_pool(large):
    _, source = large
    small = PoolSource(
        orthonormal_factor(np.random.default_rng(2).standard_normal((800, 60)))[0]
        * np.sqrt(800),
        np.full(800, 1 / 800),
    )
    rng = np.random.default_rng(3)
    many = best_time(lambda: draw_projection(source, rng), 15)
    few = best_time(lambda: draw_projection(small, rng), 15)
    assert many < 4 * few
