# %% [markdown]
# # What fairness costs
#
# The best scorecard at every level of difference between groups, on income data (Adult)
# where the folder named by `INFOSTAT_DATA` holds them, otherwise on generated
# applications.

# %%
import os
import warnings

import numpy as np
from sklearn.model_selection import train_test_split

from infostat import FairnessFrontier, InfostatWarning, ScorecardClassifier
from infostat.datasets import load_adult, make_applications
from infostat.displays import FrontierDisplay
from infostat.exceptions import InfeasibleError
from infostat.fairness import (
    approval_measures,
    demographic_iv,
    fair_scorecard,
    group_calibration,
    parity_gap_limit,
)
from infostat.scorecard import score_performance

warnings.simplefilter("ignore", InfostatWarning)

if os.environ.get("INFOSTAT_DATA"):
    adult = load_adult(backend="pandas")
    frame = adult.frame.sample(12_000, random_state=0)
    X, group = frame[adult.features], frame["sex"].to_numpy()
    y = (frame["income"] != ">50K").astype(int).to_numpy()
else:
    data = make_applications(8_000, rng=0, backend="pandas")
    X, group = data.frame[data.features], data.frame["group"].to_numpy()
    y = data.frame["default"].to_numpy()
train, test = train_test_split(
    np.arange(len(y)), test_size=0.4, random_state=0, stratify=y
)

# %% [markdown]
# ## The frontier
#
# Twelve caps on the sum of the features' information about the group. `gap` is zero: no
# other choice of bins has more value under the cap.

# %%
frontier = FairnessFrontier(max_group_iv=12, random_state=0)
frontier.fit(X.iloc[train], y[train], groups=group[train])
columns = ["cap", "iv", "gap", "n_features", "auc", "auc_low", "auc_high"]
columns += ["score_group_iv", "score_group_low", "score_group_high", "alike"]
print(frontier.frontier_[columns].round(3).to_string())

# %%
FrontierDisplay.from_estimator(frontier).plot()

# %% [markdown]
# ## Fairer points from given bins, on rows that chose nothing


# %%
def show(label, card):
    """AUC and divergence between groups on the test rows, with intervals."""
    score = card.predict_points(X.iloc[test])
    area = score_performance(score, y[test]).auc
    name, found = next(iter(demographic_iv(score, group[test]).items()))
    low, high = found.interval()
    print(
        f"{label:24} AUC {area.value:.3f} +- {1.96 * area.se:.3f}   {name} "
        f"{found.value:.3f} ({low:.3f} to {high:.3f}); approval rates at edges differ by "
        f"at most {parity_gap_limit(high):.2f}"
    )


plain = ScorecardClassifier().fit(X.iloc[train], y[train])
show("no cap", plain)
free = demographic_iv(plain.predict_points(X.iloc[train]), group[train])
free = next(iter(free.values())).plug_in
fair = plain
for share in (0.5, 0.2, 0.05):
    try:
        fair = fair_scorecard(
            plain, X.iloc[train], y[train], group[train], share * free
        )
    except InfeasibleError as error:
        print(error)
        continue
    show(f"score capped at {share * free:.3f}", fair)

# %% [markdown]
# ## Approvals, errors and calibration of the last card

# %%
score = fair.predict_points(X.iloc[test])
print(approval_measures(score, y[test], group[test]).round(3).T.to_string())
chance = fair.predict_proba(X.iloc[test])[:, 1]
print(group_calibration(chance, y[test], group[test]).round(3).T.to_string())
