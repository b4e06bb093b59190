"""Cards and rows that reports are written of."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from infostat import ScorecardClassifier

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")
pd = pytest.importorskip("pandas")

HOSTILE = '<script>alert("x")</script>'
LONG = "an_endless_name_" * 13
ARABIC = "\u0627\u0644\u062f\u062e\u0644"


def hostile_sample(seed, shift=0.0):
    """Rows whose names and levels try to break a page."""
    rng = np.random.default_rng(seed)
    n = 700
    frame = pd.DataFrame(
        {
            HOSTILE: rng.standard_normal(n) + shift,
            LONG: rng.standard_normal(n),
            ARABIC: rng.choice([HOSTILE, 'a"; drop table x; --', "$x$", "\u5b57"], n),
        }
    )
    rate = 0.2 + 0.25 * (frame[HOSTILE] > shift) + 0.2 * (frame[ARABIC] == "$x$")
    frame["bad"] = (rng.random(n) < rate).astype(int)
    frame["sex"] = rng.choice(["f", HOSTILE], n)
    return frame


@pytest.fixture(scope="session")
def hostile():
    """Card with hostile names, the rows of its fit and later ones."""
    fitted, later = hostile_sample(1), hostile_sample(2, shift=1.2)
    card = ScorecardClassifier().fit(fitted[[HOSTILE, LONG, ARABIC]], fitted["bad"])
    return SimpleNamespace(card=card, fitted=fitted, later=later)
