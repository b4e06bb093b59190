# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Drift of real portfolios, with error bars
#
# Two public portfolios that are known to have drifted: small-business loans by vintage,
# and a panel of mortgages through a crisis. The questions: which figures moved, which of
# the alarms would a rule of thumb have raised on noise alone, and did the model suffer?
#
# The data are read from the folder that `INFOSTAT_DATA` names. Without it the notebook
# runs on generated applications whose drift is known.

# %%
import os
import warnings

import numpy as np
import pandas as pd

from infostat import (
    InfostatWarning,
    QuantileBinner,
    ScorecardClassifier,
    StabilityMonitor,
    population_stability_index,
)
from infostat.datasets import load_mortgage_panel, load_sba_case, make_applications
from infostat.displays import DriftDisplay, DriftHistoryDisplay
from infostat.stability import DriftEquilibrium, cs_divergence, wasserstein_drift

pd.set_option("display.width", 160, "display.max_columns", 20)
# Vintages are small: merged bins and few rows are said once, in the column n_merged.
warnings.simplefilter("ignore", InfostatWarning)
HAS_DATA = bool(os.environ.get("INFOSTAT_DATA"))


def show(frame, *columns):
    """Print a few columns, three digits."""
    print((frame[list(columns)] if columns else frame).round(3).to_string(index=False))


# %% [markdown]
# ## Small-business loans by vintage
#
# The reference is the vintages 2001 to 2004. A card is fitted on half of them and the
# monitor on the other half, so that ranking and calibration at the reference are honest.

# %%
if HAS_DATA:
    loans = load_sba_case(backend="pandas")
    frame = loans.frame.assign(year=loans.frame["ApprovalFY"])
    features = ["NoEmp", "NewExist", "CreateJob", "RetainedJob", "UrbanRural"]
    features += ["RevLineCr", "LowDoc", "DisbursementGross", "SBA_Appv"]
    target, first = "Default", (2001, 2004)
    vintages = frame["year"].clip(upper=2009).astype(str)
else:
    loans = make_applications(9000, drift=1.0, n_periods=12, rng=0, backend="pandas")
    frame = loans.frame.assign(year=loans.frame["period"])
    features, target, first = loans.features, "default", (1, 4)
    vintages = frame["year"].astype(str)

reference = frame["year"].between(*first)
half = np.random.default_rng(0).random(len(frame)) < 0.5
fitted, held = reference & half, reference & ~half
later = frame["year"] > first[1]
card = ScorecardClassifier(QuantileBinner(max_bins=5), event=1)
card.fit(frame.loc[fitted, features], frame.loc[fitted, target])

monitor = StabilityMonitor(model=card, event=1)
monitor.fit(frame.loc[held, features], frame.loc[held, target])
monitor.update(
    frame.loc[later, features], frame.loc[later, target], period=vintages[later]
)
show(
    monitor.summary(), "feature", "estimate", "conf_low", "conf_high", "light", "alarms"
)

# %% [markdown]
# An alarm says that an index above 0.10 is established: all alarms of all vintages are
# true with probability 95 %, whatever the number of features. The bins that drive it:

# %%
for row in monitor.alarm_.itertuples():
    print(f"{row.period}, {row.feature}: {row.estimate:.2f}. {row.drivers}")
DriftDisplay.from_monitor(monitor).plot().figure_
DriftHistoryDisplay.from_monitor(monitor).plot().figure_

# %% [markdown]
# How often would the customary rule have called, and on what evidence?

# %%
history = monitor.history_
rule = history["estimate"] > 0.10
print(f"{rule.sum()} of {len(history)} indices are above 0.10;")
print(f"{(history['conf_low'] > 0.10).sum()} of these intervals lie above 0.10,")
print(f"{history['alarm'].sum()} are alarms that account for all comparisons,")
print(f"{(history['verdict'] == 'not enough data').sum()} could not be settled.")

# %% [markdown]
# Drift matters where it costs. Ranking and calibration of the card, vintage by vintage:

# %%
score = monitor.performance_.query("feature == 'score'")
show(
    score,
    "period",
    "measure",
    "reference",
    "current",
    "conf_low",
    "conf_high",
    "changed",
)

# %% [markdown]
# In points, and as a joint law. The Wasserstein distance says how far the average
# applicant moved. The Cauchy-Schwarz test asks whether two figures moved *together*,
# which no index of a single feature can see.

# %%
recent = later & (frame["year"] >= frame.loc[later, "year"].quantile(0.7))
scores = [card.predict_points(frame.loc[rows, features]) for rows in (held, recent)]
moved = wasserstein_drift(*scores, rng=0)
print(f"{moved.value:.1f} points (error {moved.se:.1f}), p = {moved.p_value():.3f}")
pair = ["DisbursementGross", "SBA_Appv"] if HAS_DATA else ["balance", "mortgage"]
logs = [
    np.log1p(frame.loc[rows, pair].fillna(0).clip(lower=0)) for rows in (held, recent)
]
joint = cs_divergence(*logs, rng=0)
print(f"Joint law of {pair}: divergence {joint.value:.3f}, p = {joint.p_value():.3f}")

# %% [markdown]
# ## A mortgage panel through a crisis
#
# Reference: the quarters 20 to 27. Later quarters are periods of their own. Some
# borrowers occur in several quarters, so reference and current rows are not quite
# independent; the sample holds few such repetitions.

# %%
if HAS_DATA:
    panel = load_mortgage_panel(backend="pandas").frame
    figures = ["balance_time", "LTV_time", "interest_rate_time", "FICO_orig_time"]
    figures += ["LTV_orig_time", "investor_orig_time"]
    base, since, outcome = (
        panel["time"].between(20, 27),
        panel["time"] > 27,
        "default_time",
    )
    period = (panel["time"] // 2 * 2).astype(int)
else:
    data = make_applications(12_000, drift=1.0, n_periods=24, rng=1, backend="pandas")
    panel, figures, outcome = data.frame, data.features, "default"
    base, since, period = panel["period"] <= 6, panel["period"] > 6, panel["period"]

watch = StabilityMonitor(event=1).fit(
    panel.loc[base, figures], panel.loc[base, outcome]
)
watch.update(panel.loc[since, figures], panel.loc[since, outcome], period=period[since])
show(
    watch.summary(), "feature", "estimate", "conf_low", "conf_high", "largest", "alarms"
)
DriftHistoryDisplay.from_monitor(watch).plot().figure_

# %% [markdown]
# ## Does a drift settle?
#
# The series of an index is a process observed with known errors. The fit tells its level
# and swing apart from the noise of measurement; how fast deviations are pulled back is
# hardly known from so few periods, and the interval says so.

# %%
name = "FICO_orig_time" if HAS_DATA else "balance"
series = watch.history_.query("feature == @name")
fit = DriftEquilibrium(n_resamples=99, random_state=0)
fit.fit(series["estimate"], series["std_error"])
print(f"{name}: level {fit.level_:.3f} (error {fit.level_se_:.3f})")
print(f"long-run band {fit.band_[0]:.3f} to {fit.band_[1]:.3f}; alarm: {fit.alarm_}")
print(
    f"pull {fit.kappa_:.2f}, interval {fit.kappa_interval_[0]:.2f} to "
    f"{fit.kappa_interval_[1]:.2f}; p of a runaway {fit.runaway_p_value_:.2f}"
)

# %% [markdown]
# ## What the rule of thumb does at no drift
#
# Two random halves of the reference have the same law. The share of indices above 0.10
# by sample size, and the share of red lights:

# %%
rng = np.random.default_rng(2)
values = panel.loc[base, figures[0]].to_numpy(dtype=float)
values = values[np.isfinite(values)]
cuts = np.quantile(values, np.linspace(0.1, 0.9, 9))
rows = []
for n in (100, 200, 400):
    drawn = rng.choice(values, (300, 2, n))
    found = []
    for one, two in drawn:
        counts = [
            np.bincount(np.searchsorted(cuts, x), minlength=10) for x in (one, two)
        ]
        found.append(population_stability_index(*counts, name=""))
    above = np.mean([psi.plug_in > 0.10 for psi in found])
    red = np.mean([psi.light() == "red" for psi in found])
    rows.append({"rows": n, "index_above_0.10": above, "red_light": red})
show(pd.DataFrame(rows))
