"""What a monitor does behind its methods: read rows, count them once, compare tables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from numbers import Real
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.utils import ClassifierTags
from sklearn.utils.validation import check_is_fitted

from infostat._frames import as_frame
from infostat._sklearn import read_weight, validate_features
from infostat.binning.bins import Bins
from infostat.binning.columns import Columns, read_columns
from infostat.exceptions import InfostatError
from infostat.stability.clustering import read_clusters
from infostat.stability.labels import read_outcome, read_periods, read_segments
from infostat.stability.limits import (
    new_segments,
    warn_of_clusters,
    warn_of_limits,
    warn_of_split,
)
from infostat.stability.performance import (
    Change,
    performance_changes,
    performance_frame,
)
from infostat.stability.records import Records
from infostat.stability.reference import choose_bins, fit_binner, score_bins
from infostat.stability.report import (
    Comparison,
    Rules,
    StabilityReport,
    alarm_frame,
    compare_snapshots,
    history_frame,
)
from infostat.stability.scores import model_bins, model_scores
from infostat.stability.snapshot import (
    OUTCOMES,
    SCORE,
    Snapshot,
    count_sample,
)

__all__ = ["Watch"]

FloatArray = npt.NDArray[np.float64]

LARGEST_LIMIT = 1e6
"""No index of shares that numbers can hold is larger."""


class Watch(Records):
    """Counting and comparing; :class:`.StabilityMonitor` gives it parameters and doors."""

    reference_: Snapshot
    score_log_odds_: FloatArray | None
    classes_: Any
    event_: Any
    _coarse: dict[str, tuple[float, ...]]

    def __sklearn_clone__(self) -> Self:
        # A model is watched, not fitted here: a clone must watch the same one.
        parameters = self.get_params(deep=False)
        model = parameters.pop("model")
        copied = {name: clone(value, safe=False) for name, value in parameters.items()}
        return type(self)(model=model, **copied)

    def _rules(self) -> Rules:
        """Parameters of comparisons, checked."""
        given = tuple(
            float(limit) if isinstance(limit, Real) else np.nan for limit in self.limits
        )
        if len(given) != 2 or not 0 < given[0] < given[1] <= LARGEST_LIMIT:
            msg = (
                f"limits must be two increasing positive numbers, got {self.limits!r}: "
                f"(0.10, 0.25) are customary."
            )
            raise InfostatError(msg)
        tolerance = given[0] if self.tolerance is None else float(self.tolerance)
        if not tolerance <= LARGEST_LIMIT:
            msg = (
                f"tolerance must be an index of at most {LARGEST_LIMIT:g}, got "
                f"{self.tolerance!r}: None takes the first of the limits."
            )
            raise InfostatError(msg)
        return Rules(
            limits=(given[0], given[1]),
            level=float(self.level),
            tolerance=tolerance,
            adjust=self.adjust,
            horizon=self.horizon,
            reference=self.reference,
            weight_type=self.weight_type,
            minimum_expected=float(self.minimum_expected),
        )

    def _names(self) -> list[str]:
        """Names of the columns, as text."""
        if hasattr(self, "feature_names_in_"):
            return [str(name) for name in self.feature_names_in_]
        return [f"x{k}" for k in range(self.n_features_in_)]

    def _columns(self, X: Any) -> Columns:
        """Columns of X; a frame is read by name, whatever else it holds."""
        return read_columns(X, None if as_frame(X) is not None else self._names())

    def _bins(
        self, X: Any, columns: Columns, y: Any, weight: FloatArray | None
    ) -> dict[str, Bins]:
        """Bins of the features."""
        brought = model_bins(self.model) if self.model is not None else {}
        by_hand = self.binner if isinstance(self.binner, dict) else None
        if self.binner is not None and by_hand is None:
            by_hand = fit_binner(self.binner, X, y, weight)
        bins = choose_bins(
            columns,
            by_hand,
            brought,
            max_bins=int(self.max_bins),
            special_values=self.special_values,
            categories=() if isinstance(self.categories, str) else self.categories,
            rare_level=float(self.rare_level),
            weight=weight,
        )
        if self.model is not None and SCORE in bins:
            msg = (
                f"X has a feature called {SCORE!r}, the name of the model's output: "
                f"rename it."
            )
            raise InfostatError(msg)
        return bins

    def _score_reference(self, X: Any, weight: FloatArray | None) -> dict[str, Any]:
        """Scores of the reference; their bins and predicted log-odds are kept."""
        self._coarse, self.score_log_odds_ = {}, None
        if self.model is None:
            return {}
        scores = model_scores(self.model, X)
        part, coarse = score_bins(SCORE, scores.score, int(self.max_bins), weight)
        self.bins_[SCORE], self._coarse[SCORE] = part, coarse
        if scores.log_odds is not None:
            rows = np.ones(scores.score.size) if weight is None else weight
            codes = part.codes(scores.score)
            sums = np.bincount(codes, weights=rows, minlength=part.n_bins)
            total = np.bincount(
                codes, weights=rows * scores.log_odds, minlength=part.n_bins
            )
            with np.errstate(invalid="ignore", divide="ignore"):
                self.score_log_odds_ = np.where(sums > 0, total / sums, np.nan)
        return {SCORE: scores.score}

    def _scores(self, X: Any) -> dict[str, Any]:
        """Scores of a later sample."""
        if SCORE not in self._coarse:
            return {}
        if self.model is None:
            msg = (
                "The reference watches a model's score, and no model is at hand: restore "
                "the monitor with from_json(path, model=...)."
            )
            raise InfostatError(msg)
        return {SCORE: model_scores(self.model, X).score}

    def _count(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        segments: Any,
        clusters: Any,
        period: Any,
    ) -> dict[str, Snapshot]:
        """Counts of a later sample by period, every column read once."""
        X = validate_features(self, X, reset=False)
        n_rows = int(X.shape[0])
        if n_rows == 0:
            msg = "The sample has no rows: there is nothing to compare."
            raise InfostatError(msg)
        weight = read_weight(sample_weight, n_rows)
        outcome = read_outcome(y, self.event_, self.classes_, n_rows)
        segment, names = read_segments(segments, n_rows)
        turn, labels = read_periods(period, n_rows)
        width = OUTCOMES * max(len(names), 1)
        snapshots = count_sample(
            self._columns(X),
            self.bins_,
            self._scores(X),
            turn * width + OUTCOMES * segment + outcome,
            len(labels),
            names,
            weight,
            read_clusters(clusters, n_rows),
        )
        return dict(zip(labels, snapshots, strict=True))

    def _add(
        self, parts: Mapping[str, Snapshot], *, silent: bool = False
    ) -> StabilityReport:
        """Add samples to their periods and compare these anew."""
        found: list[Comparison] = []
        changes: list[Change] = []
        new: list[str] = []
        # All sums before any change: a sample that does not add leaves no trace.
        wholes = {
            label: self.periods_[label] + part if label in self.periods_ else part
            for label, part in parts.items()
        }
        known = [label for label in parts if label in self.periods_]
        split = sum(self.periods_[label].shared(parts[label]) for label in known)
        order = list(dict.fromkeys([*self.periods_, *wholes]))
        for label, whole in wholes.items():
            turn = order.index(label) + 1
            fresh = self._compare(label, whole, turn)
            self.periods_[label], self._found[label] = whole, fresh
            self._changed[label] = self._changes(label, whole)
            found += fresh
            changes += self._changed[label]
            new += new_segments(self.reference_, whole)
        if not silent:
            warn_of_limits(found, new)
            warn_of_split(split)
            if self.reference == "sample":
                warn_of_clusters(self.reference_, parts)
        return self._report(found, changes)

    def _compare(
        self, label: str, snapshot: Snapshot, turn: int | None
    ) -> list[Comparison]:
        rules = self._rules()
        return compare_snapshots(
            self.reference_, snapshot, self.bins_, self._coarse, rules, label, turn
        )

    def _changes(self, label: str, snapshot: Snapshot) -> list[Change]:
        return performance_changes(
            self.reference_,
            snapshot,
            self.bins_,
            SCORE if SCORE in self._coarse else None,
            self.score_log_odds_,
            self.weight_type,
            label,
        )

    def _report(
        self, found: list[Comparison], changes: list[Change]
    ) -> StabilityReport:
        return StabilityReport(
            frame=history_frame(found, self._library),
            alarm=alarm_frame(found, self._library),
            performance=performance_frame(changes, float(self.level), self._library),
            has_alarm=any(c.alarm for c in found),
        )

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write reference, rules and periods as JSON; the model is not part of it.

        Parameters
        ----------
        path : path-like, optional
            File to write, atomically.

        Returns
        -------
        str
            The document.
        """
        from infostat.stability.document import write_monitor

        check_is_fitted(self, "reference_")
        return write_monitor(self, path)

    @classmethod
    def from_json(cls, source: str | os.PathLike[str], *, model: Any = None) -> Self:
        """Restore a monitor.

        Parameters
        ----------
        source : path-like or str
            Path, or the text of a document.
        model : optional
            The model whose output is watched, as at fit.

        Returns
        -------
        StabilityMonitor
            It goes on where the saved one stopped.

        Raises
        ------
        DocumentError
            If the document is damaged, foreign or of a newer version.
        """
        from infostat.stability.document import read_monitor

        restored: Self = read_monitor(cls, source, model)
        return restored

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = False
        tags.classifier_tags = ClassifierTags(multi_class=False)
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags
