"""The p-n criterion as an estimator in scikit-learn's style."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from infostat._frames import as_frame, frame_backend
from infostat._sklearn import (
    Integral,
    Interval,
    Real,
    StrOptions,
    read_weight,
    validate_features,
)
from infostat.exceptions import InfostatError
from infostat.samplesize.assess import assess
from infostat.samplesize.columns import Design, bind_groups, read_design
from infostat.samplesize.given import given_fit, refuse_other_maximum
from infostat.samplesize.glm import GLMOptions
from infostat.samplesize.likelihood import GLMFit
from infostat.samplesize.outcomes import FAMILIES, read_outcome
from infostat.samplesize.problem import (
    Problem,
    Settings,
    drop_weightless,
    read_offset,
)
from infostat.samplesize.questions import Questions
from infostat.samplesize.reading import read_model
from infostat.samplesize.requirement import Requirement
from infostat.samplesize.result import PNResult
from infostat.samplesize.threshold import BOUNDS

__all__ = ["PNCriterion"]

NO_OUTCOME = "PNCriterion requires y to be passed, but the target y is None."


class PNCriterion(Questions, BaseEstimator):
    """Whether a sample is large enough for a model, by its estimation risk.

    The estimation risk, the expected divergence in nats from the best law of the model
    to the law at the maximum likelihood estimate, is computed to second order in 1/n
    and held against a limit on the Bayes error and, if asked, against a share of the
    information that the features carry.

    Parameters
    ----------
    family : {"auto", "binomial", "poisson", "gaussian", "multinomial"}, default="auto"
        Response, with its canonical link.
    delta : float, default=0.05
        A new observation may be told from the best law with a Bayes error no less than
        ``1/2 - delta``.
    bound : {"sharp", "pinsker", "bretagnolle-huber", "gaussian"}, default="sharp"
        From Bayes error to risk, see :func:`bayes_error_threshold`.
    max_share : float, optional
        Largest share of the features' information that estimation may cost: 1/9 asks
        for a calibration slope of 0.9.
    horizon : int, default=1
        New observations judged together.
    assurance : float, optional
        Probability with which the limits are to hold; on average by default.
    design : {"random", "fixed"}, default="random"
        Risk on new rows, or on the rows of the sample.
    cov : {"model", "robust"}, default="model"
        Take the model for true, or the residuals' own moments.
    order : {"pade", 2, 1}, default="pade"
        Form of the risk, see :func:`estimation_risk`.
    method : {"asymptotic", "bootstrap", "parametric-bootstrap"}, default="asymptotic"
        Expansion, or resampling of rows or from the model.
    t2 : {"auto", "gram", "tensor", "onehot", "probes"}, default="auto"
        Route of the cubic terms; "auto" takes the cheapest.
    n_probes : int, default=256
        Pairs of sign vectors of the random route.
    n_resamples : int, default=200
        Resamples.
    groups : sequence, optional
        Label of the group (characteristic) of each column of X; by default each column
        is its own.
    rare_level : float, default=0.0
        Levels of text columns with a smaller share of the rows are pooled.
    n_bins : int, optional
        Cut numbers into that many bins, and turn those with few values into levels;
        numbers stay as they are by default.
    weight_type : {"frequency", "sampling"}, default="frequency"
        Frequency weights repeat rows; sampling weights need ``cov="robust"``, which
        they switch on.
    fit_intercept : bool, default=True
        Whether the model has an intercept.
    check_existence : bool, default=True
        Prove separation by a linear programme where the maximum is not certified.
    prior_scale : float, default=1.0
        Standard deviation of the normal prior behind ``result_.effective_dimension``
        and ``result_.complexity``: of a coefficient of an indicator, or of a number in
        standard deviations. The risk does not depend on it.
    random_state : int, RandomState or None, default=None
        Randomness of probes and resamples.

    Attributes
    ----------
    result_ : PNResult
        Answer.
    passed_ : bool
        Whether the verdict is "sufficient".
    risk_ : float or None
        Estimation risk in nats; None without an estimate.
    coef_ : ndarray of shape (n_columns + 1, q) or None
        Coefficients, the intercept first; zero for columns left out as redundant, None
        without an estimate.
    n_features_in_, feature_names_in_
        Columns of X.

    Notes
    -----
    The expansion leaves an error of order ``n^-3`` and supposes independent rows. It
    does not count the selection of columns on the same rows. It measures the distance
    to the best law of the *model*: a model with a small risk may still be a bad one, so
    read it beside calibration and criteria such as TIC. For discrete outcomes the risk
    is that of samples which have an estimate; ``result_.p_no_mle`` says how many have
    none.

    ``design="fixed"`` with ``cov="robust"`` has a limit: with rows held fixed, part of a
    residual is the misfit of the mean, which is no noise. Squared residuals then count
    it as scatter, so ``tr S`` and the risk are too high where the mean is misspecified;
    only unequal variances about a right mean are treated exactly.

    For probit and complementary log-log models (results of statsmodels, see
    :meth:`evaluate`) the leading term is exact and resamples stand for the rest.

    References
    ----------
    Sheena, "Estimation risk and sample size", arXiv 2105.08947.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((2000, 5))
    >>> y = (rng.random(2000) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(int)
    >>> check = PNCriterion().fit(X, y)
    >>> check.result_.verdict, check.result_.p, round(check.risk_, 5)
    ('sufficient', 6, 0.0015...)
    """

    _parameter_constraints: dict[str, list[Any]] = {  # noqa: RUF012 - sklearn's protocol
        "family": [StrOptions(set(FAMILIES))],
        "delta": [Interval(Real, 0, 0.5, closed="neither")],
        "bound": [StrOptions(set(BOUNDS))],
        "max_share": [Interval(Real, 0, None, closed="neither"), None],
        "horizon": [Interval(Integral, 1, None, closed="left")],
        "assurance": [Interval(Real, 0, 1, closed="neither"), None],
        "design": [StrOptions({"random", "fixed"})],
        "cov": [StrOptions({"model", "robust"})],
        "order": [StrOptions({"pade"}), Interval(Integral, 1, 2, closed="both")],
        "method": [StrOptions({"asymptotic", "bootstrap", "parametric-bootstrap"})],
        "t2": [StrOptions({"auto", "gram", "tensor", "onehot", "probes"})],
        "n_probes": [Interval(Integral, 2, None, closed="left")],
        "n_resamples": [Interval(Integral, 2, None, closed="left")],
        "groups": ["array-like", None],
        "rare_level": [Interval(Real, 0, 1, closed="left")],
        "n_bins": [Interval(Integral, 2, None, closed="left"), None],
        "weight_type": [StrOptions({"frequency", "sampling"})],
        "fit_intercept": ["boolean"],
        "check_existence": ["boolean"],
        "prior_scale": [Interval(Real, 0, None, closed="neither")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        family: str = "auto",
        *,
        delta: float = 0.05,
        bound: str = "sharp",
        max_share: float | None = None,
        horizon: int = 1,
        assurance: float | None = None,
        design: str = "random",
        cov: str = "model",
        order: Any = "pade",
        method: str = "asymptotic",
        t2: str = "auto",
        n_probes: int = 256,
        n_resamples: int = 200,
        groups: Any = None,
        rare_level: float = 0.0,
        n_bins: int | None = None,
        weight_type: str = "frequency",
        fit_intercept: bool = True,
        check_existence: bool = True,
        prior_scale: float = 1.0,
        random_state: Any = None,
    ) -> None:
        self.family = family
        self.delta = delta
        self.bound = bound
        self.max_share = max_share
        self.horizon = horizon
        self.assurance = assurance
        self.design = design
        self.cov = cov
        self.order = order
        self.method = method
        self.t2 = t2
        self.n_probes = n_probes
        self.n_resamples = n_resamples
        self.groups = groups
        self.rare_level = rare_level
        self.n_bins = n_bins
        self.weight_type = weight_type
        self.fit_intercept = fit_intercept
        self.check_existence = check_existence
        self.prior_scale = prior_scale
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, offset: Any = None
    ) -> Self:
        """Fit the model by maximum likelihood and assess the sample.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Numbers; a frame may hold text, whose levels become indicators.
        y : array-like of shape (n_samples,)
            Outcomes.
        sample_weight : array-like of shape (n_samples,), optional
            Weights of ``weight_type``.
        offset : array-like of shape (n_samples,), optional
            Known part of the linear predictor (one predictor only).

        Returns
        -------
        self

        Raises
        ------
        InfostatError
            If columns or outcomes cannot be used. A sample without a maximum
            likelihood estimate is no error: the verdict is "no_mle".
        """
        self._validate_params()
        design = self._read(X, y)
        n_rows = len(design.matrix)
        outcome = read_outcome(y, self.family)
        if len(outcome.y) != n_rows:
            msg = f"X has {n_rows} rows and y has {len(outcome.y)}: give one a row."
            raise InfostatError(msg)
        weight = read_weight(sample_weight, n_rows)
        problem = Problem(
            design,
            outcome,
            self.fit_intercept,
            weight,
            sampling=self.weight_type == "sampling" and weight is not None,
            offset=read_offset(offset, n_rows),
        )
        self._library = frame_backend(X)
        return self._adopt(drop_weightless(problem))

    def evaluate(
        self, fitted: Any, X: Any = None, y: Any = None, *, refit: bool = False
    ) -> PNResult:
        """Assess the sample behind a model that was fitted elsewhere.

        Parameters
        ----------
        fitted : object
            Results of statsmodels, an unpenalised linear model of scikit-learn, a
            Pipeline that ends in one, or a fitted ScorecardClassifier. A scorecard on
            weights of evidence is judged by its bins; the answer for one parameter a
            feature is in ``result_.woe``.
        X : frame or array-like of shape (n_samples, n_features), optional
            Rows of the fit; statsmodels keeps its own.
        y : array-like of shape (n_samples,), optional
            Outcomes; without them the coefficients are taken as they stand.
        refit : bool, default=False
            Fit the columns of a penalised model anew, without a penalty.

        Returns
        -------
        PNResult
            Also in ``result_``.

        Raises
        ------
        InfostatError
            If the model is penalised, its coefficients do not maximise the likelihood
            of these rows, or it cannot be read.
        """
        self._validate_params()
        reading = read_model(fitted, X, y, refit=refit)
        problem = Problem(
            reading.design,
            reading.outcome,
            reading.intercept,
            reading.weight,
            offset=reading.offset,
        )
        self._library = frame_backend(X)
        given = given_fit(problem, reading)
        if reading.outcome is None:
            self._adopt(problem, given)
            return self.result_
        self._adopt(problem)
        if given is not None:
            refuse_other_maximum(fitted, given, self._assessment)
        if reading.woe is not None:
            short = assess(replace(problem, design=reading.woe), self._settings())
            self.result_ = replace(self.result_, woe=short.result)
        return self.result_

    def _read(self, X: Any, y: Any) -> Design:
        """Design of the columns, after scikit-learn's checks."""
        if as_frame(X) is None:
            # The outcome is read apart: scikit-learn only sees that there is one.
            if y is None:
                raise InfostatError(NO_OUTCOME)
            X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        else:
            X = validate_features(self, X, reset=True)
            if y is None:
                raise InfostatError(NO_OUTCOME)
        design = read_design(X, rare_level=float(self.rare_level), n_bins=self.n_bins)
        return design if self.groups is None else bind_groups(design, list(self.groups))

    def _adopt(self, problem: Problem, fit: GLMFit | None = None) -> Self:
        """Assess and set the fitted attributes."""
        settings = self._settings()
        if problem.sampling:
            options = replace(settings.options, cov="robust")
            settings = replace(settings, options=options)
        found = assess(
            problem, settings, fit=fit, rng=self._rng(), library=self._library
        )
        self._problem, self._assessment = problem, found
        self.result_ = found.result
        self.passed_, self.risk_ = found.result.passed, found.result.risk
        self.coef_ = None
        if found.fit is not None:
            width = problem.design.matrix.shape[1] + int(problem.intercept)
            self.coef_ = np.zeros((width, found.fit.response.q))
            self.coef_[found.kept] = found.fit.coef
        return self

    def _requirement(self) -> Requirement:
        return Requirement(
            float(self.delta),
            self.bound,  # type: ignore[arg-type]
            int(self.horizon),
            None if self.max_share is None else float(self.max_share),
            None if self.assurance is None else float(self.assurance),
        )

    def _settings(self) -> Settings:
        return Settings(
            self._requirement(),
            GLMOptions(self.design, self.cov, self.t2, int(self.n_probes)),  # type: ignore[arg-type]
            self.order if self.order == "pade" else int(self.order),  # type: ignore[arg-type]
            self.method,  # type: ignore[arg-type]
            int(self.n_resamples),
            bool(self.check_existence),
            float(self.prior_scale),
        )

    def _rng(self) -> np.random.Generator:
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        return np.random.default_rng(seed)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags
