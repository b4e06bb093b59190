"""One assessment of a generalised linear model: fit, existence, risk, answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.exceptions import InfostatError
from infostat.samplesize.existence import separation, zero_cell_probability
from infostat.samplesize.glm import GLMExpansion, GLMOptions, glm_expansion
from infostat.samplesize.likelihood import GLMFit, fit_glm, independent_columns
from infostat.samplesize.links import implied_second_order
from infostat.samplesize.mixture import prior_facts
from infostat.samplesize.outcomes import Outcome
from infostat.samplesize.problem import Problem, Settings
from infostat.samplesize.resample import bootstrap_glm
from infostat.samplesize.responses import Gaussian, Response
from infostat.samplesize.result import PNResult
from infostat.samplesize.verdict import Evidence, conclude, without_estimate

__all__ = ["Assessment", "assess"]

FloatArray = npt.NDArray[np.float64]

LARGEST_PROGRAMME = 20_000_000
"""Numbers in the design up to which the separation programme is solved."""


@dataclass(frozen=True, eq=False)
class Assessment:
    """An answer with the fit behind it.

    Attributes
    ----------
    result : PNResult
        Answer.
    fit : GLMFit or None
        Fit; None where the estimate does not exist.
    kept : ndarray of int
        Columns of ``[1, matrix]`` (or of the matrix) in use.
    evidence : Evidence or None
        What the answer rests on.
    """

    result: PNResult
    fit: GLMFit | None
    kept: npt.NDArray[np.intp]
    evidence: Evidence | None = None


def assess(
    problem: Problem,
    settings: Settings,
    *,
    fit: GLMFit | None = None,
    rng: int | np.random.Generator | None = None,
    library: str | None = None,
) -> Assessment:
    """Assess a sample for a model.

    Parameters
    ----------
    problem : Problem
        Data.
    settings : Settings
        Choices.
    fit : GLMFit, optional
        A fit made elsewhere on the kept columns; fitted here by default.
    rng : int or Generator, optional
        Source of randomness of probes and resamples.
    library : str, optional
        Library of result frames.

    Returns
    -------
    Assessment
    """
    generator = np.random.default_rng(rng)
    columns, mass = problem.columns(), problem.mass()
    kept = independent_columns(columns, mass)
    dropped = columns.shape[1] - len(kept)
    if dropped:
        columns = columns[:, kept]
    notes = _rank_note(dropped, columns.shape[1])
    facts: dict[str, Any] = {"library": library, "warnings": notes}
    facts |= _cells(problem)
    lacking = facts.pop("lacking", [])
    if fit is None:
        outcome = problem.outcome
        if outcome is None:
            msg = "A fit needs outcomes, but y is None: pass y."
            raise InfostatError(msg)
        facts["family"] = outcome.response.name
        size = columns.shape[1] * outcome.response.q
        fit = None
        reason = (
            f"{size} parameters for {problem.n:g} rows leave nothing to estimate from: "
            f"use fewer parameters"
        )
        if size < problem.n:
            fit, reason = _fitted(problem, columns, mass, settings)
        if fit is None:
            facts["p_no_mle"] = 1.0
            if lacking:
                reason += f"; levels that lack a class: {', '.join(lacking[:5])}"
            result = without_estimate(
                settings.requirement, reason, n=problem.n, p=size, **facts
            )
            return Assessment(result, None, kept)
    facts["family"] = fit.response.name
    evidence = _evidence(problem, settings, fit, kept, facts, generator)
    result = conclude(evidence, settings.requirement, settings.order)
    return Assessment(result, fit, kept, evidence)


def _rank_note(dropped: int, left: int) -> tuple[str, ...]:
    if not dropped:
        return ()
    note = (
        f"{dropped} columns are constant or combinations of others and were left out: "
        f"p counts the {left} that remain (drop a reference level to avoid this)"
    )
    return (note,)


def _fitted(
    problem: Problem, columns: FloatArray, mass: FloatArray, settings: Settings
) -> tuple[GLMFit | None, str]:
    """Certified fit, or the reason why there is none."""
    assert problem.outcome is not None  # noqa: S101 - checked by the caller
    response, y = problem.outcome.response, problem.outcome.y
    if isinstance(response, Gaussian):
        return _gaussian_fit(problem, columns, mass)
    fit = fit_glm(columns, y, response, mass, problem.n, offset=problem.offset)
    if fit.exists:
        return fit, ""
    reason = (
        "Newton's method finds no maximum of the likelihood; the classes are probably "
        "separated: merge or drop levels, or use fewer parameters"
    )
    if settings.check_existence and columns.size * response.q <= LARGEST_PROGRAMME:
        found = separation(columns, y, response)
        if not found.separated:
            msg = (
                "The likelihood has a maximum, but Newton's method did not reach it: "
                "rescale the columns (standardise them) or remove outlying rows."
            )
            raise InfostatError(msg)
        reason = (
            f"a combination of columns predicts {found.n_rows} rows perfectly "
            f"(separation), so the likelihood grows for ever: merge or drop levels, or "
            f"use fewer parameters"
        )
    return None, reason


def _gaussian_fit(
    problem: Problem, columns: FloatArray, mass: FloatArray
) -> tuple[GLMFit | None, str]:
    """Least squares, with the variance estimated without bias and then taken as known."""
    assert problem.outcome is not None  # noqa: S101 - checked by the caller
    y = problem.outcome.y
    unit = fit_glm(columns, y, Gaussian(), mass, problem.n, offset=problem.offset)
    square = float(mass @ (y - unit.eta)[:, 0] ** 2)
    variance = square * problem.n / (problem.n - unit.p)
    if unit.lower is None or variance <= 1e-20 * float(mass @ y[:, 0] ** 2):
        return None, (
            "the columns fit the outcome without error, so its variance has no "
            "estimate: remove columns that are made from the outcome"
        )
    lower = unit.lower / np.sqrt(variance)
    return replace(unit, response=Gaussian(variance), lower=lower), ""


def scaled(outcome: Outcome, response: Response) -> FloatArray:
    """Outcomes in the scale of the response's mean."""
    if isinstance(response, Gaussian):
        return outcome.y / response.variance
    return outcome.y


def _evidence(
    problem: Problem,
    settings: Settings,
    fit: GLMFit,
    kept: npt.NDArray[np.intp],
    facts: dict[str, Any],
    rng: np.random.Generator,
) -> Evidence:
    """Risk and information of a fit whose maximum exists."""
    outcome = problem.outcome
    y = None if outcome is None else scaled(outcome, fit.response)
    indicators = problem.design.indicators(kept) if problem.intercept else None
    scale = fit.mass * len(fit.mass) if problem.sampling else None
    found = glm_expansion(
        fit, y, settings.options, indicators=indicators, scale=scale, rng=rng
    )
    facts |= {"route": found.route, "c2_se": found.c2_se}
    no_mle = facts.pop("p_no_mle", None)
    resampled, lost = _resampled(problem, settings, fit, y, facts, rng)
    if lost is not None:
        no_mle = max(lost, 0.0 if no_mle is None else no_mle)
    expansion = found.expansion
    if not fit.response.canonical and resampled is not None:
        expansion = implied_second_order(expansion, fit.n, resampled)
        facts["c2_se"] = facts["risk_se"] * (expansion.a / resampled) ** 2
    robust = settings.options.cov == "robust"
    facts |= _criteria(fit, y, found, robust=robust)
    facts |= prior_facts(fit, settings.prior_scale, intercept=problem.intercept)
    null, mi, mi_facts = _information(problem, fit, y, found, robust=robust)
    spectrum = np.ones(fit.p)
    if robust and found.squares is not None:
        spectrum = np.maximum(np.linalg.eigvalsh(found.squares), 0.0)
    return Evidence(
        expansion=expansion,
        n=fit.n,
        spectrum=spectrum,
        trace=found.trace,
        trace_se=found.trace_se,
        resampled=resampled,
        mi=mi,
        null=null,
        p_no_mle=no_mle,
        facts={**facts, **mi_facts},
    )


def _resampled(
    problem: Problem,
    settings: Settings,
    fit: GLMFit,
    y: FloatArray | None,
    facts: dict[str, Any],
    rng: np.random.Generator,
) -> tuple[float | None, float | None]:
    """Risk by resampling and the share without an estimate, where it is asked for.

    Without the canonical link it always is. Method, error and notes go into ``facts``.
    """
    method = settings.method
    if not fit.response.canonical:
        if method == "asymptotic":
            robust = settings.options.cov == "robust"
            method = "bootstrap" if robust else "parametric-bootstrap"
        note = (
            f"{fit.response.name}: without the canonical link only the leading term is "
            f"in closed form; the rest is that of {settings.n_resamples} resamples "
            f"(n_resamples), and rows required hold it constant"
        )
        facts["warnings"] += (note,)
    facts["method"] = method
    if method == "asymptotic":
        return None, None
    boot = bootstrap_glm(
        fit,
        y,
        parametric=method == "parametric-bootstrap",
        fixed=settings.options.design == "fixed",
        offset=problem.offset,
        n_resamples=settings.n_resamples,
        rng=rng,
    )
    facts["risk_se"] = boot.se
    if boot.risk is None:
        facts["method"] = "asymptotic"
        note = (
            "fewer than two resamples have an estimate, so the risk shown is that of "
            "the expansion: merge or drop sparse levels"
        )
        facts["warnings"] += (note,)
    return boot.risk, boot.no_mle


def _criteria(
    fit: GLMFit, y: FloatArray | None, found: GLMExpansion, *, robust: bool
) -> dict[str, Any]:
    """Information criteria of the fit, in-sample, with their second order."""
    if y is None:
        return {}
    kernel = fit.response.kernel(y, fit.eta) + fit.response.carrier(y)
    loglik = fit.n * float(fit.mass @ kernel)
    terms, p, n = found.expansion.terms, fit.p, fit.n
    out: dict[str, Any] = {
        "loglik": loglik,
        "aic": -2.0 * loglik + 2.0 * p,
        "tic": -2.0 * loglik + 2.0 * found.trace,
    }
    # The pieces of c2 carry the weights 5/12 (or 1/3) and 3/8 of the expansion.
    if "T2" in terms:
        o2 = 0.5 * (terms["T2"] * 12 / 5 + (terms["t2"] + terms["q"]) / 0.375)
        out["aic2"] = -2.0 * loglik + 2.0 * (p + o2 / n)
    elif robust and "cubic" in terms:
        paired = terms["mean_square"] + terms["cross"] + terms["quartic"]
        o2 = 0.5 * (3.0 * terms["cubic"] + paired / 0.375)
        out["tic2"] = -2.0 * loglik + 2.0 * (found.trace + o2 / n)
    return out


def _information(
    problem: Problem,
    fit: GLMFit,
    y: FloatArray | None,
    found: GLMExpansion,
    *,
    robust: bool,
) -> tuple[float, float, dict[str, Any]]:
    """Null coefficient, information less its optimism, and the fields for the result."""
    response, q = fit.response, fit.response.q
    outcome = response.mean(fit.eta) if y is None else y
    ones = np.ones((len(fit.eta), 1 if problem.intercept else 0))
    base = np.zeros_like(fit.eta) if problem.offset is None else problem.offset
    eta0, trace0 = base, 0.0
    if problem.intercept:
        simple = fit_glm(
            ones, outcome, response, fit.mass, fit.n, offset=problem.offset
        )
        eta0, trace0 = simple.eta, float(q)
        if robust and y is not None:
            trace0 = glm_expansion(simple, y, GLMOptions(route="tensor")).trace
    gain = response.kernel(outcome, fit.eta) - response.kernel(outcome, eta0)
    apparent = float(fit.mass @ gain)
    full = found.trace if robust else float(fit.p)
    optimism = 0.5 * (full - trace0) / fit.n
    if not robust:
        optimism += found.bartlett / (24.0 * fit.n**2)
    facts: dict[str, Any] = {"mi_apparent": apparent, "mi": apparent - optimism}
    if y is not None:
        facts["mi_se"] = float(np.sqrt(fit.mass @ (gain - apparent) ** 2 / fit.n))
    return 0.5 * trace0, apparent - optimism, facts


def _cells(problem: Problem) -> dict[str, Any]:
    """Chance of an empty cell, and the smallest cell, of the indicator groups."""
    outcome, design = problem.outcome, problem.design
    classes = None if outcome is None else outcome.class_codes()
    if classes is None:
        return {}
    weight = None if problem.sampling else problem.weight
    n_classes = int(classes.max()) + 1
    parts, lacking = [], []
    for g in range(len(design.group_names)):
        code = design.codes.get(g)
        members = design.matrix[:, design.group == g]
        if code is None and members.shape[1] == 1 and np.isin(members, (0, 1)).all():
            code = members[:, 0].astype(np.intp)
        if code is None:
            continue
        cell = np.bincount(code * n_classes + classes, weights=weight)
        table = np.zeros((int(code.max()) + 1) * n_classes)
        table[: len(cell)] = cell
        rows = table.reshape(-1, n_classes)
        filled = rows.sum(axis=1) > 0
        parts.append(rows[filled])
        names = design.labels.get(g, ["0", "1"])
        bare = np.flatnonzero(filled & (rows == 0).any(axis=1)).tolist()
        lacking += [f"{design.group_names[g]} {names[k]!r}" for k in bare]
    if not parts:
        return {}
    counts = np.concatenate(parts)
    return {
        "p_no_mle": zero_cell_probability(counts, problem.n),
        "min_expected_events": float(counts.min()),
        "lacking": lacking,
    }
