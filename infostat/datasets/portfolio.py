"""The figures of the generated portfolio: segments, predictors, points, treatment.

Nothing here is estimated from data. The figures were chosen so that information values
run from weak to strong (about 0.02 to 0.6 nats with five bins), predictors are
correlated through the segments, and the treatment's naive contrast has the wrong sign.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from infostat.datasets.laws import CategoricalLaw, NumericLaw, PerSegment

__all__ = ["FULL_PORTFOLIO", "PAPER_PORTFOLIO", "Portfolio"]

NO_RECORD = -999.0
NEVER = -998.0

SEGMENTS = (
    "prime owner",
    "prime renter",
    "settled family",
    "young professional",
    "retired",
    "stretched owner",
    "revolver",
    "past troubles",
    "distressed",
    "no bureau record",
)
# The last segment has no bureau record at all: its code falls in all five bureau
# columns at once, as it does in practice, while predictors stay independent given
# the segment.
_UNRECORDED: PerSegment = (0.0,) * 9 + (1.0,)
_CODE = "-999 = no bureau record"

_MORTGAGE = NumericLaw(
    name="mortgage",
    description="Mortgage outstanding, in currency units; 0 = none.",
    link="log",
    location=(12.2, 11.5, 11.9, 11.8, 10.8, 12.4, 11.5, 11.2, 11.4, 11.3),
    spread=0.5,
    zero=(0.05, 0.95, 0.15, 0.70, 0.50, 0.03, 0.60, 0.75, 0.70, 0.85),
    edges=(0, 100_000, 250_000),
    points=(1, 0, 0, 4),
)
_BALANCE = NumericLaw(
    name="balance",
    description="Revolving balance, in currency units; may be missing.",
    link="log",
    location=(8.0, 7.4, 8.2, 7.9, 6.9, 9.2, 9.4, 8.3, 9.3, 7.5),
    spread=0.7,
    missing=(0.02, 0.02, 0.02, 0.03, 0.04, 0.03, 0.05, 0.08, 0.10, 0.12),
    missing_points=6,
    edges=(1_000, 5_000, 15_000),
    points=(0, 2, 5, 8),
    drift=0.5,
)
_PAST_DUE = NumericLaw(
    name="amount_past_due",
    description=f"Amount past due today, in currency units; 0 = none, {_CODE}.",
    link="log",
    location=(4.5, 4.5, 5.0, 5.0, 4.8, 5.8, 6.0, 6.3, 7.0, 5.0),
    spread=0.9,
    zero=(0.98, 0.96, 0.93, 0.92, 0.97, 0.82, 0.70, 0.45, 0.20, 0.90),
    codes={NO_RECORD: _UNRECORDED},
    code_points={NO_RECORD: 2},
    edges=(0, 200, 1_000),
    points=(0, 12, 20, 28),
)
_UTILISATION = NumericLaw(
    name="utilisation",
    description=(
        f"Revolving balance in percent of the limit, 0 to 120; {_CODE}; "
        "missing = no revolving limit."
    ),
    link="logit",
    scale=120.0,
    location=(-2.0, -1.6, -0.9, -0.6, -2.2, 0.2, 0.9, 0.1, 1.3, -0.5),
    spread=0.7,
    missing=(0.03, 0.05, 0.04, 0.05, 0.08, 0.02, 0.01, 0.06, 0.05, 0.0),
    missing_points=10,
    codes={NO_RECORD: _UNRECORDED},
    code_points={NO_RECORD: 14},
    edges=(20, 50, 80),
    points=(0, 7, 15, 24),
    drift=0.5,
)
_DELINQUENCY = NumericLaw(
    name="months_since_delinquency",
    description=(f"Months since the last delinquency, 0 to 84; -998 = never, {_CODE}."),
    link="logit",
    scale=84.0,
    location=(1.2, 1.0, 0.8, 0.5, 1.0, 0.2, 0.0, -1.0, -1.6, 0.3),
    spread=0.8,
    codes={
        NO_RECORD: _UNRECORDED,
        NEVER: (0.92, 0.88, 0.80, 0.78, 0.90, 0.62, 0.50, 0.12, 0.05, 0.0),
    },
    code_points={NO_RECORD: 4, NEVER: 0},
    edges=(12, 36),
    points=(14, 8, 3),
)
_INQUIRIES = NumericLaw(
    name="inquiries",
    description=f"Credit inquiries in the last six months, a count; {_CODE}.",
    link="poisson",
    location=(-0.9, -0.5, -0.2, 0.4, -1.6, 0.5, 0.9, 0.6, 1.1, 0.0),
    codes={NO_RECORD: _UNRECORDED},
    code_points={NO_RECORD: 3},
    edges=(0, 2, 4),
    points=(0, 4, 9, 14),
    drift=0.35,
)
_TRADES = NumericLaw(
    name="open_trades",
    description=f"Open credit lines, a count; {_CODE}.",
    link="poisson",
    location=(2.1, 1.6, 2.2, 1.8, 1.6, 2.3, 2.4, 1.9, 2.2, 0.7),
    codes={NO_RECORD: _UNRECORDED},
    code_points={NO_RECORD: 4},
    edges=(2, 6, 12),
    points=(5, 1, 0, 4),
)
_EMPLOYMENT = CategoricalLaw(
    name="employment",
    description=(
        "Employment: salaried, self_employed, part_time, retired, student; "
        "may be missing."
    ),
    levels=("salaried", "self_employed", "part_time", "retired", "student"),
    share=(
        (0.75, 0.18, 0.04, 0.03, 0.00),
        (0.80, 0.10, 0.06, 0.02, 0.02),
        (0.72, 0.14, 0.10, 0.03, 0.01),
        (0.70, 0.10, 0.10, 0.00, 0.10),
        (0.05, 0.05, 0.10, 0.80, 0.00),
        (0.62, 0.26, 0.09, 0.03, 0.00),
        (0.60, 0.14, 0.18, 0.04, 0.04),
        (0.52, 0.16, 0.24, 0.05, 0.03),
        (0.40, 0.20, 0.30, 0.06, 0.04),
        (0.30, 0.10, 0.25, 0.05, 0.30),
    ),
    points=(0, 4, 9, 1, 6),
    missing=(0.005, 0.01, 0.01, 0.01, 0.02, 0.01, 0.02, 0.04, 0.06, 0.05),
    missing_points=6,
)
_PURPOSE = CategoricalLaw(
    name="purpose",
    description=(
        "Purpose of the loan: car, home, debt, medical, holiday, and the rare boat."
    ),
    levels=("car", "home", "debt", "medical", "holiday", "boat"),
    share=(
        (0.350, 0.450, 0.080, 0.050, 0.060, 0.010),
        (0.470, 0.150, 0.120, 0.080, 0.174, 0.006),
        (0.380, 0.350, 0.130, 0.080, 0.056, 0.004),
        (0.420, 0.150, 0.160, 0.060, 0.207, 0.003),
        (0.260, 0.380, 0.090, 0.210, 0.056, 0.004),
        (0.250, 0.280, 0.330, 0.080, 0.058, 0.002),
        (0.220, 0.080, 0.520, 0.100, 0.080, 0.000),
        (0.280, 0.080, 0.420, 0.160, 0.060, 0.000),
        (0.160, 0.060, 0.540, 0.200, 0.040, 0.000),
        (0.480, 0.060, 0.120, 0.120, 0.220, 0.000),
    ),
    points=(0, 1, 7, 6, 4, 10),
    missing=(0.0,) * 10,
)


@dataclass(frozen=True)
class Portfolio:
    """A law of applicants.

    Attributes
    ----------
    features : tuple
        Laws of the predictors, independent given the segment.
    segment_share : tuple of float
        Shares of the latent segments.
    group_share : tuple of float
        Share of group "B" by segment; the group has no effect of its own.
    point : float
        Log-odds of default per point.
    confounder_share : float
        Share of rows with the hidden confounder (undisclosed savings).
    confounder_points, treatment_points : int
        Effects on the log-odds of default, in points.
    treatment_share : float
        Share of rows with a credit-line increase.
    propensity_slope, propensity_confounder : float
        Effects on the log-odds of the treatment: per unit of the predictors' log-odds
        of default, and of the confounder.
    """

    features: tuple[NumericLaw | CategoricalLaw, ...]
    segment_share: tuple[float, ...] = (
        *(0.16, 0.12, 0.15, 0.13, 0.08),
        *(0.12, 0.10, 0.06, 0.04, 0.04),
    )
    # Chosen so that group B is 30 % of all applicants.
    group_share: tuple[float, ...] = (
        *(0.15, 0.25, 0.25, 0.25, 0.175),
        *(0.30, 0.45, 0.55, 0.60, 0.60),
    )
    point: float = 0.05
    confounder_share: float = 0.35
    confounder_points: int = -20
    treatment_points: int = 8
    treatment_share: float = 0.40
    propensity_slope: float = -0.5
    propensity_confounder: float = 1.2


FULL_PORTFOLIO = Portfolio(
    (
        *(_MORTGAGE, _BALANCE, _PAST_DUE, _UTILISATION, _DELINQUENCY),
        *(_INQUIRIES, _TRADES, _EMPLOYMENT, _PURPOSE),
    )
)


def _without_exceptions(law: NumericLaw) -> NumericLaw:
    """Return the law of a numeric predictor without missing values and codes."""
    what, _, _ = law.description.partition(";")
    return replace(law, description=f"{what.rstrip('.')}.", missing=(), codes={})


PAPER_PORTFOLIO = Portfolio(
    tuple(
        _without_exceptions(law)
        for law in FULL_PORTFOLIO.features
        if isinstance(law, NumericLaw)
    ),
    confounder_points=0,
    treatment_points=0,
)
