"""Fitted models of other makers, read through their coefficients and designs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.samplesize.columns import Design, design_from_codes, read_design
from infostat.samplesize.links import BinaryLink
from infostat.samplesize.outcomes import Outcome, read_outcome
from infostat.samplesize.responses import (
    Binomial,
    Gaussian,
    Multinomial,
    Poisson,
    Response,
)

__all__ = ["Reading", "read_model"]

FloatArray = npt.NDArray[np.float64]

REFIT = (
    "the criterion speaks of the unpenalised maximum likelihood estimate: refit without "
    "a penalty (C=np.inf, alpha=0), or pass refit=True"
)


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read of a model.

    Attributes
    ----------
    design : Design
        Columns without the intercept.
    outcome : Outcome or None
        Outcomes, where they were given.
    response : Response
        Response.
    intercept : bool
        Whether the model has an intercept.
    coef : ndarray of shape (n_columns, q) or None
        Coefficients, the intercept first; None to fit them anew.
    offset : ndarray of shape (n_rows, 1) or None
        Known part of the predictor.
    weight : ndarray of shape (n_rows,) or None
        Frequency weights of the model.
    woe : Design or None
        Weights of evidence of a scorecard, one column a feature.
    """

    design: Design
    outcome: Outcome | None
    response: Response
    intercept: bool
    coef: FloatArray | None
    offset: FloatArray | None = None
    weight: FloatArray | None = None
    woe: Design | None = None


def read_model(fitted: Any, X: Any, y: Any, *, refit: bool) -> Reading:
    """Read a fitted model.

    Parameters
    ----------
    fitted : object
        Results of statsmodels, a linear model of scikit-learn, a Pipeline that ends in
        one, or a fitted ScorecardClassifier.
    X : frame or array-like
        Rows of the fit; statsmodels keeps its own.
    y : array-like or None
        Outcomes.
    refit : bool
        Take the columns of a penalised model, not its coefficients.

    Returns
    -------
    Reading

    Raises
    ------
    InfostatError
        If the model is penalised (and not to be refitted), has another link than the
        canonical, probit or cloglog, or is none of these.
    """
    if all(hasattr(fitted, name) for name in ("bins_", "card_", "coef_", "encoding")):
        return _scorecard(fitted, X, y, refit=refit)
    if hasattr(fitted, "params") and hasattr(getattr(fitted, "model", None), "exog"):
        return _statsmodels(fitted, X, y, refit=refit)
    if hasattr(fitted, "steps"):
        for _, step in fitted.steps[:-1]:
            X = X if step in (None, "passthrough") else step.transform(X)
        return read_model(fitted.steps[-1][1], X, y, refit=refit)
    if hasattr(fitted, "best_estimator_"):
        return read_model(fitted.best_estimator_, X, y, refit=refit)
    if hasattr(fitted, "coef_") and hasattr(fitted, "intercept_"):
        return _scikit_learn(fitted, X, y, refit=refit)
    msg = (
        f"{type(fitted).__name__} is no fitted linear model: give results of "
        f"statsmodels, an unpenalised linear model of scikit-learn, a Pipeline that "
        f"ends in one, or a fitted ScorecardClassifier."
    )
    raise InfostatError(msg)


def _refuse(fitted: Any, why: str) -> None:
    msg = f"{type(fitted).__name__} {why}, but {REFIT}."
    raise InfostatError(msg)


def _scorecard(fitted: Any, X: Any, y: Any, *, refit: bool) -> Reading:
    """Bins as indicators, and the weights of evidence beside them."""
    if getattr(fitted, "estimator", None) is not None and not refit:
        _refuse(fitted, "was fitted by an estimator of the user's")
    if y is None:
        msg = "A scorecard is evaluated on the rows of its fit: pass X and y."
        raise InfostatError(msg)
    card = fitted.card_
    codes = card.codes(X)
    names = list(codes)
    labels = [fitted.bins_[name].labels for name in names]
    design = design_from_codes([codes[name] for name in names], names, labels)
    outcome = read_outcome(y, "binomial")
    woe = None
    if fitted.encoding == "woe":
        values = [np.nan_to_num(card.features[name].woe) for name in names]
        columns = [v[codes[n]] for v, n in zip(values, names, strict=True)]
        group = np.arange(len(names))
        woe = Design(np.stack(columns, axis=1), names, group, names)
    return Reading(
        design, outcome, outcome.response, intercept=True, coef=None, woe=woe
    )


def _scikit_learn(fitted: Any, X: Any, y: Any, *, refit: bool) -> Reading:
    parameters = fitted.get_params() if hasattr(fitted, "get_params") else {}
    penalty = _penalty(parameters)
    if penalty and not refit:
        _refuse(fitted, f"is penalised ({penalty})")
    if parameters.get("class_weight") is not None and not refit:
        _refuse(fitted, "weighs the classes, so its coefficients fit another law")
    dense = X.toarray() if hasattr(X, "toarray") else X
    design = read_design(dense)
    coef = np.atleast_2d(np.asarray(fitted.coef_, dtype=float))
    constant = np.broadcast_to(np.ravel(fitted.intercept_), (len(coef),))
    classes = getattr(fitted, "classes_", None)
    response: Response
    if classes is not None:
        response = Binomial() if len(classes) == 2 else Multinomial(len(classes) - 1)
        family = response.name
    else:
        family = "poisson" if "Poisson" in type(fitted).__name__ else "gaussian"
        response = Poisson() if family == "poisson" else Gaussian()
    if len(coef) > 1:  # softmax: differences from the first class
        coef, constant = coef[1:] - coef[:1], constant[1:] - constant[:1]
    intercept = bool(parameters.get("fit_intercept", True))
    full = np.column_stack([constant, coef]).T if intercept else coef.T
    outcome = None if y is None else read_outcome(y, family)
    return Reading(design, outcome, response, intercept, None if refit else full)


def _penalty(parameters: dict[str, Any]) -> str:
    """What penalises a model of scikit-learn, in words; empty where nothing does."""
    if parameters.get("penalty", "") is None:
        return ""
    if "C" in parameters and np.isfinite(parameters["C"]):
        return f"C={parameters['C']:g}"
    alpha = parameters.get("alpha", 0.0)
    if np.any(np.asarray(alpha) != 0.0):
        return f"alpha={alpha}"
    if "Cs" in parameters or "alphas" in parameters:
        return "a grid of penalties"
    return ""


_FAMILIES = {
    "Logit": "Binomial",
    "MNLogit": "Multinomial",
    "Poisson": "Poisson",
    "OLS": "Gaussian",
    "Probit": "Probit",
}
_LINKS = {("Binomial", "Logit"), ("Poisson", "Log"), ("Gaussian", "Identity")}


def _statsmodels(fitted: Any, X: Any, y: Any, *, refit: bool) -> Reading:
    model = fitted.model
    made = type(fitted).__name__ + type(getattr(fitted, "_results", fitted)).__name__
    if ("Regularized" in made or "L1" in made) and not refit:
        _refuse(fitted, "is penalised (fit_regularized)")
    if np.any(np.asarray(getattr(model, "var_weights", 1.0)) != 1.0):
        msg = "var_weights change the likelihood: fit with freq_weights or without."
        raise InfostatError(msg)
    exog = np.asarray(model.exog if X is None else X, dtype=float)
    coef = np.asarray(fitted.params, dtype=float).reshape(exog.shape[1], -1)
    response = _response(model, coef.shape[1])
    weight = np.asarray(getattr(model, "freq_weights", 1.0), dtype=float)
    used = weight if weight.ndim and (weight != 1.0).any() else None
    offset = None
    if isinstance(response, Binomial | BinaryLink | Poisson) and X is None:
        linear = np.asarray(fitted.predict(which="linear"), dtype=float)
        known_part = linear - exog @ coef[:, 0]
        offset = known_part[:, None] if np.abs(known_part).max() > 1e-9 else None
    family = "binomial" if isinstance(response, BinaryLink) else response.name
    outcome = read_outcome(model.endog if y is None else y, family)
    if isinstance(response, BinaryLink):
        outcome = replace(outcome, response=response)
    names = [str(name) for name in model.exog_names]
    constant = np.flatnonzero(np.ptp(exog, axis=0) == 0)[:1].tolist()
    rest = [k for k in range(len(names)) if k not in constant]
    if constant:
        coef = coef[[*constant, *rest]]
        coef[0] *= exog[0, constant[0]]
    chosen = [names[k] for k in rest]
    design = Design(exog[:, rest], chosen, np.arange(len(rest)), chosen)
    given = None if refit else coef
    return Reading(design, outcome, response, bool(constant), given, offset, used)


def _response(model: Any, q: int) -> Response:
    """Response of a model of statsmodels: canonical link, probit or cloglog."""
    kind, link = type(model).__name__, ""
    family = _FAMILIES.get(kind, kind)
    if kind == "GLM":
        family = type(model.family).__name__
        link = type(model.family.link).__name__
    responses: dict[str, Response] = {
        "Binomial": Binomial(),
        "Poisson": Poisson(),
        "Gaussian": Gaussian(),
        "Multinomial": Multinomial(q),
        "Probit": BinaryLink("probit"),
        "Binomial Probit": BinaryLink("probit"),
        "Binomial CLogLog": BinaryLink("cloglog"),
    }
    named = f"{family} {link}"
    if named in responses:
        return responses[named]
    if family not in responses or (link and (family, link) not in _LINKS):
        msg = (
            f"{kind} with family {named} is not known: use a canonical link (logit, log, "
            f"identity), or probit or cloglog for a binary outcome."
        )
        raise InfostatError(msg)
    return responses[family]
