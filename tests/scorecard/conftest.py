"""Ten thousand hostile rows, and a card that scores them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from infostat import OptimalBinner, ScorecardClassifier

DROP = 'a"; drop table x; --'
SECOND = "A second"
"""Name of the column "A" where an engine takes it for "a"."""

LEVELS = [
    "red",
    "a`b",
    "<script>",
    "O'Brien",
    'say "no"',
    "back\\slash",
    "new\nline",
    " padded ",
    "",
    "é €",
    "NaN",
    "null",
    "Red",
    "%s {0}",
]
ROWS = 10_000


class Hostile:
    """Rows, their card and what it says of them.

    ``columns`` holds lists with None for null and NaN beside it; ``frame`` is the
    pandas frame, in which both are missing.
    """

    def __init__(self, rounding):
        rng = np.random.default_rng(11)
        numbers = [DROP, "A", "a", "x.y"]
        frame = pd.DataFrame({name: rng.normal(size=ROWS) for name in numbers})
        frame["a"] = rng.choice([-999.0, 0.1, 0.2, 0.30000000000000004, 1e300], ROWS)
        frame["x.y"] = rng.integers(-3, 9, ROWS).astype(float)
        frame["a`b"] = rng.choice(LEVELS, ROWS)
        frame["<script>"] = rng.choice(["1", "2", "10"], ROWS)
        odds = frame["A"] - frame[DROP] + (frame["a`b"] == " padded ") * 2 - 1
        odds += (frame["<script>"] == "2") * 1.0 + 0.2 * frame["x.y"]
        y = (rng.uniform(size=ROWS) < 1 / (1 + np.exp(-odds))).astype(int)
        gaps = rng.uniform(size=frame.shape) < 0.05
        binner = OptimalBinner(
            special_values={"a": [-999.0], "a`b": ["<script>"], "x.y": [7.0]},
            rare_level=0.0,
        )
        with_gaps = frame.mask(gaps)
        self.fitted = ScorecardClassifier(binner=binner, rounding=rounding, event=1)
        self.fitted.fit(with_gaps, y)
        self.card = self.fitted.card_
        self.columns = self._hostile(with_gaps, numbers, rng)
        self.columns["key"] = list(range(ROWS))
        self.frame = pd.DataFrame(self.columns)
        features = self.frame[self.card.feature_names]
        self.points = self.fitted.predict_points(features)
        self.probability = self.fitted.predict_proba(features)[:, 1]

    def _hostile(self, frame, numbers, rng):
        """Values on, just below and just above every cut, and what no cut foresees."""
        columns = {}
        for name in frame:
            values = frame[name].astype(object).where(frame[name].notna(), None)
            values = values.tolist()
            if name in numbers:
                cuts = np.array(self.card.features[name].bins.cuts)
                pool = [*cuts, *np.nextafter(cuts, 9e9), *np.nextafter(cuts, -9e9)]
                pool += [np.inf, -np.inf, np.nan, -0.0, 5e-324, 1e308, -999.0, 7.0]
            else:
                pool = ["never seen", "", "none", "nan", "'; drop table x; --"]
            for row in np.flatnonzero(rng.uniform(size=ROWS) < 0.3):
                value = pool[rng.integers(len(pool))]
                values[row] = value if isinstance(value, str) else float(value)
            columns[name] = values
        return columns

    def renamed(self):
        """Columns for engines that take "A" for "a"."""
        return {SECOND if n == "A" else n: v for n, v in self.columns.items()}

    def agrees(self, points, probability):
        """Row by row, to the last digits."""
        points = np.asarray(points, dtype=float)
        probability = np.asarray(probability, dtype=float)
        np.testing.assert_allclose(points, self.points, rtol=0, atol=1e-9)
        np.testing.assert_allclose(probability, self.probability, rtol=0, atol=1e-9)


@pytest.fixture(scope="session", params=[0, None], ids=["rounded", "exact"])
def hostile(request):
    """Hostile rows under a rounded card and an exact one."""
    return Hostile(request.param)


@pytest.fixture(scope="session")
def rounded():
    """Hostile rows under a rounded card."""
    return Hostile(0)
