"""Public data that several tests of the room read."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest


def _table(name, **options):
    pandas = pytest.importorskip("pandas")
    path = Path(os.environ["INFOSTAT_DATA"]) / name
    return pandas.read_csv(path, keep_default_na=False, **options)


def _normal_case(name):
    if name.startswith("abalone"):
        x = _table("abalone/abalone.csv").drop(columns="sex").to_numpy(float)
        return np.log(x[x[:, 2] > 0]) if "logs" in name else x
    colour = name.split()[0]
    frame = _table(f"wine_quality/winequality-{colour}.csv").drop(columns="quality")
    x = frame.to_numpy(float)
    if "logs" in name:  # citric acid holds zeros
        x[:, 2] += 0.01
        x = np.log(x)
    return x


@pytest.fixture(scope="session")
def normal_case():
    """Numeric columns of wine or abalone data by name."""
    if not os.environ.get("INFOSTAT_DATA"):
        pytest.skip("real data sets: set INFOSTAT_DATA to their folder")
    return _normal_case
