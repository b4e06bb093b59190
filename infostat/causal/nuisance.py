"""Learners of the nuisances and the folds they are fitted on."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.validation import has_fit_parameter

from infostat._device import device_used
from infostat.causal.covariates import CovariateEncoder
from infostat.exceptions import InfostatError

__all__ = [
    "boosted_device",
    "fit_weighted",
    "folds",
    "many_outputs",
    "outcome_learner",
    "propensity_learner",
    "seeded",
]

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def outcome_learner(given: Any, n_rows: int, device: str) -> Any:
    """Regressor for the outcome.

    Parameters
    ----------
    given : estimator, "xgboost" or None
        The user's choice; extremely randomised trees with large leaves by default.
    n_rows : int
        Rows of the arm, which set the size of a leaf.
    device : {"cpu", "cuda"}
        Where XGBoost runs.

    Returns
    -------
    estimator
        Not fitted.
    """
    if given is None:
        leaf = max(15, int(0.6 * np.sqrt(n_rows)))
        trees = ExtraTreesRegressor(50, min_samples_leaf=leaf, max_features=0.5)
        return make_pipeline(CovariateEncoder(), trees)
    if isinstance(given, str):
        from xgboost import XGBRegressor

        return make_pipeline(CovariateEncoder(), XGBRegressor(**_boosting(device)))
    return clone(given)


def propensity_learner(given: Any, device: str) -> Any:
    """Classifier for the treatment.

    Parameters
    ----------
    given : estimator, "xgboost" or None
        The user's choice; logistic regression on standardised columns by default.
    device : {"cpu", "cuda"}
        Where XGBoost runs.

    Returns
    -------
    estimator
        Not fitted.
    """
    if given is None:
        return make_pipeline(
            CovariateEncoder(), StandardScaler(), LogisticRegression(max_iter=2000)
        )
    if isinstance(given, str):
        from xgboost import XGBClassifier

        return make_pipeline(CovariateEncoder(), XGBClassifier(**_boosting(device)))
    return clone(given)


def _boosting(device: str) -> dict[str, Any]:
    """Cautious settings that need no tuning."""
    return {
        "n_estimators": 150,
        "max_depth": 3,
        "learning_rate": 0.08,
        "subsample": 0.8,
        "min_child_weight": 10,
        "tree_method": "hist",
        "device": device,
        "n_jobs": 1,
        "verbosity": 0,
    }


def boosted_device(learner: Any) -> str | None:
    """Device on which a fitted learner of XGBoost ran.

    Parameters
    ----------
    learner : estimator
        Perhaps a pipeline, whose last step counts.

    Returns
    -------
    {"cpu", "cuda"} or None
        None where the learner is no booster, or was not fitted.
    """
    last = learner.steps[-1][1] if isinstance(learner, Pipeline) else learner
    if not hasattr(last, "get_booster") or not last.__sklearn_is_fitted__():
        return None
    return device_used(last.get_booster())


def seeded(learner: Any, seed: int) -> Any:
    """Give every random part of a learner that has no seed this one."""
    unset = {
        name: seed
        for name, value in learner.get_params(deep=True).items()
        if (name == "random_state" or name.endswith("__random_state")) and value is None
    }
    return learner.set_params(**unset) if unset else learner


def fit_weighted(learner: Any, X: Any, y: Any, weight: FloatArray | None) -> Any:
    """Fit a learner with sample weights where there are any.

    Parameters
    ----------
    learner : estimator
        Fitted in place.
    X, y : rows and targets
        Training data.
    weight : ndarray of shape (n_samples,) or None
        Sample weights; a pipeline passes them to its last step.

    Returns
    -------
    estimator
        The learner.

    Raises
    ------
    InfostatError
        If the learner takes no weights.
    """
    if weight is None:
        return learner.fit(X, y)
    last = learner.steps[-1] if isinstance(learner, Pipeline) else (None, learner)
    inner = last[1].estimator if isinstance(last[1], MultiOutputRegressor) else last[1]
    if not has_fit_parameter(inner, "sample_weight"):
        msg = (
            f"{type(inner).__name__} takes no sample_weight: choose a learner that does, "
            f"or fit without weights."
        )
        raise InfostatError(msg)
    key = "sample_weight" if last[0] is None else f"{last[0]}__sample_weight"
    return learner.fit(X, y, **{key: weight})


def folds(
    arms: IntArray, cv: Any, clusters: IntArray | None, seed: int
) -> list[tuple[IntArray, IntArray]]:
    """Training and held-out rows, with every arm in every training part.

    Parameters
    ----------
    arms : ndarray of shape (n_samples,)
        Code of each row's treatment.
    cv : int, splitter or iterable
        A number of folds is shuffled and stratified by arm.
    clusters : ndarray of shape (n_samples,) or None
        Rows of one cluster stay together.
    seed : int
        Seed of the shuffle.

    Returns
    -------
    list of (ndarray, ndarray)

    Raises
    ------
    InfostatError
        If an arm has fewer rows than there are folds, a fold trains without one, or the
        held-out parts are no partition of the rows.
    """
    splitter: Any = check_cv(cv)
    if isinstance(cv, int | np.integer):
        units = len(arms) if clusters is None else len(np.unique(clusters))
        smallest = min(int(np.bincount(arms).min()), units)
        if smallest < cv:
            msg = (
                f"An arm or the groups have {smallest} members, fewer than the {cv} "
                f"folds: lower cv, or merge treatments."
            )
            raise InfostatError(msg)
        kind = StratifiedKFold if clusters is None else StratifiedGroupKFold
        splitter = kind(int(cv), shuffle=True, random_state=seed)
    parts = list(splitter.split(np.zeros((len(arms), 1)), arms, clusters))
    held_out = np.sort(np.concatenate([test for _, test in parts]))
    if not np.array_equal(held_out, np.arange(len(arms))):
        msg = "cv must hold out every row once: pass a number or a partition, as KFold."
        raise InfostatError(msg)
    n_arms = int(arms.max()) + 1
    if any(len(np.unique(arms[train])) < n_arms for train, _ in parts):
        msg = (
            "A fold trains without one of the treatments, because its rows lie in one "
            "fold or group: lower cv, shuffle, or merge groups."
        )
        raise InfostatError(msg)
    return parts


def many_outputs(learner: Any) -> Any:
    """Return the learner where it fits several targets at once, else copies of it."""
    if get_tags(learner).target_tags.multi_output:
        return learner
    return MultiOutputRegressor(learner)
