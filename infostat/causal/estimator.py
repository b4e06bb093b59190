"""The estimator: bounds on the effect of a treatment with unmeasured confounders."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state

from infostat._frames import build_frame, frame_backend
from infostat._sklearn import (
    HasMethods,
    Integral,
    Interval,
    Real,
    StrOptions,
    read_weight,
    validate_features,
)
from infostat.causal.aggregation import aggregate_columns
from infostat.causal.credibility import AssumptionQueries
from infostat.causal.effects import EffectQueries
from infostat.causal.fitting import (
    check_weights,
    chosen_rules,
    control_code,
    describe,
    quantile_bounds,
    warn_range,
)
from infostat.causal.functionals import NAMES, read_functionals
from infostat.causal.intervals import Sampling
from infostat.causal.pointwise import PointQueries
from infostat.causal.queries import AverageQueries
from infostat.causal.reading import (
    read_groups,
    read_outcome,
    read_ranges,
    read_treatment,
)
from infostat.causal.rows import score_rows, summarise
from infostat.causal.strength import StrengthQueries
from infostat.causal.study import Learners, Study
from infostat.divergences import Divergence

__all__ = ["CausalBounds"]

FloatArray = npt.NDArray[np.float64]


class CausalBounds(
    AverageQueries,
    EffectQueries,
    AssumptionQueries,
    StrengthQueries,
    PointQueries,
    BaseEstimator,
):
    """What data say about an effect when confounders may be unmeasured.

    Parameters
    ----------
    functional : {"mean", "cdf", "quantile", "winsorised_mean"} or callable, \
default="mean"
        What to bound of each potential outcome. A callable maps outcomes, ndarray of
        shape (n_samples,), to numbers that are then averaged.
    at : float or sequence of float, optional
        Thresholds of "cdf", probabilities of "quantile", the limits (low, high) of
        "winsorised_mean".
    y_bounds : (low, high), callable, "observed" or None, default=None
        Range of the functional of the outcome: what anybody's could be, under any
        treatment. Numbers, arrays of shape (n_samples,), or a callable of covariates
        and treatment that returns two of these. "observed" takes the smallest and
        largest value seen, which is a guess: results are marked and have no interval.
        None gives infinite ends for the mean. Not needed for "cdf" and
        "winsorised_mean".
    method : str, Divergence or list of them, default="sharp"
        "sharp"; a divergence ("chi2", "kl", "hellinger", "tv", "js", "power" with
        ``alpha``, or an object), which gives outer bounds; a list; "all" for the sharp
        and the five; "dual_risk" (or "dual_risk_kl" and so on) for the debiased dual
        risk of the literature with linear dual variables.
    alpha : float, optional
        Order of "power".
    aggregate : int, "adaptive" or None, default=None
        Add the k-th largest lower and k-th smallest upper end over the divergences;
        "adaptive" takes the smallest k whose ends do not cross. No interval is known.
    gamma : float, default=1.0
        Share of rows, at all covariates, that may be confounded. Below 1 an assumption.
    msm_lambda : float, optional
        Assumption: the odds of treatment move at most by this factor with the outcome.
    mean_shift : float, optional
        Assumption: unseen outcomes have a mean within this many conditional standard
        deviations of the seen ones.
    entropy_shift : float, optional
        Assumption: the unseen law has at most this relative entropy, in nats.
    monotone : str or pair of str, optional
        Assumption for two treatments: "response_increasing", "response_decreasing",
        "selection_increasing", "selection_decreasing", or a response and a selection.
    given_covariates : bool, default=True
        Whether selection is monotone given the covariates, or overall.
    control : object, optional
        Treatment that others are compared with; the first in order by default.
    outcome_learner : regressor, "xgboost" or None, default=None
        Law of the outcome given covariates; extremely randomised trees by default.
    propensity_learner : classifier, "xgboost" or None, default=None
        Probability of the treatment; logistic regression by default.
    dual_features : callable, optional
        Feature map of "dual_risk": covariates to ndarray (n_samples, n_features).
    cv : int, splitter or iterable, default=5
        Folds for cross-fitting; a number is stratified by treatment and shuffled.
    n_rep : int, default=1
        Repetitions of the splits; medians are reported.
    clip : float, default=0.01
        Propensities are kept in [clip, 1 - clip].
    weight_type : {"frequency", "sampling"}, default="frequency"
        Whether a sample weight of two stands for a repeated row.
    level : float, default=0.95
        Confidence level.
    target : {"parameter", "set"}, default="parameter"
        What an interval covers: the parameter (Imbens-Manski) or the identified set.
    device : {"cpu", "cuda"}, default="cpu"
        Where "xgboost" runs; ``diagnostics_["device"]`` says where it did, and a
        fallback to the CPU warns.
    random_state : int, RandomState or None, default=None
        Splits, learners and multipliers.

    Attributes
    ----------
    bounds_ : frame
        One row an estimand and method: ``estimand, method, lower, upper, se_lower,
        se_upper, ci_lower, ci_upper, width, support``, in the library of X. Ends are in
        the units of the outcome (shares for "cdf"), infinite where no range was given;
        errors and intervals are NaN for the support "observed" and for aggregates,
        errors for quantiles.
    treatments_ : ndarray of shape (n_treatments,)
        Sorted levels of the treatment.
    control_ : object
        Level that others are compared with.
    psi_lower_, psi_upper_ : ndarray of shape (n_samples, n_rows)
        Scores of the first repetition; their weighted means are the bounds. Absent for
        quantiles.
    diagnostics_ : dict
        Rows by treatment, share of outcomes at the ends of the range, quantiles of the
        propensity where one was fitted and the share that was clipped, refuted
        assumptions.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Notes
    -----
    The bounds rest on one thing, how often each treatment is taken; no confounder needs
    to be measured. In exchange the outcome must have a known range, or the functional
    must be bounded by construction. With two treatments the assumption-free interval of
    the average effect is exactly as wide as that range and always contains zero: no
    sign can be claimed without a further assumption, which is what ``gamma``,
    ``msm_lambda``, ``monotone`` and :meth:`ladder` are for. With more treatments it is
    wider, by ``1 - e_1 - e_0`` ranges. Intervals from divergence balls contain
    the sharp one, whatever the divergence; they are there for comparison with the
    literature (arXiv 2601.17160).

    Sharp scores need no fitted model, and those of the power family ("chi2", "kl",
    "hellinger") can only widen the interval when a model is wrong. Scores of "tv", "js",
    of ``gamma < 1`` and of the odds factor need the propensity or the outcome law to be
    estimated well. Without a treatment, ``fit`` warns and takes all rows to have had
    the same one.

    Examples
    --------
    >>> from infostat.datasets import make_applications
    >>> data = make_applications(2000, rng=0, backend="pandas")
    >>> bounds = CausalBounds(y_bounds=(0, 1)).fit(
    ...     data.frame[data.features],
    ...     data.frame["default"],
    ...     treatment=data.frame["treatment"],
    ... )
    >>> effect = bounds.bounds_.iloc[-1]
    >>> effect["estimand"], float(round(effect["width"], 6))
    ('E[Y(1) - Y(0)]', 1.0)
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "functional": [StrOptions(set(NAMES)), callable],
        "at": "no_validation",  # type: ignore[dict-item]
        "y_bounds": [StrOptions({"observed"}), callable, tuple, list, np.ndarray, None],
        "method": [str, list, tuple, Divergence],
        "alpha": [Interval(Real, 0, None, closed="neither"), None],
        "aggregate": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"adaptive"}),
            None,
        ],
        "gamma": [Interval(Real, 0, 1, closed="both")],
        "msm_lambda": [Interval(Real, 1, None, closed="left"), None],
        "mean_shift": [Interval(Real, 0, None, closed="left"), None],
        "entropy_shift": [Interval(Real, 0, None, closed="left"), None],
        "monotone": [str, list, tuple, None],
        "given_covariates": ["boolean"],
        "control": "no_validation",  # type: ignore[dict-item]
        "outcome_learner": [
            StrOptions({"xgboost"}),
            HasMethods(["fit", "predict"]),
            None,
        ],
        "propensity_learner": [
            StrOptions({"xgboost"}),
            HasMethods(["fit", "predict_proba"]),
            None,
        ],
        "dual_features": [callable, None],
        "cv": ["cv_object"],
        "n_rep": [Interval(Integral, 1, None, closed="left")],
        "clip": [Interval(Real, 0, 0.5, closed="neither")],
        "weight_type": [StrOptions({"frequency", "sampling"})],
        "level": [Interval(Real, 0, 1, closed="neither")],
        "target": [StrOptions({"parameter", "set"})],
        "device": [StrOptions({"cpu", "cuda"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        functional: Any = "mean",
        *,
        at: Any = None,
        y_bounds: Any = None,
        method: Any = "sharp",
        alpha: float | None = None,
        aggregate: int | str | None = None,
        gamma: float = 1.0,
        msm_lambda: float | None = None,
        mean_shift: float | None = None,
        entropy_shift: float | None = None,
        monotone: Any = None,
        given_covariates: bool = True,
        control: Any = None,
        outcome_learner: Any = None,
        propensity_learner: Any = None,
        dual_features: Any = None,
        cv: int = 5,
        n_rep: int = 1,
        clip: float = 0.01,
        weight_type: str = "frequency",
        level: float = 0.95,
        target: str = "parameter",
        device: str = "cpu",
        random_state: Any = None,
    ) -> None:
        self.functional = functional
        self.at = at
        self.y_bounds = y_bounds
        self.method = method
        self.alpha = alpha
        self.aggregate = aggregate
        self.gamma = gamma
        self.msm_lambda = msm_lambda
        self.mean_shift = mean_shift
        self.entropy_shift = entropy_shift
        self.monotone = monotone
        self.given_covariates = given_covariates
        self.control = control
        self.outcome_learner = outcome_learner
        self.propensity_learner = propensity_learner
        self.dual_features = dual_features
        self.cv = cv
        self.n_rep = n_rep
        self.clip = clip
        self.weight_type = weight_type
        self.level = level
        self.target = target
        self.device = device
        self.random_state = random_state

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        treatment: Any = None,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Self:
        """Bound the mean outcome under each treatment, and the differences.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Covariates from before the treatment: numbers, strings, missing values. They
            sharpen outer bounds and assumptions, and are the basis of groups and
            predictions; the sharp average bounds do not use them.
        y : array-like of shape (n_samples,)
            Outcome, numeric.
        treatment : array-like of shape (n_samples,)
            Treatment taken, two to twenty levels. Without one a warning is given and
            all rows are taken to have had the same.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of the rows; see ``weight_type``.
        groups : array-like of shape (n_samples,), optional
            Clusters of dependent rows: they stay in one fold and count as one unit.

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If the outcome is not numeric, a treatment is missing or has one level, an
            outcome lies outside ``y_bounds``, or parameters contradict each other.
        """
        self._validate_params()
        X = validate_features(self, X, reset=True)
        n_samples = int(X.shape[0])
        outcome = read_outcome(type(self).__name__, y, n_samples)
        arms, levels = read_treatment(treatment, n_samples)
        weight = read_weight(sample_weight, n_samples)
        sampling = Sampling(
            n_samples,
            weight,
            read_groups(groups, n_samples),
            frequency=self.weight_type == "frequency",
        )
        check_weights(arms, levels, weight)
        self.treatments_ = levels
        self._control = control_code(self.control, levels)
        self.control_ = levels[self._control]
        self._library = frame_backend(X)
        self._pointwise: dict[Any, Any] = {}
        rules = chosen_rules(self, len(levels))
        if self.functional == "quantile":
            columns = quantile_bounds(self, outcome, arms, sampling, rules)
            self.diagnostics_ = {"n_samples": n_samples}
            self.bounds_ = build_frame(columns, self._library)
            return self
        self._study = self._read_study(X, outcome, arms, sampling)
        warn_range(self._study, rules)
        self._rows = [
            row
            for rule in rules
            for row in score_rows(self._study, rule, self._control)
        ]
        columns = summarise(self._rows, sampling, level=self.level, target=self.target)
        self.psi_lower_ = np.column_stack([row.lower[0] for row in self._rows])
        self.psi_upper_ = np.column_stack([row.upper[0] for row in self._rows])
        self.diagnostics_ = describe(self._study, columns)
        if self.aggregate is not None:
            aggregate_columns(columns, self.aggregate)
        self.bounds_ = build_frame(columns, self._library)
        return self

    def _read_study(
        self,
        X: Any,
        outcome: FloatArray,
        arms: npt.NDArray[np.intp],
        sampling: Sampling,
    ) -> Study:
        """Gather the data, the ranges and the learners."""
        outcomes = [
            read_ranges(functional, outcome, self.y_bounds, X, arms, self.treatments_)
            for functional in read_functionals(self.functional, self.at)
        ]
        random = check_random_state(self.random_state)
        seeds = random.randint(np.iinfo(np.int32).max, size=self.n_rep)
        learners = Learners(
            self.outcome_learner,
            self.propensity_learner,
            self.cv,
            tuple(int(seed) for seed in seeds),
            float(self.clip),
            self.device,
        )
        return Study(X, arms, self.treatments_, outcomes, sampling, learners)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags
