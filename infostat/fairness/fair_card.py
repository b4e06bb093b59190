"""A scorecard whose score tells protected groups apart by no more than a cap."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from infostat._sklearn import read_target, read_weight
from infostat.binning import OptimalBinner
from infostat.exceptions import InfeasibleError, InfostatError, InfostatWarning
from infostat.fairness.constrained import Coefficients, GapProblem, GivenCoefficients
from infostat.fairness.groups import Comparison, read_comparisons
from infostat.fairness.points import PointProblem
from infostat.scorecard import ScorecardClassifier
from infostat.scorecard.design import evidence_design
from infostat.scorecard.encoder import feature_evidence

__all__ = ["fair_scorecard"]

FloatArray = npt.NDArray[np.float64]

BISECTIONS = 9


def fair_scorecard(
    card: ScorecardClassifier,
    X: Any,
    y: Any,
    groups: Any,
    max_group_iv: float | Mapping[str, float],
    *,
    reference: Mapping[str, Any] | None = None,
    n_bands: int = 10,
    monotone: bool = True,
    sample_weight: Any = None,
) -> ScorecardClassifier:
    """Refit a card's coefficients and points under a cap on its score's group value.

    Parameters
    ----------
    card : ScorecardClassifier
        Fitted, on weights of evidence, with rounded points; its bins are kept.
    X : frame or array-like of shape (n_samples, n_features)
        Rows to fit on.
    y : array-like of shape (n_samples,)
        Their binary outcome.
    groups : array-like of shape (n_samples,), (n_samples, n_attributes), or frame
        Protected attributes.
    max_group_iv : float or mapping of str to float
        Cap on the plug-in divergence of the score's bands, for every comparison, or by
        attribute or "attribute=group".
    reference : mapping of str to label, optional
        Reference group of an attribute; its largest by default.
    n_bands : int, default=10
        Bands of the score that the cap speaks of.
    monotone : bool, default=True
        Keep every feature's evidence from being reversed.
    sample_weight : array-like of shape (n_samples,), optional
        Frequency weights.

    Returns
    -------
    ScorecardClassifier
        A new classifier with the same bins. Its points were moved one by one to meet
        the cap and its probabilities follow the points; ``coef_`` is where the search
        began. It has no standard errors.

    Raises
    ------
    InfostatError
        If the card is one-hot or not rounded.
    InfeasibleError
        If no points were found that meet the cap; the message gives the smallest value
        reached.

    Notes
    -----
    The mean gap between groups is limited in the regression, which is convex; the limit
    is bisected on what counts, the divergence of the bands of the rounded score. The
    search over points is local: the result meets the cap on these rows, and a better
    card may exist. Measure it on rows that were not used.

    Examples
    --------
    >>> from infostat.datasets import make_applications
    >>> data = make_applications(3000, rng=0)
    >>> X, y = data.frame[data.features], data.frame["default"]
    >>> card = ScorecardClassifier().fit(X, y)
    >>> fair = fair_scorecard(card, X, y, data.frame["group"], 0.05)
    >>> bool(fair.predict_points(X).std() > 5)
    True
    """
    check_is_fitted(card, "card_")
    if card.encoding != "woe" or card.rounding is None:
        msg = (
            f"A fair card needs encoding='woe' and rounded points, got "
            f"encoding={card.encoding!r}, rounding={card.rounding!r}."
        )
        raise InfostatError(msg)
    codes = list(card.card_.codes(X).values())
    n_samples = len(codes[0])
    weight = read_weight(sample_weight, n_samples)
    target = read_target(card, y, card.event_, n_samples, weight)
    comparisons = read_comparisons(
        groups, n_samples, reference=reference, weight=weight
    )
    caps = caps_of(max_group_iv, comparisons)
    search = _Search(card, codes, target.y, comparisons, weight, caps, n_bands)
    found = search.run(monotone=monotone)
    return _with_points(card, X, y, sample_weight, found)


def caps_of(
    given: float | Mapping[str, float], comparisons: list[Comparison]
) -> FloatArray:
    """Cap of every comparison; infinite where a mapping leaves it out.

    Raises
    ------
    InfostatError
        If a cap is negative or a name is unknown.
    """
    if not isinstance(given, Mapping):
        caps = np.full(len(comparisons), float(given))
    else:
        known = {c.attribute for c in comparisons} | {c.name for c in comparisons}
        unknown = [name for name in given if name not in known]
        if unknown:
            msg = f"A cap names {unknown}, but the comparisons are {sorted(known)}."
            raise InfostatError(msg)
        caps = np.array(
            [
                float(given.get(c.name, given.get(c.attribute, np.inf)))
                for c in comparisons
            ]
        )
    if np.isnan(caps).any() or (caps < 0).any():
        msg = f"Caps must not be negative, got {given!r}."
        raise InfostatError(msg)
    return caps


@dataclass(frozen=True, eq=False)
class _Fitted:
    coefficients: Coefficients
    points: FloatArray
    loss: float


class _Search:
    """Bisection of the limit on the mean gap; see :func:`fair_scorecard`."""

    def __init__(
        self,
        card: ScorecardClassifier,
        codes: list[npt.NDArray[Any]],
        events: npt.NDArray[Any],
        comparisons: list[Comparison],
        weight: FloatArray | None,
        caps: FloatArray,
        n_bands: int,
    ) -> None:
        self.card, self.caps, self.names = card, caps, [c.name for c in comparisons]
        smoothing = card.smoothing
        woe = feature_evidence(card.tables_, "bad_over_good", smoothing)
        self.evidence = [estimate.value for estimate in woe.values()]
        design = evidence_design(codes, self.evidence)
        w = np.ones(len(events)) if weight is None else weight
        gaps = [
            np.average(design[c.member == 1], axis=0, weights=w[c.member == 1])
            - np.average(design[c.member == 0], axis=0, weights=w[c.member == 0])
            for c in comparisons
        ]
        self.gaps, self.design = np.array(gaps), design
        self.events, self.weight = events, weight
        scaling = card.card_.scaling
        self.scaling = scaling
        self.problem = PointProblem.of(
            codes,
            [len(v) for v in self.evidence],
            events,
            [c.member for c in comparisons],
            weight,
            offset=scaling.offset,
            factor=scaling.factor,
            bands=n_bands,
            step=10.0 ** -float(card.rounding or 0),
        )
        # Bins without rows carry no points of their own.
        self.movable = np.concatenate(
            [t.weight.sum(axis=1) > 0 for t in card.tables_.values()]
        )

    def run(self, *, monotone: bool) -> _Fitted:
        """Loosest limit whose repaired points meet the caps, best loss of those seen."""
        regression = GapProblem(
            self.design, self.events, self.gaps, self.weight, monotone=monotone
        )
        free = regression.solve(np.inf)
        widest = float(np.abs(self.gaps @ free.values).max())
        tried = [self._points(free)]
        if not self._meets(tried[0]):
            low, high = 0.0, widest
            tried.append(self._points(regression.solve(0.0)))
            for _ in range(BISECTIONS):
                middle = 0.5 * (low + high)
                tried.append(self._points(regression.solve(middle)))
                if self._meets(tried[-1]):
                    low = middle
                else:
                    high = middle
        meeting = [found for found in tried if self._meets(found)]
        # Points that the search alone brings within the caps count as well.
        closest = sorted(tried, key=self._excess)[:1]
        meeting += [
            moved
            for found in {id(f): f for f in [*meeting[-1:], *closest]}.values()
            if (moved := self._improved(found)) is not None
        ]
        if not meeting:
            raise InfeasibleError(self._explain(tried))
        return min(meeting, key=lambda found: found.loss)

    def _points(self, coefficients: Coefficients) -> _Fitted:
        """Rounded points of coefficients."""
        effects = [
            c * v for c, v in zip(coefficients.values, self.evidence, strict=True)
        ]
        exact = self.scaling.bin_points(coefficients.intercept, effects)
        points = np.round(np.concatenate(exact), self.card.rounding or 0)
        return _Fitted(
            coefficients, points, self.problem.loss(self.problem.score(points))
        )

    def _improved(self, found: _Fitted) -> _Fitted | None:
        points, feasible = self.problem.improve(found.points, self.caps, self.movable)
        if not feasible:
            return None
        loss = self.problem.loss(self.problem.score(points))
        return _Fitted(found.coefficients, points, loss)

    def _excess(self, found: _Fitted) -> float:
        return self.problem.excess(self.problem.score(found.points), self.caps)

    def _meets(self, found: _Fitted) -> bool:
        return self._excess(found) <= 0

    def _explain(self, tried: list[_Fitted]) -> str:
        best = min(tried, key=self._excess)
        values = self.problem.demographic_iv(self.problem.score(best.points))
        worst = int((values - self.caps).argmax())
        return (
            f"No points were found that meet the cap: {self.names[worst]} came down to "
            f"{values[worst]:.6g}, not to {self.caps[worst]:.6g}. Raise the cap, leave "
            f"out the features that tell the groups apart, or take a fairer binning "
            f"from FairnessFrontier."
        )


def _with_points(
    card: ScorecardClassifier, X: Any, y: Any, sample_weight: Any, found: _Fitted
) -> ScorecardClassifier:
    """Fit a classifier with given coefficients, then give it the points found."""
    # A regression drops columns that do not vary; what it gets must match.
    varies = [bool(np.ptp(v) > 0) for v in _used_evidence(card)]
    pairs = zip(found.coefficients.values, varies, strict=True)
    values = [float(value) for value, used in pairs if used]
    given = GivenCoefficients(found.coefficients.intercept, tuple(values))
    fresh = ScorecardClassifier(
        binner=OptimalBinner(fixed_bins=dict(card.bins_)),
        estimator=given,
        pdo=card.pdo,
        base_points=card.base_points,
        base_odds=card.base_odds,
        rounding=card.rounding,
        sign=card.sign,
        smoothing=card.smoothing,
        event=card.event_,
    )
    with warnings.catch_warnings():
        # Sparse bins were reported when the card was first fitted.
        warnings.simplefilter("ignore", InfostatWarning)
        fresh.fit(X, y, sample_weight=sample_weight)
    start, features = 0, {}
    scaling, intercept = fresh.card_.scaling, fresh.card_.intercept
    base = float(scaling.points(intercept)) / len(fresh.card_.features)
    for name, feature in fresh.card_.features.items():
        end = start + feature.bins.n_bins
        points = found.points[start:end]
        # Probabilities follow the points that were found, not the coefficients.
        effect = (base - points) / scaling.factor
        features[name] = replace(feature, points=points, effect=effect)
        start = end
    return fresh.with_card(replace(fresh.card_, features=features))


def _used_evidence(card: ScorecardClassifier) -> list[FloatArray]:
    """Evidence of the bins that hold rows."""
    woe = feature_evidence(card.tables_, "bad_over_good", card.smoothing)
    return [
        estimate.value[table.weight.sum(axis=1) > 0]
        for estimate, table in zip(woe.values(), card.tables_.values(), strict=True)
    ]
