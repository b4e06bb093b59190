"""What an import costs: light at the front door, numpy alone to score a card."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import infostat
from infostat import ScorecardClassifier
from infostat.datasets import make_applications

HEAVY = [
    "sklearn",
    "xgboost",
    "statsmodels",
    "matplotlib",
    "pandas",
    "polars",
    "pulp",
    "scipy.stats",
]


def run(code, *arguments):
    """Run code in a fresh interpreter; what it prints last is JSON."""
    environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", PYTHONHASHSEED="0")
    package = str(Path(infostat.__file__).parents[1])
    environment["PYTHONPATH"] = package
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


LOADED = "import json, sys; print(json.dumps([m for m in {} if m in sys.modules]))"


@pytest.mark.parametrize(
    "statement",
    [
        "import infostat",
        "import infostat; dir(infostat); infostat.InfostatError",
        "from infostat import Bins, Scorecard, CountTable",
        "import infostat.scorecard, infostat.binning, infostat.evidence",
        "from infostat import weight_of_evidence as f; f([3, 4], [5, 6])",
    ],
)
def test_nothing_heavy_is_loaded(statement):
    assert run(f"{statement}\n{LOADED.format(HEAVY)}") == []


def test_import_is_fast():
    # Beyond numpy, which everybody has; the best of a few, on a busy machine.
    code = (
        "import numpy, time, json\n"
        "start = time.perf_counter()\n"
        "import infostat\n"
        "print(json.dumps(time.perf_counter() - start))"
    )
    assert min(run(code) for _ in range(3)) < 0.3


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    data = make_applications(10_000, rng=0)
    X = data.frame[data.features]
    card = ScorecardClassifier().fit(X, data.frame[data.target])
    folder = tmp_path_factory.mktemp("card")
    card.to_json(folder / "card.json")
    rows = X.head(50)
    np.save(folder / "rows.npy", rows.to_numpy(dtype=object), allow_pickle=True)
    return folder, card.predict_points(rows), card.predict_proba(rows)[:, 1]


SCORE = """
import sys, json, time
from unittest import mock
import numpy as np
from infostat import Scorecard
start = time.perf_counter()
card = Scorecard.from_json(sys.argv[1] + "/card.json")
seconds = [time.perf_counter() - start]
for _ in range(4):
    start = time.perf_counter()
    Scorecard.from_json(sys.argv[1] + "/card.json")
    seconds.append(time.perf_counter() - start)
rows = np.load(sys.argv[1] + "/rows.npy", allow_pickle=True)
points, probability = card.score(rows)
low, high = card.interval(rows)
loaded = [m for m in {heavy} if m in sys.modules]
print(json.dumps([loaded, points.tolist(), probability.tolist(), min(seconds)]))
"""


def test_a_card_is_loaded_and_scored_without_scikit_learn(saved):
    folder, points, probability = saved
    # Rows with strings are factorized by pandas where it is installed.
    heavy = [name for name in HEAVY if name != "pandas"]
    loaded, found, p, seconds = run(SCORE.replace("{heavy}", repr(heavy)), folder)
    assert loaded == []
    np.testing.assert_array_equal(found, points)
    np.testing.assert_allclose(p, probability, rtol=1e-12)
    assert seconds < 0.05


def test_a_numeric_card_is_scored_with_numpy_alone(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1_000, 3))
    y = (X[:, 0] + rng.normal(size=1_000) > 0).astype(int)
    card = ScorecardClassifier().fit(X, y)
    card.to_json(tmp_path / "card.json")
    np.save(tmp_path / "rows.npy", X[:20])
    loaded, found, _, _ = run(SCORE.replace("{heavy}", repr(HEAVY)), tmp_path)
    assert loaded == []
    np.testing.assert_array_equal(found, card.predict_points(X[:20]))


def test_loading_the_golden_card_loads_no_frame_library():
    golden = Path(__file__).parents[1] / "scorecard" / "golden" / "v1.json"
    code = (
        "import sys\nfrom infostat import Scorecard\n"
        "Scorecard.from_json(sys.argv[1])\n" + LOADED.format(HEAVY)
    )
    assert run(code, golden) == []
