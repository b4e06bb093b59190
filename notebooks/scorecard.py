# %% [markdown]
# # A scorecard with error bars
#
# From a table of loans to points, with a standard error on every figure on the way.
# The public sets are read from the folder in `INFOSTAT_DATA`; without it the same steps
# run on generated applications.

# %%
import os

import matplotlib.pyplot as plt
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from infostat import OptimalBinner, ScorecardClassifier, WOEEncoder
from infostat.datasets import (
    load_german_credit,
    load_taiwan_default,
    make_applications,
)

if os.environ.get("INFOSTAT_DATA"):
    german, taiwan = load_german_credit(), load_taiwan_default()
else:
    german, taiwan = make_applications(1000, rng=0), make_applications(30_000, rng=1)


def split(data):
    """Features and events, 70 % to learn from and 30 % to judge by."""
    event = getattr(data, "event", 1)
    y = (data.frame[data.target] == event).astype(int)
    return train_test_split(
        data.frame[data.features], y, test_size=0.3, random_state=0, stratify=y
    )


# %% [markdown]
# ## One thousand loans: what can be known at all
#
# The information value of every feature, with its interval. At 700 rows many intervals
# reach down to zero: the ranking by value alone says less than it seems to.

# %%
X_train, X_test, y_train, y_test = split(german)
card = ScorecardClassifier().fit(X_train, y_train)
summary = card.summary()
summary.sort_values("estimate", ascending=False)[
    ["feature", "estimate", "std_error", "conf_low", "conf_high", "p_adjusted"]
]

# %% [markdown]
# The bins of the strongest feature, their weights of evidence and their points.

# %%
strongest = summary.loc[summary["estimate"].idxmax(), "feature"]
table = card.points_table()
table[table["feature"] == strongest]

# %%
from infostat.displays import BinDisplay

BinDisplay.from_card(card, strongest).plot()
plt.show()

# %% [markdown]
# ## Thirty thousand: the same card, with confidence

# %%
X_train, X_test, y_train, y_test = split(taiwan)
card = ScorecardClassifier().fit(X_train, y_train)
print("held-out AUC", round(roc_auc_score(y_test, card.predict_proba(X_test)[:, 1]), 4))
card.summary().head(8)

# %% [markdown]
# What one applicant's probability is worth: an interval for the event rate that the card
# would give with unlimited data and the same bins.

# %%
low, high = card.predict_interval(X_test.head(5))
for points, p, a, b in zip(
    card.predict_points(X_test.head(5)),
    card.predict_proba(X_test.head(5))[:, 1],
    low,
    high,
    strict=True,
):
    print(f"{points:5.0f} points   {p:.3f}  [{a:.3f}, {b:.3f}]")

# %% [markdown]
# ## In a pipeline
#
# Binner, encoder and card are estimators of scikit-learn.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

pipeline = make_pipeline(
    WOEEncoder(OptimalBinner(max_bins=5)), LogisticRegression(max_iter=1000)
)
scores = cross_val_score(pipeline, X_train, y_train, cv=3, scoring="roc_auc")
print("AUC of three folds", scores.round(4))

# %% [markdown]
# ## A card is data
#
# JSON, that scores with numpy alone; a newer schema is refused, an older one loads.

# %%
text = card.to_json()
again = ScorecardClassifier.from_json(text)
print(
    len(text),
    "bytes;",
    (again.predict_points(X_test) == card.predict_points(X_test)).all(),
)
