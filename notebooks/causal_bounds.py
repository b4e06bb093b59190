# %% [markdown]
# # What do data say about an effect when confounders are unmeasured?
#
# Two public data sets whose truth is known stand beside the answer: LaLonde's job
# training, where an experiment gives the effect, and IHDP, where outcomes under both
# treatments were generated. Without `INFOSTAT_DATA` the same steps run on a generated
# portfolio, whose truth is known, too.

# %%
import os

import numpy as np

from infostat import CausalBounds
from infostat.datasets import load_ihdp, load_lalonde, make_applications

PUBLIC = bool(os.environ.get("INFOSTAT_DATA"))


# %% [markdown]
# ## One data set, the truth beside it
#
# `y_bounds` is what anybody's outcome could be, from subject matter, not from the sample.


# %%
def lalonde(controls="psid"):
    """Rows of the trained and of a survey in place of the controls; 1,794 USD is true."""
    data = load_lalonde(controls, backend="pandas")
    frame = data.frame
    rows = frame[data.features], frame[data.target], frame[data.treatment]
    return *rows, (0.0, 150_000.0), 1794.34


def portfolio():
    """Generated applications; the true effect of a credit-line increase is known."""
    data = make_applications(4000, rng=0, backend="pandas")
    frame = data.frame
    rows = frame[data.features], frame["default"], frame["treatment"]
    return *rows, (0.0, 1.0), data.truth.average_treatment_effect()


X, y, treatment, y_bounds, truth = lalonde() if PUBLIC else portfolio()
bounds = CausalBounds(y_bounds=y_bounds, random_state=0)
bounds.fit(X, y, treatment=treatment)
effect = bounds.bounds_.iloc[-1]
naive = y[treatment == 1].mean() - y[treatment == 0].mean()
print(f"truth {truth:,.4g}; difference of means {naive:,.4g}")
print(bounds.bounds_[["estimand", "lower", "upper", "ci_lower", "ci_upper"]])
assert effect["ci_lower"] < truth < effect["ci_upper"]

# %% [markdown]
# The interval holds the truth and, as always for two treatments, zero: its width is the
# range. Nothing but an assumption narrows it.

# %%
ladder = bounds.ladder(
    factors=(3.0, 1.5), gammas=(0.5, 0.1), shifts=(0.5,), entropies=()
)
print(ladder.drop(columns=["width"]).to_string(index=False))

# %% [markdown]
# ## How much hidden confounding would it take?
#
# `breakdown` gives the confounded fraction and the odds factor at which the sign is lost;
# `benchmark` says how strong the measured covariates are in the same units.

# %%
print(bounds.breakdown()[["assumption", "point", "breakdown", "conf_low", "robust"]])
strongest = list(X.columns)[:4]
print(bounds.benchmark(strongest).round(3).to_string(index=False))

# %% [markdown]
# ## The effect on the treated
#
# In LaLonde's comparison this is the question that the experiment answers.

# %%
print(bounds.effect_on(1)[["estimand", "lower", "upper", "ci_lower", "ci_upper"]])

# %% [markdown]
# ## IHDP: every method, the generated truth beside it
#
# The ordering never changes: no divergence ball is narrower than the sharp set.


# %%
def ihdp():
    """Outcomes under both treatments were generated: mu0 and mu1."""
    frame = load_ihdp(1, backend="pandas").frame
    names = [name for name in frame if name.startswith("x")]
    truth = frame["mu1"].mean()
    y = frame["y_factual"]
    return frame[names], y, frame["treatment"], (y.min() - 1, y.max() + 1), truth


def generated():
    """Continuous outcomes in [0, 1] with a hidden confounder."""
    rng = np.random.default_rng(1)
    X, hidden = rng.normal(size=(1500, 3)), rng.normal(size=1500)
    taken = (rng.random(1500) < 1 / (1 + np.exp(-X[:, 0] - hidden))).astype(int)
    both = 1 / (1 + np.exp(-X[:, [0]] - hidden[:, None] - [[0.0, 0.7]]))
    y = both[np.arange(1500), taken]
    return X, y, taken, (0.0, 1.0), both[:, 1].mean()


X, y, treatment, y_bounds, truth = ihdp() if PUBLIC else generated()
every = CausalBounds(y_bounds=y_bounds, method="all", random_state=0)
table = every.fit(X, y, treatment=treatment).summary()
table = table[table["estimand"] == "E[Y(1)]"]
print(f"true mean under treatment {truth:.3f}")
columns = ["method", "kind", "lower", "upper", "ci_lower", "ci_upper", "width"]
print(table[columns].round(3).to_string(index=False))
assert (table["ci_lower"] < truth).all()
assert (truth < table["ci_upper"]).all()
assert table["width"].min() == table["width"].iloc[0]
