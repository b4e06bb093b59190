"""What the criterion answers: figures, a verdict, and the reasons for it."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from infostat._frames import build_frame
from infostat._text import number_text

__all__ = ["PNResult", "Summary", "Verdict"]

Verdict = Literal["sufficient", "insufficient", "unreliable", "no_signal", "no_mle"]

READINGS = {
    "sufficient": "the sample is large enough for this model",
    "insufficient": "the sample is too small for this model",
    "unreliable": "no verdict: the expansion or the estimate cannot be trusted here",
    "no_signal": "the features carry no information that could be lost",
    "no_mle": "the maximum likelihood estimate does not exist on this sample",
}


class Summary(str):
    """Text that notebooks show as a table of fixed width."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


@dataclass(frozen=True)
class PNResult:
    """Answer of the p-n criterion; risks and information in nats an observation.

    Fields are None where they have no meaning: all figures of the risk without a
    maximum likelihood estimate, the relative ones for laws without features.

    Attributes
    ----------
    verdict : str
        "sufficient", "insufficient", "unreliable", "no_signal" or "no_mle".
    passed : bool
        Whether the verdict is "sufficient".
    reasons : tuple of str
        What the verdict rests on, and reservations.
    warnings : tuple of str
        What to mind beside the verdict.
    family, method, route : str
        Response or law, how the risk was obtained, how the cubic terms were.
    n : float
        Rows, or their total frequency.
    p : int
        Free parameters (rank of the design).
    p_eff, p_eff_se : float
        ``tr S``, what the parameters cost under the data's own scatter, with its
        standard error; equal to p where the model holds.
    effective_dimension, complexity : float
        Parameters that the data, not a normal prior of standard deviation
        ``prior_scale``, determine; redundancy of the mixture over that prior, in nats
        for the whole sample. Empty, sparse and collinear columns cost next to nothing
        in both, so they keep their sense where the count of p is ambiguous.
    a, c2, c2_se : float
        Coefficients of ``a/n + c2/n^2``; the error is that of random probes, or of the
        draws of a model.
    c2_terms : dict
        Pieces of c2.
    risk1, risk2, risk_pade : float
        Leading, two-term and Padé form; the last is None where ``n <= c2/a``.
    risk, risk_se : float
        The one asked for; the Monte-Carlo error is that of resampling.
    risk_band : tuple of float
        Two-term and Padé form, in increasing order.
    ratio : float
        ``c2 / (a n)``, the relative size of the correction.
    reliable : bool
        Whether the correction is at most 1/2 of the leading term and ``p/n`` at most
        0.2.
    threshold : float
        Largest risk allowed.
    bayes_error_lb, bayes_error_gaussian : float
        Bayes error that the risk guarantees, and the one of a normal log-ratio.
    mi_apparent, mi, mi_se : float
        Information of the features: mean gain in log-likelihood on the sample; less its
        optimism; standard error.
    gain : float
        Expected gain in log-likelihood on new rows over the model without features.
    share, share_gross, shrinkage : float
        Share of the information that estimation costs, net of what the model without
        features costs; the same not netted; expected calibration slope
        ``1 / (1 + share)``.
    n_required, n_required_relative : int
        Rows that meet the absolute and the relative limit.
    p_max : int
        Parameters that the sample bears under the absolute limit, leading term.
    assurance_quantile : float
        Quantile of the divergence at the assurance asked for.
    p_no_mle : float
        Chance that a sample like this one has no estimate.
    min_expected_events : float
        Rows of the rarer class in the sparsest bin.
    loglik, aic, tic, aic2, tic2 : float
        Log-likelihood, criteria, and their second-order forms; those of TIC need
        robust covariance.
    woe : PNResult or None
        For a scorecard on weights of evidence: the same data with one parameter a
        feature, the binning taken as given. The verdict rests on the bins.
    library : str or None
        Library of the frames given out.
    """

    verdict: Verdict
    n: float
    p: int
    family: str
    threshold: float
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    method: str = "asymptotic"
    route: str | None = None
    p_eff: float | None = None
    p_eff_se: float | None = None
    effective_dimension: float | None = None
    complexity: float | None = None
    a: float | None = None
    c2: float | None = None
    c2_se: float | None = None
    c2_terms: dict[str, float] = field(default_factory=dict)
    risk1: float | None = None
    risk2: float | None = None
    risk_pade: float | None = None
    risk: float | None = None
    risk_se: float | None = None
    risk_band: tuple[float, float] | None = None
    ratio: float | None = None
    reliable: bool = False
    bayes_error_lb: float | None = None
    bayes_error_gaussian: float | None = None
    mi_apparent: float | None = None
    mi: float | None = None
    mi_se: float | None = None
    gain: float | None = None
    share: float | None = None
    share_gross: float | None = None
    shrinkage: float | None = None
    n_required: int | None = None
    n_required_relative: int | None = None
    p_max: int | None = None
    assurance_quantile: float | None = None
    p_no_mle: float | None = None
    min_expected_events: float | None = None
    loglik: float | None = None
    aic: float | None = None
    tic: float | None = None
    aic2: float | None = None
    tic2: float | None = None
    woe: PNResult | None = None
    library: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the verdict is "sufficient"."""
        return self.verdict == "sufficient"

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain values, ready for JSON.

        Returns
        -------
        dict of str to object
            The fields but ``library``, and ``passed``.
        """
        out = asdict(self)
        out["woe"] = None if self.woe is None else self.woe.to_dict()
        for name in ("reasons", "warnings"):
            out[name] = list(out[name])
        if self.risk_band is not None:
            out["risk_band"] = list(self.risk_band)
        del out["library"]
        return {"passed": self.passed, **out}

    def to_frame(self, like: Any = None) -> Any:
        """Figures, one row each.

        Parameters
        ----------
        like : frame or str, optional
            Frame whose library to use, or its name; by default that of the data.

        Returns
        -------
        frame
            Columns ``quantity, value``, and ``value_woe`` for a scorecard on weights of
            evidence. A figure without meaning is missing.
        """
        results = [self] if self.woe is None else [self, self.woe]
        names = [
            f.name
            for f in fields(self)
            if any(_is_number(getattr(r, f.name)) for r in results)
        ]
        columns: dict[str, Any] = {"quantity": names}
        for title, result in zip(("value", "value_woe"), results, strict=False):
            columns[title] = [_number(getattr(result, name)) for name in names]
        return build_frame(columns, self.library if like is None else like)

    def summary(self) -> Summary:
        """Text for a terminal or a notebook.

        Returns
        -------
        Summary
            A str that notebooks show as a table of fixed width.
        """
        lines = [
            f"p-n criterion: {self.verdict.upper().replace('_', ' ')}",
            READINGS[self.verdict],
            "",
        ]
        for label, names in _ROWS:
            cells = [_cell(getattr(self, name)) for name in names]
            if any(cells):
                lines.append(f"  {label:<46}{'  '.join(c for c in cells if c)}")
        if self.woe is not None:
            risk = _cell(self.woe.risk)
            lines.append(
                f"  {'on weights of evidence: p, risk':<46}{self.woe.p}  {risk}"
            )
        for title, notes in (("because", self.reasons), ("mind", self.warnings)):
            lines.extend(f"  {title}: {note}" for note in notes)
        return Summary("\n".join(lines))


_ROWS = (
    ("rows n, parameters p", ("n", "p")),
    ("effective parameters tr S (standard error)", ("p_eff", "p_eff_se")),
    ("parameters the data determine, not a prior", ("effective_dimension",)),
    ("complexity under that prior, nats in all", ("complexity",)),
    ("estimation risk, nats an observation", ("risk", "risk_se")),
    ("leading, two terms, Padé", ("risk1", "risk2", "risk_pade")),
    ("correction / leading term", ("ratio",)),
    ("largest risk allowed", ("threshold",)),
    (
        "Bayes error: guaranteed, normal case",
        ("bayes_error_lb", "bayes_error_gaussian"),
    ),
    ("information of the features (standard error)", ("mi", "mi_se")),
    ("share of it lost to estimation", ("share",)),
    ("expected calibration slope", ("shrinkage",)),
    ("expected gain on new rows", ("gain",)),
    ("rows required: absolute, relative", ("n_required", "n_required_relative")),
    ("parameters that n rows bear", ("p_max",)),
    ("chance of no estimate in such a sample", ("p_no_mle",)),
    ("fewest rows of a class in a bin", ("min_expected_events",)),
    ("AIC, second order", ("aic", "aic2")),
    ("TIC, second order", ("tic", "tic2")),
)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> float | None:
    return float(value) if _is_number(value) else None


def _cell(value: Any) -> str:
    """Short text; small risks keep four significant digits."""
    if value is None:
        return ""
    if isinstance(value, float) and 1e-5 < abs(value) < 0.1:
        return f"{value:.4g}"
    return number_text(value)
