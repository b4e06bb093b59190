"""What a study of a method hands over."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import numpy as np

from benchmarks.papers.claims import Listing, Run
from infostat.exceptions import InfostatError


@dataclass(frozen=True)
class Method:
    """One method.

    Attributes
    ----------
    title, what : str
        Name, and what it does.
    decided : str
        Sentence with the figures that decided.
    again : str
        When to think again.
    listings : list of Listing
        Tables.
    runs : list of Run
        Deciding figures with the bands that they must lie in.
    """

    title: str
    what: str
    decided: str
    again: str
    listings: list[Listing] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


def real_data() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Standardised numeric columns and outcome of Taiwan and Adult; empty without them."""
    from sklearn.preprocessing import StandardScaler

    from infostat import datasets

    found = {}
    for name in ("taiwan_default", "adult"):
        try:
            data = getattr(datasets, f"load_{name}")(backend="pandas")
        except (InfostatError, OSError) as error:
            warnings.warn(f"{name} left out: {error}", stacklevel=2)
            continue
        x = _columns(data.frame[data.features])
        y = (data.frame[data.target] == data.event).to_numpy().astype(float)
        found[name] = StandardScaler().fit_transform(x), y
    return found


def _columns(frame) -> np.ndarray:
    """Numbers as they are, levels as indicators."""
    import pandas as pd

    return pd.get_dummies(frame, drop_first=True).fillna(0).to_numpy(dtype=float)


def generated(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Generated applications, numeric columns standardised."""
    from sklearn.preprocessing import StandardScaler

    from infostat.datasets import make_applications

    made = make_applications(rows, shape="paper", rng=0, backend="pandas")
    x = StandardScaler().fit_transform(made.frame[made.features].to_numpy(float))
    return x, made.frame[made.target].to_numpy().astype(float)
