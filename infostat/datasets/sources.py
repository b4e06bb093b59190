"""What is known about each public data set: one entry a set, read by the loaders."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SOURCES", "OpenML", "Source"]


@dataclass(frozen=True)
class OpenML:
    """A copy on openml.org.

    Attributes
    ----------
    name : str
        Name there.
    version : int
        Version there.
    columns : tuple of str
        Our names for its columns, in its order.
    missing : str or None
        Text that the original has where the copy has a missing category.
    """

    name: str
    version: int
    columns: tuple[str, ...]
    missing: str | None = None


@dataclass(frozen=True)
class Source:
    """Roles of the columns of a data set, and where it comes from.

    Attributes
    ----------
    target : str
        Name of the target.
    event : str, int or None
        Label of the event; None where the target is a number.
    protected : tuple of str
        Protected attributes.
    leaks : tuple of str
        Columns known only after, or because of, the outcome.
    keys : tuple of str
        Identifiers, dates, weights and splits: neither predictors nor leaks.
    description, source : str
        What a row is and which traps there are; citation and licence.
    text : tuple of str
        Codes written in digits that are to stay text.
    treatment, date : str or None
        Names of the treatment and of the date.
    adjust_for_protected : bool
        Whether protected attributes count as features, as covariates of a causal
        analysis do.
    openml : OpenML or None
        A copy that can be downloaded.
    """

    target: str
    event: str | int | None
    description: str
    source: str
    protected: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    treatment: str | None = None
    date: str | None = None
    adjust_for_protected: bool = False
    openml: OpenML | None = None


_GERMAN = Source(
    target="creditability",
    event="bad",
    protected=("personal_status_and_sex", "age_in_years", "foreign_worker"),
    description=(
        "1,000 loans of a German bank, 300 bad. 'none' is a category, not a missing "
        "value; some code tables of this release are disputed, so category names are "
        "labels, not ground truth. The copy on OpenML has shorter category names."
    ),
    source="UCI, Statlog German credit, H. Hofmann 1994; CC BY 4.0; 10.24432/C5NC77.",
    openml=OpenML(
        "credit-g",
        1,
        (
            "status_of_existing_checking_account",
            "duration_in_month",
            "credit_history",
            "purpose",
            "credit_amount",
            "savings_account_and_bonds",
            "present_employment_since",
            "installment_rate_in_percentage_of_disposable_income",
            "personal_status_and_sex",
            "other_debtors_or_guarantors",
            "present_residence_since",
            "property",
            "age_in_years",
            "other_installment_plans",
            "housing",
            "number_of_existing_credits_at_this_bank",
            "job",
            "number_of_people_being_liable_to_provide_maintenance_for",
            "telephone",
            "foreign_worker",
        ),
    ),
)
_MONTHS = (0, 2, 3, 4, 5, 6)
_TAIWAN = Source(
    target="default_next_month",
    event=1,
    protected=("SEX", "MARRIAGE", "AGE"),
    keys=("ID",),
    description=(
        "30,000 credit-card clients in Taiwan, April to September 2005. PAY_* are "
        "codes of repayment (-2 no consumption, -1 paid in full, 0 revolving, k = k "
        "months late); 35 rows repeat others apart from ID. The copy on OpenML lacks "
        "the ID."
    ),
    source="UCI, I-C. Yeh 2009; CC BY 4.0; 10.24432/C55S3H.",
    openml=OpenML(
        "default-of-credit-card-clients",
        1,
        (
            *("LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"),
            *(f"PAY_{month}" for month in _MONTHS),
            *(f"BILL_AMT{month}" for month in range(1, 7)),
            *(f"PAY_AMT{month}" for month in range(1, 7)),
        ),
    ),
)
_ADULT = Source(
    target="income",
    event=">50K",
    protected=("sex", "race", "age", "native_country"),
    keys=("fnlwgt", "split"),
    description=(
        "48,842 adults of the US census of 1994; the event is an income above 50,000 "
        "USD. Unknown values are the text '?'; fnlwgt is a survey weight. The copy on "
        "OpenML lacks the split into train and test."
    ),
    source="UCI, B. Becker and R. Kohavi 1996; CC BY 4.0; 10.24432/C5XW20.",
    openml=OpenML(
        "adult",
        2,
        (
            *("age", "workclass", "fnlwgt", "education", "education_num"),
            *("marital_status", "occupation", "relationship", "race", "sex"),
            *("capital_gain", "capital_loss", "hours_per_week", "native_country"),
        ),
        missing="?",
    ),
)
_BOSTON = Source(
    target="approve",
    event=1,
    protected=("black", "hispan", "white", "male", "married", "old", "min30"),
    leaks=("action", "reject", "typur", "inson"),
    description=(
        "1,989 mortgage applications in Boston, 1990; the event is an approval. Codes "
        "in numeric columns mean missing: gdlin = 666, liq = 1,000,000, lines and term "
        "above 100,000, probably appinc = 666."
    ),
    source="Munnell et al. 1996, American Economic Review 86; licence not stated.",
)
_SBA = Source(
    target="Default",
    event=1,
    # The last three are computed from Term, which is short where a loan failed early.
    leaks=(
        *("ChgOffDate", "ChgOffPrinGr", "MIS_Status", "BalanceGross", "Term"),
        *("daysterm", "RealEstate", "Recession"),
    ),
    keys=(
        *("Selected", "LoanNr_ChkDgt", "City", "State", "Zip"),
        *("ApprovalDate", "ApprovalFY", "DisbursementDate"),
    ),
    text=("LoanNr_ChkDgt", "Zip", "NAICS", "FranchiseCode"),
    date="ApprovalDate",
    description=(
        "2,102 loans to small Californian firms in real estate, fiscal years 1989 "
        "to 2011; the event is a charge-off, whose rate moves much by vintage."
    ),
    source="US SBA; extract of Li, Mickel and Taylor 2018; licence not stated.",
)
_PANEL = Source(
    target="default_time",
    event=1,
    leaks=("payoff_time", "status_time"),
    keys=("id", "time", "orig_time", "first_time", "mat_time"),
    date="time",
    description=(
        "9,573 loan-quarters of US mortgages over 60 quarters; the event is a default "
        "in the quarter. Some borrowers are there more than once (cluster by id)."
    ),
    source="Baesens, Roesch and Scheule 2016, Credit Risk Analytics; licence not "
    "stated.",
)
_LALONDE = Source(
    target="re78",
    event=None,
    protected=("age", "black", "hispanic", "married"),
    treatment="treat",
    adjust_for_protected=True,
    description=(
        "Job training (treat) and earnings in 1978 (USD). The experiment of Dehejia "
        "and Wahba gives a difference of 1794.34; other controls are surveys."
    ),
    source="LaLonde 1986; Dehejia and Wahba 1999, 2002; CC0.",
)
_IHDP = Source(
    target="y_factual",
    event=None,
    leaks=("y_cfactual", "mu0", "mu1"),
    treatment="treatment",
    description=(
        "747 infants, simulated outcome; mu1 - mu0 is the true effect of a row. The "
        "binary x14 is coded 1 and 2."
    ),
    source="Hill 2011; files of Louizos et al. 2017; licence not stated.",
)
_NHEFS = Source(
    target="wt82_71",
    event=None,
    protected=("sex", "race", "age"),
    leaks=(
        *("wt82", "death", "yrdth", "modth", "dadth", "smkintensity82_71", "censored"),
        *("hightax82", "price82", "tax82", "price71_82", "tax71_82"),
    ),
    keys=("seqn", "id"),
    treatment="qsmk",
    adjust_for_protected=True,
    description=(
        "1,629 smokers, 1971 to 1982: weight change in kg by whether they quit (qsmk). "
        "63 outcomes are missing (censored)."
    ),
    source="NHANES I follow-up, extract of Hernan and Robins; public domain.",
)
_WINE = Source(
    target="quality",
    event=None,
    keys=("colour",),
    description=(
        "Vinho verde, quality 3 to 9; 1,599 red and 4,898 white rows, of which 240 and "
        "937 repeat others: group them before cross-validation."
    ),
    source="UCI, P. Cortez et al. 2009; CC BY 4.0; 10.24432/C56S3T.",
)
_ABALONE = Source(
    target="rings",
    event=None,
    description=(
        "4,177 abalones; rings + 1.5 is the age in years. Lengths in mm / 200, weights "
        "in g / 200; two rows have height 0."
    ),
    source="UCI, Nash et al. 1994; CC BY 4.0; 10.24432/C55C7W.",
)

SOURCES: dict[str, Source] = {
    "german_credit": _GERMAN,
    "taiwan_default": _TAIWAN,
    "adult": _ADULT,
    "boston_hmda": _BOSTON,
    "sba_case": _SBA,
    "mortgage_panel_sample": _PANEL,
    "lalonde": _LALONDE,
    "ihdp": _IHDP,
    "nhefs": _NHEFS,
    "wine_quality": _WINE,
    "abalone": _ABALONE,
}
