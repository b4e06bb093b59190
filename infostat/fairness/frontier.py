"""The estimator: the best scorecard at every level of difference between groups."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, clone
from sklearn.utils import ClassifierTags, check_random_state

from infostat._frames import build_frame, frame_backend
from infostat._sklearn import (
    Interval,
    StrOptions,
    read_target,
    read_weight,
    take_rows,
    validate_features,
)
from infostat.binning import OptimalBinner
from infostat.exceptions import InfostatError, InfostatWarning
from infostat.fairness.cards import (
    bootstrap_values,
    certify_cards,
    fit_cards,
    neighbours_alike,
)
from infostat.fairness.counting import Prebinned
from infostat.fairness.fair_card import caps_of
from infostat.fairness.groups import Comparison, read_comparisons
from infostat.fairness.holdout import hold_out
from infostat.fairness.knapsack import Side
from infostat.fairness.search import FrontierPoint, FrontierSearch
from infostat.fairness.selection import FrontierSelection, restore_labels
from infostat.fairness.tables import frontier_columns, group_columns

__all__ = ["FairnessFrontier"]

FloatArray = npt.NDArray[np.float64]

EXACT_POINTS = 20
"""Points of an exact frontier that become scorecards."""


class FairnessFrontier(FrontierSelection, BaseEstimator):
    """The exact frontier of predictive value against difference between groups.

    Each point is a choice of bins for every feature, or of leaving it out, that no
    other choice beats: more information value about the outcome is not to be had
    without more information about a protected group.

    Parameters
    ----------
    binner : OptimalBinner or None, default=None
        Pre-bins, trends and limits that every candidate keeps to; by default 20
        pre-bins and at most 6 bins.
    max_group_iv : int, sequence or "exact", default=10
        Caps on the sum over features of the fairness information value: how many, the
        caps themselves (nats, or dicts by attribute or "attribute=group"), or
        "exact" for every point of the frontier of one group.
    confidence : float or None, default=None
        Let a cap hold for the true values with this confidence, not for those seen:
        every candidate leaves a margin, and the points are certified on the holdout.
    chance : {"sum", "feature"}, default="sum"
        With a confidence: "sum" caps the sum of values plus normal errors, which is
        conservative; "feature" asks that every feature's own upper limit is within the
        cap, all of them at once with the confidence.
    max_features, max_total_bins : int or None, default=None
        Most features, most ordinary bins of all features.
    required : sequence of str, default=()
        Features that must be used.
    exclusions : sequence of pairs of str, default=()
        Pairs of features of which at most one is used.
    reference : dict or None, default=None
        Reference group by attribute; the largest group by default.
    intersections : bool, default=False
        Compare intersections of the attributes as well.
    min_group : int, default=50
        Smaller groups are not compared.
    time_limit : float or None, default=None
        Seconds of the solver for each cap; where it ends early, ``bound`` and ``gap``
        say what is proved.
    holdout : float or None, default=0.3
        Share of the rows that choose nothing, on which the points are measured as
        scorecards and, with a confidence, certified; None measures them on the rows
        that chose them and certifies none, with a warning.
    n_resamples : int, default=0
        Resamples of the rows for bands of the frontier.
    level : float, default=0.95
        Confidence level of intervals and of the test of neighbours.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.
    random_state : int, RandomState or None, default=None
        Holdout and resamples.

    Attributes
    ----------
    frontier_ : frame
        One row a point: ``point, cap, iv, group_iv, limit, bound, gap, status,
        n_features, n_bins`` from the rows that chose it; ``auc, score_iv,
        score_group_iv`` with intervals, ``parity_limit, ratio, alike`` of its scorecard
        on the holdout (NaN where it is too small, or without groups). ``alike`` marks a
        point that cannot be told apart from the one before; ``parity_limit`` is the gap
        of approval rates that the upper limit of ``score_group_iv`` allows at the edges
        of the score's bands. ``certified_limit`` is the upper limit, on the holdout
        alone and at ``confidence``, of what the cap speaks of, the largest over the
        comparisons (NaN without confidence, holdout or groups, infinite where the
        holdout has too few rows); ``certified`` says whether all comparisons are within
        the point's caps. With ``n_resamples`` also ``band_low, band_high``, the
        spread of ``iv`` over resamples.
    groups_ : frame
        One row a point and comparison: ``point, attribute, group, reference, cap,
        group_iv, limit, score_group_iv, conf_low, conf_high, parity_limit,
        certified_limit, n_merged``, the last the number of bins with so few rows of the
        holdout that ``certified_limit`` speaks of them merged with others.
    exact_ : frame
        With "exact": all points, ``iv`` and ``group_iv``.
    cards_ : list of ScorecardClassifier
        Scorecard of each point, fitted on the rows that chose it.
    chosen_ : list of dict
        Features and first pre-bins of the bins of each point.
    classes_, event_, n_features_in_, feature_names_in_
        As in :class:`QuantileBinner`.

    Notes
    -----
    The sums over features bound the divergence of a score exactly only where features
    are independent within groups; so every point is fitted as a scorecard and measured
    on the holdout. A cap says nothing about single persons, nor about a cut-off inside
    a band, and a small group difference is neither necessary nor sufficient for any
    legal notion of fairness. Without groups, ``fit`` warns and gives one point, the
    best binning.

    A point is chosen on the data, and the choice uses up what a confidence allows: of
    4,000 rows with seven features and 100 pre-bins each, a fifth of the choices under a
    cap of 0.1 at confidence 0.95 broke it in the population. So the bins of each point
    are counted again on the holdout, and ``certified_limit`` holds as stated for any one
    point. ``select(max_group_iv=cap)`` keeps the confidence over all points: it tests
    them in the order of ``limit``, which the holdout has not seen, and stops at the
    first that fails. It errs only where the first point in that order whose true value
    exceeds the cap passes its test; so no correction for the number of points is needed,
    nor one for several comparisons or (``chance="feature"``) features, all of which must
    be within the cap.

    Examples
    --------
    >>> from infostat.datasets import make_applications
    >>> data = make_applications(4000, rng=0)
    >>> frontier = FairnessFrontier(max_group_iv=4, random_state=0)
    >>> frontier = frontier.fit(
    ...     data.frame[data.features], data.frame["default"], groups=data.frame["group"]
    ... )
    >>> len(frontier.cards_), bool((frontier.frontier_["gap"] == 0).all())
    (4, True)
    >>> card = frontier.select(point=2)
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "binner": [OptimalBinner, None],
        "max_group_iv": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"exact"}),
            list,
            tuple,
            np.ndarray,
        ],
        "confidence": [Interval(Real, 0.5, 1, closed="neither"), None],
        "chance": [StrOptions({"sum", "feature"})],
        "max_features": [Interval(Integral, 1, None, closed="left"), None],
        "max_total_bins": [Interval(Integral, 1, None, closed="left"), None],
        "required": [list, tuple],
        "exclusions": [list, tuple],
        "reference": [dict, None],
        "intersections": ["boolean"],
        "min_group": [Interval(Integral, 1, None, closed="left")],
        "time_limit": [Interval(Real, 0, None, closed="neither"), None],
        "holdout": [Interval(Real, 0, 1, closed="neither"), None],
        "n_resamples": [Interval(Integral, 0, None, closed="left")],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "event": "no_validation",  # type: ignore[dict-item]
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        binner: Any = None,
        *,
        max_group_iv: Any = 10,
        confidence: float | None = None,
        chance: str = "sum",
        max_features: int | None = None,
        max_total_bins: int | None = None,
        required: Sequence[str] = (),
        exclusions: Sequence[tuple[str, str]] = (),
        reference: dict[str, Any] | None = None,
        intersections: bool = False,
        min_group: int = 50,
        time_limit: float | None = None,
        holdout: float | None = 0.3,
        n_resamples: int = 0,
        level: float = 0.95,
        event: Any = None,
        random_state: Any = None,
    ) -> None:
        self.binner = binner
        self.max_group_iv = max_group_iv
        self.confidence = confidence
        self.chance = chance
        self.max_features = max_features
        self.max_total_bins = max_total_bins
        self.required = required
        self.exclusions = exclusions
        self.reference = reference
        self.intersections = intersections
        self.min_group = min_group
        self.time_limit = time_limit
        self.holdout = holdout
        self.n_resamples = n_resamples
        self.level = level
        self.event = event
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any = None, *, groups: Any = None, sample_weight: Any = None
    ) -> Self:
        """Find the frontier and measure its points.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Features; protected attributes do not belong here unless they may predict.
        y : array-like of shape (n_samples,)
            Binary target.
        groups : array-like of shape (n_samples,), (n_samples, n_attributes), or frame
            Protected attributes, one column each. Without them a warning is given and
            the frontier is one point.
        sample_weight : array-like of shape (n_samples,), optional
            Frequency weights.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If the target or a group cannot be read.
        InfeasibleError
            If no cap can be met; the message names the attribute and the smallest value
            that can be reached.
        """
        self._validate_params()
        X = validate_features(self, X, reset=True)
        n_samples = int(X.shape[0])
        weight = read_weight(sample_weight, n_samples)
        target = read_target(self, y, self.event, n_samples, weight)
        comparisons = self._comparisons(groups, n_samples, weight)
        random = check_random_state(self.random_state)
        split = hold_out(target.y, self.holdout, random, self.confidence)
        chosen, held = split.chosen, split.held
        inside = [c.take(chosen) for c in comparisons]
        w, w_held = (None if weight is None else weight[k] for k in (chosen, held))
        binner = OptimalBinner(max_bins=6, prebins=20)
        binner = binner if self.binner is None else clone(self.binner)
        rows = take_rows(X, chosen)
        prebinned = Prebinned(binner, rows, target.y[chosen], w)
        search = self._search(prebinned, inside)
        self._library = frame_backend(X)
        points = self._points(search, comparisons)
        self.chosen_ = [point.starts for point in points]
        outside = [c.take(held) for c in comparisons]
        others = take_rows(X, held)
        cards, measured = fit_cards(
            prebinned, points, rows, others, target.y[held], outside, w_held
        )
        certificates = None
        if self.confidence is not None and split.apart:
            certificates = certify_cards(
                *(cards, points, others, outside, w_held),
                confidence=self.confidence,
                chance=self.chance,  # type: ignore[arg-type]
            )
        alike = neighbours_alike(measured, target.y[held], outside, self.level)
        columns = frontier_columns(points, measured, certificates, alike, self.level)
        if self.n_resamples:
            columns |= self._bands(prebinned, inside, points, random)
        self.frontier_ = build_frame(columns, self._library)
        self.groups_ = build_frame(
            group_columns(points, measured, certificates, comparisons, self.level),
            self._library,
        )
        self.classes_, self.event_ = target.classes, target.event
        self.cards_ = [restore_labels(c, target.classes, target.event) for c in cards]
        return self

    def _comparisons(
        self, groups: Any, n_samples: int, weight: FloatArray | None
    ) -> list[Comparison]:
        if groups is None:
            warnings.warn(
                "FairnessFrontier.fit got no groups, so no difference can be measured "
                "and the frontier is one point: pass groups=.",
                InfostatWarning,
                stacklevel=3,
            )
            return []
        return read_comparisons(
            groups,
            n_samples,
            reference=self.reference,
            intersections=self.intersections,
            min_group=self.min_group,
            weight=weight,
        )

    def _search(
        self, prebinned: Prebinned, inside: list[Comparison], weight: Any = None
    ) -> FrontierSearch:
        side = Side(
            self.max_features,
            self.max_total_bins,
            tuple(str(name) for name in self.required),
            tuple((str(a), str(b)) for a, b in self.exclusions),
        )
        return FrontierSearch(
            prebinned.features(inside, weight),
            [c.name for c in inside],
            side,
            confidence=self.confidence,
            chance=self.chance,  # type: ignore[arg-type]
        )

    def _points(
        self, search: FrontierSearch, comparisons: list[Comparison]
    ) -> list[FrontierPoint]:
        """Distinct points of the grid, or of the exact frontier."""
        given = self.max_group_iv
        if search.empty:
            return [search.nothing()]
        if not comparisons:
            return search.sweep([np.zeros(0)], self.time_limit)
        if isinstance(given, str):
            if not search.separable:
                msg = (
                    "max_group_iv='exact' needs one comparison, and neither exclusions, "
                    "max_total_bins nor chance='feature': give caps instead."
                )
                raise InfostatError(msg)
            exact = search.exact()
            self.exact_ = build_frame(
                {"iv": exact.iv, "group_iv": exact.limit}, self._library
            )
            points = search.exact_points(exact, EXACT_POINTS)
        else:
            if isinstance(given, Integral):
                top = search.widest()
                grid = [top * (k / int(given)) for k in range(1, int(given) + 1)]
            else:
                grid = [caps_of(cap, comparisons) for cap in given]
            points = search.sweep(grid, self.time_limit)
        kept = points[:1]
        for point in points[1:]:
            if point.starts != kept[-1].starts:
                kept.append(point)
        return kept

    def _bands(
        self,
        prebinned: Prebinned,
        inside: list[Comparison],
        points: list[FrontierPoint],
        random: np.random.RandomState,
    ) -> dict[str, FloatArray]:
        """Quantiles of the frontier over resamples of the rows, at the same caps."""
        values = bootstrap_values(
            prebinned,
            lambda weight: self._search(prebinned, inside, weight),
            points,
            self.n_resamples,
            random,
            self.time_limit,
        )
        tail = 100.0 * (1.0 - self.level) / 2.0
        low, high = np.nanpercentile(values, [tail, 100.0 - tail], axis=0)
        return {"band_low": low, "band_high": high}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.classifier_tags = ClassifierTags(multi_class=False)
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags
