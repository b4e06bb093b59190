"""A generated credit portfolio whose every true figure is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy.special import expit

from infostat._arrays import read_choice
from infostat.datasets.columns import checked_backend, frame_of
from infostat.datasets.portfolio import FULL_PORTFOLIO, PAPER_PORTFOLIO
from infostat.datasets.score_law import ScoreLaw
from infostat.datasets.truth import ApplicationsTruth
from infostat.exceptions import InfostatError

__all__ = ["Applications", "make_applications"]

_PORTFOLIOS = {"full": FULL_PORTFOLIO, "paper": PAPER_PORTFOLIO}
_DESCRIPTIONS = {
    "group": 'Protected attribute, "A" (70 %) or "B" (30 %); never a predictor.',
    "period": "Month of the application, a whole number from 1.",
    "treatment": "1 = credit line increased at the decision, 0 = not.",
    "default": "1 = default (the event), 0 = no default.",
}


@dataclass(frozen=True, eq=False)
class Applications:
    """A generated portfolio.

    Attributes
    ----------
    frame : frame of n_samples rows
        The rows, in the caller's library.
    target : str
        Name of the target; 1 is the event, a default.
    protected : str
        Name of the protected attribute.
    features : list of str
        Names of the predictors.
    dictionary : dict of str to str
        One sentence about each column, with units and codes.
    truth : ApplicationsTruth
        The law that generated the rows, and what the frame hides.
    """

    frame: Any = field(repr=False)
    target: str
    protected: str
    features: list[str]
    dictionary: dict[str, str] = field(repr=False)
    truth: ApplicationsTruth


def make_applications(
    n_samples: int = 20_000,
    *,
    event_rate: float = 0.15,
    n_periods: int = 24,
    drift: float = 0.0,
    shape: Literal["full", "paper"] = "full",
    backend: str | None = None,
    rng: int | np.random.Generator | None = None,
) -> Applications:
    """Generate credit applications with a known law.

    Each row belongs to one of ten latent segments. Given the segment its predictors
    are independent; the log-odds of default are an intercept plus whole points, read
    from a step function of each predictor, from the treatment and from a hidden
    confounder. The treatment (a credit-line increase) raises the risk, but goes to
    rows of low risk and to rows with the confounder, so that its naive contrast has
    the wrong sign.

    Parameters
    ----------
    n_samples : int, default=20_000
        Number of rows.
    event_rate : float, default=0.15
        True default rate over all periods, between 0 and 1.
    n_periods : int, default=24
        Number of months; each row falls in one at random.
    drift : float, default=0.0
        Drift of the balance, utilisation and inquiries from the first period to the
        last; at 1 the log balance moves by 0.5. Other predictors never drift.
    shape : {"full", "paper"}, default="full"
        "full": seven numeric and two categorical predictors with missing values and
        special codes, and the treatment. "paper": the seven numeric predictors alone,
        always observed, without treatment, as in the credit example of
        arXiv 2509.09855.
    backend : {"pandas", "polars", "pyarrow"}, optional
        Library of the frame; by default the first of these that is installed, and a
        dict of arrays where none is.
    rng : int or numpy.random.Generator, optional
        Seed or source of randomness.

    Returns
    -------
    Applications
        Frame, roles of its columns, dictionary and truth.

    Raises
    ------
    InfostatError
        If an argument is out of range or the library is not installed.

    Examples
    --------
    >>> from infostat.datasets import make_applications
    >>> data = make_applications(1_000, rng=0)
    >>> data.target, data.protected, len(data.features)
    ('default', 'group', 9)
    >>> cuts = data.truth.quantile_cuts("utilisation", 5)
    >>> round(data.truth.information_value("utilisation", cuts), 2)
    0.54
    """
    _check(n_samples, event_rate, n_periods, drift, shape)
    backend = checked_backend(backend)
    law = ScoreLaw(_PORTFOLIOS[shape], event_rate, n_periods, drift)
    columns, hidden = _draw(law, n_samples, np.random.default_rng(rng))
    if shape == "paper":
        del columns["treatment"]
    features = [item.name for item in law.features]
    described = _DESCRIPTIONS | {item.name: item.description for item in law.features}
    return Applications(
        frame=frame_of(columns, backend),
        target="default",
        protected="group",
        features=features,
        dictionary={name: described[name] for name in columns},
        truth=ApplicationsTruth(law.portfolio, event_rate, n_periods, drift, **hidden),
    )


def _check(
    n_samples: int, event_rate: float, n_periods: int, drift: float, shape: str
) -> None:
    """Refuse arguments out of range."""
    for name, value in (("n_samples", n_samples), ("n_periods", n_periods)):
        if not isinstance(value, int | np.integer) or value < 1:
            msg = f"{name}={value!r} must be a whole number of at least 1: correct it."
            raise InfostatError(msg)
    if not 0.0 < event_rate < 1.0:
        msg = f"event_rate={event_rate!r} must lie between 0 and 1: 0.15 is usual."
        raise InfostatError(msg)
    if not abs(drift) <= 5.0:
        msg = f"drift={drift!r} must lie between -5 and 5: 1 is already strong."
        raise InfostatError(msg)
    read_choice(shape, "shape", _PORTFOLIOS)


def _draw(
    law: ScoreLaw, n_samples: int, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, np.ndarray[Any, Any]]]:
    """Draw the frame's columns and what the frame hides."""
    chosen = law.portfolio
    period = rng.integers(len(law.shift), size=n_samples)
    steps = np.cumsum(chosen.segment_share)[:-1]
    segment = np.searchsorted(steps, rng.random(n_samples), side="right")
    columns: dict[str, np.ndarray[Any, Any]] = {}
    score = np.zeros(n_samples, dtype=np.int64)
    for item in law.features:
        values, points = item.draw(rng, segment, law.shift[period])
        score += points
        whole = values.dtype.kind == "f" and not np.isnan(values).any()
        columns[item.name] = values.astype(np.int64) if whole else values
    minority = rng.random(n_samples) < np.array(chosen.group_share)[segment]
    confounder = (rng.random(n_samples) < chosen.confounder_share).astype(np.int64)
    propensity = law.row_propensity(confounder, score)
    treatment = (rng.random(n_samples) < propensity).astype(np.int64)
    log_odds = law.row_log_odds(treatment, confounder, score)
    default = (rng.random(n_samples) < expit(log_odds)).astype(np.int64)
    columns["group"] = np.where(minority, "B", "A").astype(object)
    columns["period"] = period + 1
    columns["treatment"] = treatment
    columns["default"] = default
    hidden = {
        "segment": segment,
        "confounder": confounder,
        "propensity": propensity,
        "log_odds": log_odds,
        "probability": law.response[score],
    }
    return columns, hidden
