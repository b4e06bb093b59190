# %% [markdown]
# # Is my sample large enough for this model?
#
# German credit: 1,000 loans, 300 bad, 20 features that become 49 parameters. Without
# `INFOSTAT_DATA` a generated portfolio of the same size takes its place.

# %%
import os

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from infostat import PNCriterion
from infostat.datasets import load_german_credit, make_applications
from infostat.samplesize import riley_binary, riley_r2
from infostat.samplesize.columns import read_design

if os.environ.get("INFOSTAT_DATA"):
    data = load_german_credit(backend="pandas")
    X = data.frame.drop(columns=data.target)
    y = (data.frame[data.target] == data.event).astype(int).to_numpy()
else:
    data = make_applications(1000, event_rate=0.3, rng=0, backend="pandas")
    X, y = data.frame[data.features], data.frame["default"].to_numpy()
    X = X.fillna({name: -1 for name in X if X[name].dtype.kind in "fi"})
    text = [name for name in X if X[name].dtype.kind not in "fi"]
    X[text] = X[text].astype(object).where(X[text].notna(), "missing")
    for name in text:  # a level of one row has no estimate, pooled or not
        counts = X[name].value_counts()
        X[name] = X[name].where(X[name].map(counts) >= 10, counts.index[0])
print(X.shape, "events:", int(y.sum()))

# %% [markdown]
# ## First look: levels that lack a class
#
# With every level as it is, many samples like this one have no estimate at all.

# %%
plain = PNCriterion(max_share=1 / 9).fit(X, y).result_
print(plain.summary())

# %% [markdown]
# ## Pool rare levels, then ask again
#
# The verdict comes with a required number of rows: for the absolute limit (a new loan can
# hardly be told from the best law of the model) and for the relative one (a calibration
# slope of 0.9).

# %%
check = PNCriterion(rare_level=0.04, max_share=1 / 9).fit(X, y)
print(check.result_.summary())
print("rows that meet both limits:", check.required_n())
print("parameters that these rows bear:", check.max_params())

# %% [markdown]
# ## An independent formula
#
# Riley's published formula takes an anticipated R2; here that of the fit.

# %%
result = check.result_
r2 = riley_r2(max(result.mi, 1e-6))
print(riley_binary(result.p - 1, r2, float(y.mean()), shrinkage=0.9))

# %% [markdown]
# ## Does it predict? Gain on new rows against cross-validation
#
# From one fit the criterion expects a gain over a model without features. Ten-fold
# cross-validation trains on nine tenths of the rows, so the prediction is for 0.9 n.

# %%
n = 0.9 * result.n
predicted = result.mi - result.a / (n - result.c2 / result.a) + 1 / (2 * n)
matrix = read_design(X, rare_level=0.04).matrix
gains = []
for seed in range(3):
    split = StratifiedKFold(10, shuffle=True, random_state=seed)
    for train, test in split.split(matrix, y):
        model = LogisticRegression(C=np.inf, solver="newton-cholesky", max_iter=200)
        eta = model.fit(matrix[train], y[train]).decision_function(matrix[test])
        rate = y[train].mean()
        null = np.where(y[test] == 1, np.log(rate), np.log(1 - rate))
        gains.append((y[test] * eta - np.logaddexp(0, eta) - null).mean())
print(f"predicted {predicted:.4f}, cross-validated {np.mean(gains):.4f} nats a loan")
assert abs(predicted - np.mean(gains)) < 0.02

# %% [markdown]
# ## What to drop
#
# Features in the order of what they know: the gain stops rising long before the last one.

# %%
print(check.path("iv").round(4).head(12).to_string(index=False))
