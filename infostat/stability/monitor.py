"""A monitor of features, scores and models over many periods."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from infostat._frames import frame_backend
from infostat._sklearn import (
    HasMethods,
    Integral,
    Interval,
    Real,
    StrOptions,
    read_target,
    read_weight,
    validate_features,
)
from infostat.binning.bins import Bins
from infostat.counts import ClusteredTable, CountTable
from infostat.inference.multiplicity import METHODS
from infostat.stability.clustering import read_clusters
from infostat.stability.counted import from_tables
from infostat.stability.labels import read_periods, read_segments
from infostat.stability.limits import new_segments, warn_of_clusters, warn_of_limits
from infostat.stability.report import StabilityReport
from infostat.stability.snapshot import OUTCOMES, count_sample
from infostat.stability.watch import Watch

__all__ = ["StabilityMonitor"]


class StabilityMonitor(Watch):
    """Watch features, a score and a model's performance against a reference sample.

    Parameters
    ----------
    binner : binner, dict of str to Bins, or None, default=None
        How to bin the reference. By default the bins of the card given as ``model``,
        else quantiles and levels by frequency, which need no outcome. A binner needs
        ``y``; a dict gives bins by hand, the other features keep the default.
    model : fitted card, classifier, regressor, callable or None, default=None
        Its output is watched under the name "score" (see :func:`.model_scores`). It is
        used as it stands, never fitted, and :func:`sklearn.base.clone` keeps it. The
        features of a card are watched on the card's own bins.
    max_bins : int, default=10
        Most bins where the monitor makes them itself.
    limits : tuple of float, default=(0.10, 0.25)
        Limits of the traffic light, in nats.
    tolerance : float or None, default=None
        An alarm says that the index is above this; the first limit by default. Zero
        raises an alarm at any established change.
    level : float, default=0.95
        Confidence level of intervals, and one minus the probability of any false alarm.
    adjust : {"holm", "bonferroni", "bh", "by"}, default="holm"
        Control over the comparisons of one period. With Holm and Bonferroni no alarm of
        any period is false with probability ``level``, whatever drifts; with the two
        others that holds while nothing drifts, and otherwise the share of false ones
        among a period's alarms is controlled.
    horizon : int or None, default=None
        Number of periods planned, see :func:`.spending_share`; None lasts for ever.
    reference : {"sample", "fixed"}, default="sample"
        "fixed" only where the reference is a known law, not a sample.
    weight_type : {"frequency", "sampling"}, default="frequency"
        Meaning of sample weights, see :func:`.information_value`.
    minimum_expected : float, default=5.0
        Sparser bins are merged before inference.
    special_values : list, dict or None, default=None
        Codes with a bin of their own, where the monitor makes the bins.
    categories : "auto" or list of str, default="auto"
        Features to treat as categorical although they hold numbers; likewise.
    rare_level : float, default=0.01
        Levels with a smaller share of the rows are pooled; likewise.
    event : object, optional
        Label of the event; by default 1, True, or (with a warning) the second label.

    Attributes
    ----------
    bins_ : dict of str to Bins
        Bins of each feature, of the score as well.
    reference_ : Snapshot
        Counts of the reference sample.
    periods_ : dict of str to Snapshot
        Counts of each period, in the order in which they came.
    history_ : frame
        One row a period, segment and feature: ``estimate`` (bias-corrected index),
        ``std_error, conf_low, conf_high``; ``p_zero`` (no change), ``p_value`` (at most
        the tolerance), ``p_adjusted`` (for the period), ``p_sequential`` (for all
        periods); ``verdict``, ``light``, ``alarm``, ``n_bins``, ``n_merged``.
    alarm_ : frame
        The rows with an alarm, and the bins that drive them.
    performance_ : frame
        Changes of information values, and of AUC and calibration of the score, with
        intervals, for periods with outcomes.
    classes_, event_ : ndarray, object
        Labels of the outcome; None without one.
    n_features_in_, feature_names_in_
        As in scikit-learn.

    Notes
    -----
    It is an estimator with ``fit`` alone: it describes samples, not rows, and so has
    neither ``predict`` nor ``transform``.

    A traffic light reads one interval and ignores how many there are. An alarm accounts
    for all of them (see :mod:`infostat.stability.sequential`). A period is one look:
    batches of the same period add up, and its row is to be read when it is complete. To
    look at every batch, give each batch a period of its own.

    All periods share one reference sample, so their errors are correlated: after a
    lucky reference all months look better. The alarms hold regardless.

    Bins or a model that were fitted on the reference rows make information values and
    AUC look better there than they are, and drift of performance worse; where it
    matters, fit the monitor on a holdout. Ranking and calibration of the score are read
    off about a hundred bins, which is exact for a score with fewer distinct values.

    With ``clusters`` errors, tests, intervals, lights, alarms and changes of performance
    allow for rows that belong together within one sample (several loans of a customer).
    All rows of a cluster must come in one batch of a period. A cluster may return in
    another period: alarms hold whatever the dependence between periods. Clusters that
    stand in the reference as well are *not* handled: the two samples are taken as
    independent, and where accounts keep to their bins, errors are too large and alarms
    too few. A warning names such clusters, and those split over batches, as long as the
    samples were counted in this process: a document holds no labels. For the same
    accounts at two dates see :func:`infostat.counts.tabulate_pairs`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> monitor = StabilityMonitor().fit(rng.normal(size=(4000, 2)))
    >>> moved = rng.normal(size=(3000, 2)) + [0.0, 0.6]
    >>> report = monitor.update(moved, period="2024-01")
    >>> monitor.history_["light"].to_list()
    ['green', 'red']
    >>> monitor.alarm_["feature"].to_list()
    ['x1']
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "binner": [HasMethods(["fit", "transform"]), dict, None],
        "model": "no_validation",  # type: ignore[dict-item]
        "max_bins": [Interval(Integral, 1, None, closed="left")],
        "limits": [tuple, list],
        "tolerance": [Interval(Real, 0, None, closed="left"), None],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "adjust": [StrOptions(set(METHODS))],
        "horizon": [Interval(Integral, 1, None, closed="left"), None],
        "reference": [StrOptions({"sample", "fixed"})],
        "weight_type": [StrOptions({"frequency", "sampling"})],
        "minimum_expected": [Interval(Real, 0, None, closed="left")],
        "special_values": [list, tuple, dict, None],
        "categories": [StrOptions({"auto"}), list, tuple],
        "rare_level": [Interval(Real, 0, 1, closed="left")],
        "event": "no_validation",  # type: ignore[dict-item]
    }

    def __init__(
        self,
        binner: Any = None,
        *,
        model: Any = None,
        max_bins: int = 10,
        limits: tuple[float, float] = (0.10, 0.25),
        tolerance: float | None = None,
        level: float = 0.95,
        adjust: str = "holm",
        horizon: int | None = None,
        reference: str = "sample",
        weight_type: str = "frequency",
        minimum_expected: float = 5.0,
        special_values: Any = None,
        categories: Any = "auto",
        rare_level: float = 0.01,
        event: Any = None,
    ) -> None:
        self.binner = binner
        self.model = model
        self.max_bins = max_bins
        self.limits = limits
        self.tolerance = tolerance
        self.level = level
        self.adjust = adjust
        self.horizon = horizon
        self.reference = reference
        self.weight_type = weight_type
        self.minimum_expected = minimum_expected
        self.special_values = special_values
        self.categories = categories
        self.rare_level = rare_level
        self.event = event

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        segments: Any = None,
        clusters: Any = None,
    ) -> Self:
        """Bin and count the reference sample; earlier periods are forgotten.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Reference sample: numbers, strings, booleans; missing values allowed.
        y : array-like of shape (n_samples,), optional
            Binary outcome, for drift of performance and for binners that need it.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows.
        segments : array-like of shape (n_samples,), optional
            Segment of each row; each is then compared with itself. Without segments
            here, segments of later samples are compared with the whole reference.
        clusters : array-like of shape (n_samples,), optional
            Label of each row's cluster, such as the customer; see Notes.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If a parameter, column, outcome or model cannot be used.
        """
        self._validate_params()
        self._rules()
        X = validate_features(self, X, reset=True)
        n_rows = int(X.shape[0])
        weight = read_weight(sample_weight, n_rows)
        outcome = np.full(n_rows, 2, dtype=np.intp)
        self.classes_, self.event_ = None, None
        if y is not None:
            target = read_target(self, y, self.event, n_rows, weight)
            self.classes_, self.event_ = target.classes, target.event
            outcome = target.y.astype(np.intp)
        columns = self._columns(X)
        self.bins_ = self._bins(X, columns, None if y is None else outcome, weight)
        extra = self._score_reference(X, weight)
        segment, names = read_segments(segments, n_rows)
        classes = OUTCOMES * segment + outcome
        together = read_clusters(clusters, n_rows)
        (self.reference_,) = count_sample(
            columns, self.bins_, extra, classes, 1, names, weight, together
        )
        self._library = frame_backend(X)
        self._forget()
        return self

    def fit_counts(
        self,
        bins: Mapping[str, Bins],
        tables: Mapping[str, CountTable | ClusteredTable],
    ) -> Self:
        """Take the reference from count tables, without rows.

        Parameters
        ----------
        bins : mapping of str to Bins
            Bins of each feature.
        tables : mapping of str to CountTable or ClusteredTable
            Their counts, for instance from :func:`infostat.tabulate`: non-events and
            events, or one column where there is no outcome. All clustered, or none.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If there are no bins, or a table does not belong to its bins.
        """
        self._validate_params()
        self._rules()
        self.bins_ = dict(bins)
        self.reference_ = from_tables(self.bins_, tables)
        self._coarse, self.score_log_odds_ = {}, None
        known = any(
            isinstance(t, ClusteredTable) or t.rows.shape[1] == 2
            for t in tables.values()
        )
        self.classes_, self.event_ = (np.array([0, 1]), 1) if known else (None, None)
        self.feature_names_in_ = np.array(list(bins), dtype=object)
        self.n_features_in_ = len(bins)
        self._library = None
        self._forget()
        return self

    def compare(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        segments: Any = None,
        clusters: Any = None,
        *,
        period: Any = "current",
    ) -> StabilityReport:
        """Compare one sample with the reference, and remember nothing.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.
        y : array-like of shape (n_samples,), optional
            Outcomes, missing where not known yet.
        sample_weight, segments, clusters : array-like of shape (n_samples,), optional
            Weight, segment and cluster of each row, see :meth:`fit`.
        period : str, int, or array-like of shape (n_samples,), default="current"
            Label of the sample; one a row for vintages.

        Returns
        -------
        StabilityReport
            Alarms account for the comparisons of this call's periods only.

        Raises
        ------
        InfostatError
            If a column, label or weight cannot be used.
        """
        check_is_fitted(self, "reference_")
        parts = self._count(X, y, sample_weight, segments, clusters, period)
        found, changes, new = [], [], []
        for number, (label, snapshot) in enumerate(parts.items(), start=1):
            # A single comparison has no later ones to save for.
            found += self._compare(label, snapshot, number if len(parts) > 1 else None)
            changes += self._changes(label, snapshot)
            new += new_segments(self.reference_, snapshot)
        warn_of_limits(found, new)
        if self.reference == "sample":
            warn_of_clusters(self.reference_, parts)
        return self._report(found, changes)

    def update(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        segments: Any = None,
        clusters: Any = None,
        *,
        period: Any,
    ) -> StabilityReport:
        """Add a batch to its period (or periods) and compare these anew.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Columns as at fit.
        y : array-like of shape (n_samples,), optional
            Outcomes, missing where not known yet.
        sample_weight, segments, clusters : array-like of shape (n_samples,), optional
            Weight, segment and cluster of each row, see :meth:`fit`.
        period : str, int, or array-like of shape (n_samples,)
            Label of the batch; one a row for vintages. Batches of one label add up;
            new labels of one call are taken in their numeric or alphabetic order.

        Returns
        -------
        StabilityReport
            Of the periods that the batch touches; ``history_`` has all.

        Raises
        ------
        InfostatError
            If a column, label or weight cannot be used.
        """
        check_is_fitted(self, "reference_")
        return self._add(self._count(X, y, sample_weight, segments, clusters, period))

    def update_counts(
        self, tables: Mapping[str, CountTable | ClusteredTable], *, period: Any
    ) -> StabilityReport:
        """Add counted rows to a period.

        Parameters
        ----------
        tables : mapping of str to CountTable or ClusteredTable
            Counts in the bins of ``bins_``, see :meth:`fit_counts`.
        period : str or int
            Label of the period.

        Returns
        -------
        StabilityReport

        Raises
        ------
        InfostatError
            If a table does not belong to its bins.
        """
        check_is_fitted(self, "reference_")
        (name,) = read_periods(period, 0)[1]
        return self._add({name: from_tables(self.bins_, tables)})
