"""From an expansion to an answer: the risk, the limits, and what may be concluded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat.samplesize.expansion import Expansion, Order, estimation_risk
from infostat.samplesize.requirement import Requirement
from infostat.samplesize.result import PNResult, Verdict
from infostat.samplesize.threshold import bayes_error_bound

__all__ = ["Evidence", "conclude", "without_estimate"]

FloatArray = npt.NDArray[np.float64]

LARGE_CORRECTION = 0.5
NOTED_CORRECTION = 0.25
LARGEST_P_OVER_N = 0.2
LARGEST_NO_MLE = 0.05


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of a fit when the verdict is formed.

    Attributes
    ----------
    expansion : Expansion
        Coefficients of the risk.
    n : float
        Rows.
    spectrum : ndarray of shape (p,)
        Eigenvalues of the whitened covariance that the risk rests on.
    trace, trace_se : float
        ``tr S`` by the data, and its standard error.
    resampled : float or None
        Risk by resampling, which then takes the place of the expansion's.
    mi, null : float or None
        Information of the features; leading coefficient of the model without them.
    p_no_mle : float or None
        Chance that a sample like this has no estimate.
    facts : dict
        Further fields of the result.
    """

    expansion: Expansion
    n: float
    spectrum: FloatArray
    trace: float
    trace_se: float
    resampled: float | None = None
    mi: float | None = None
    null: float = 0.0
    p_no_mle: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def without_estimate(requirement: Requirement, reason: str, **facts: Any) -> PNResult:
    """Answer where no maximum likelihood estimate exists: no figure of the risk."""
    return PNResult(
        verdict="no_mle", reasons=(reason,), threshold=requirement.threshold, **facts
    )


def conclude(evidence: Evidence, requirement: Requirement, order: Order) -> PNResult:
    """Form the answer.

    Parameters
    ----------
    evidence : Evidence
        What is known.
    requirement : Requirement
        What is asked.
    order : {"pade", 2, 1}
        Form of the risk.

    Returns
    -------
    PNResult

    Raises
    ------
    InfostatError
        If the order is unknown.
    """
    e, n = evidence.expansion, evidence.n
    risk1, risk2 = e.risk(n, 1), e.risk(n, 2)
    pade = estimation_risk(e.a, e.c2, n)
    risk_pade = pade if np.isfinite(pade) else None
    asked = e.risk(n, order)
    by_order = asked if np.isfinite(asked) else None
    risk = by_order if evidence.resampled is None else evidence.resampled
    ratio = e.c2 / (e.a * n)
    ends = (risk2, risk2 if risk_pade is None else risk_pade)
    band = (min(ends), max(ends))
    factor = requirement.factor(evidence.spectrum)
    figures: dict[str, Any] = {
        "n": n,
        "p": e.p,
        "p_eff": evidence.trace,
        "p_eff_se": evidence.trace_se,
        "a": e.a,
        "c2": e.c2,
        "c2_terms": dict(e.terms),
        "risk1": risk1,
        "risk2": risk2,
        "risk_pade": risk_pade,
        "risk": risk,
        "risk_band": band,
        "ratio": ratio,
        "threshold": requirement.threshold,
        "n_required": requirement.absolute_n(e, factor, order),
        "p_max": int(2.0 * n * requirement.threshold / factor * e.p / (2.0 * e.a)),
        "p_no_mle": evidence.p_no_mle,
    }
    figures |= _bayes_errors(requirement, risk, factor)
    figures |= _relative(evidence, requirement, risk, factor, order)
    doubts = _doubts(evidence, ratio)
    highest = risk
    if (
        evidence.resampled is None
        and abs(ratio) > NOTED_CORRECTION
        and risk is not None
    ):
        highest = max(risk, band[1])
    verdict, reasons = _verdict(
        figures, requirement, doubts, factor=factor, highest=highest
    )
    figures |= evidence.facts
    figures["warnings"] = (*_cautions(evidence, ratio), *figures.get("warnings", ()))
    reliable = abs(ratio) <= LARGE_CORRECTION and e.p <= LARGEST_P_OVER_N * n
    return PNResult(verdict=verdict, reasons=reasons, reliable=reliable, **figures)


def _bayes_errors(
    requirement: Requirement, risk: float | None, factor: float
) -> dict[str, float]:
    """Bayes errors that the risk stands for, and its assured quantile."""
    if risk is None:
        return {}
    positive = max(risk, 0.0)
    out = {
        "bayes_error_lb": bayes_error_bound(positive, requirement.bound),
        "bayes_error_gaussian": bayes_error_bound(positive, "gaussian"),
    }
    if requirement.assurance is not None:
        out["assurance_quantile"] = factor * positive
    return out


def _relative(
    evidence: Evidence,
    requirement: Requirement,
    risk: float | None,
    factor: float,
    order: Order,
) -> dict[str, Any]:
    """Share of the information that estimation costs."""
    mi = evidence.mi
    if mi is None or risk is None:
        return {}
    net = risk - evidence.null / evidence.n
    out: dict[str, Any] = {"gain": mi - net}
    if mi > 0.0:
        share = max(0.0, net / mi)
        out |= {
            "share": share,
            "share_gross": risk / mi,
            "shrinkage": 1.0 / (1.0 + share),
            "n_required_relative": requirement.relative_n(
                evidence.expansion, evidence.null, mi, factor, order
            ),
        }
    return out


def _doubts(evidence: Evidence, ratio: float) -> list[str]:
    """Whatever forbids a bare pass."""
    out = []
    p, n = evidence.expansion.p, evidence.n
    if evidence.resampled is None and abs(ratio) > LARGE_CORRECTION:
        out.append(
            f"the second-order term is {ratio:.2f} times the leading one (limit "
            f"{LARGE_CORRECTION}), so the expansion does not hold: use "
            f"method='bootstrap', or fewer parameters"
        )
    if p > LARGEST_P_OVER_N * n:
        out.append(
            f"p/n = {p / n:.2f} is above {LARGEST_P_OVER_N}, where neither expansion "
            f"nor resampling is accurate: use fewer parameters"
        )
    if evidence.p_no_mle is not None and evidence.p_no_mle > LARGEST_NO_MLE:
        out.append(
            f"in {100 * evidence.p_no_mle:.0f} % of such samples the estimate does not "
            f"exist: merge or drop sparse levels first"
        )
    return out


def _verdict(
    figures: dict[str, Any],
    requirement: Requirement,
    doubts: list[str],
    *,
    factor: float,
    highest: float | None,
) -> tuple[Verdict, tuple[str, ...]]:
    """Verdict and reasons; doubts turn a pass into no verdict, never a failure."""
    limit = requirement.threshold
    failures = []
    # The leading term is below the risk where the correction is positive.
    least = figures["risk1"] if doubts else highest
    if least is not None and least * factor > limit:
        failures.append(
            f"risk {least * factor:.4g} is above the {limit:.4g} allowed; "
            f"{figures['n_required']} rows would do"
        )
    asked = requirement.max_share
    share = figures.get("share")
    if asked is not None and share is not None and share * factor > asked:
        failures.append(
            f"estimation costs {share * factor:.2f} of the features' information, "
            f"above the {asked:.3g} allowed; {figures['n_required_relative']} rows "
            f"would do"
        )
    if failures:
        return "insufficient", (*failures, *doubts)
    if asked is not None and share is None and figures.get("gain") is not None:
        reason = (
            "the information of the features, less its optimism, is not positive, so "
            "no share of it can be kept: find better features"
        )
        return "no_signal", (reason, *doubts)
    if doubts:
        return "unreliable", tuple(doubts)
    return "sufficient", (f"risk {highest:.4g} is within the {limit:.4g} allowed",)


def _cautions(evidence: Evidence, ratio: float) -> list[str]:
    """What to mind beside the verdict."""
    out = []
    e = evidence.expansion
    if NOTED_CORRECTION < abs(ratio) <= LARGE_CORRECTION:
        out.append(
            f"the second-order term is {ratio:.2f} times the leading one: read the band "
            f"from two terms to Padé; the verdict rests on its upper end"
        )
    if evidence.trace_se > 0 and abs(evidence.trace - e.p) > 2.0 * evidence.trace_se:
        out.append(
            f"tr S = {evidence.trace:.4g} differs from p = {e.p} by more than two "
            f"standard errors ({evidence.trace_se:.2g}): the model is misspecified or "
            f"has outliers; read the risk with cov='robust'"
        )
    if evidence.mi is not None and evidence.mi <= 0.0:
        out.append(
            "the information of the features, less its optimism, is not positive: the "
            "share lost is undefined"
        )
    return out
