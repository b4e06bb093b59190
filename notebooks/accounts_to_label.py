# %% [markdown]
# # Which accounts to label
#
# A manual review costs money per account. Given the numbers known of every account,
# which few should be reviewed so that a linear fit to them comes close to the fit to all?

# %%
import os

import matplotlib.pyplot as plt
import numpy as np

from infostat import VolumeSampler
from infostat.datasets import load_taiwan_default, make_applications

if os.environ.get("INFOSTAT_DATA"):
    data = load_taiwan_default()
    columns = [c for c in data.features if c != "EDUCATION"]
else:
    data = make_applications(30_000, rng=0)
    numeric = data.frame[data.features].select_dtypes("number")
    columns = list(numeric.columns)

X = data.frame[columns].fillna(0).to_numpy(dtype=float)
X = np.column_stack([np.ones(len(X)), (X - X.mean(axis=0)) / X.std(axis=0)])
X = X[:, np.r_[True, X[:, 1:].std(axis=0) > 0]]
y = np.asarray(data.frame[data.target], dtype=float)
print(X.shape[0], "accounts,", X.shape[1], "functions")

# %% [markdown]
# The fit to all labels is what a small sample can hope for. Its loss is 1 below.

# %%
best = ((y - X @ np.linalg.lstsq(X, y, rcond=None)[0]) ** 2).mean()


def loss(rows, weights):
    """Mean squared error over all accounts of the fit to a few, relative to the best."""
    root = np.sqrt(weights)[:, None]
    coefficients = np.linalg.lstsq(X[rows] * root, y[rows] * root[:, 0], rcond=None)[0]
    return ((y - X @ coefficients) ** 2).mean() / best


def random_loss(n, seed):
    rows = np.random.default_rng(seed).choice(len(X), n, replace=False)
    return loss(rows, np.ones(n))


def designed_loss(n, seed, method):
    sampler = VolumeSampler(n, method=method, random_state=seed).fit(X)
    return loss(sampler.indices_, sampler.weights_)


# %%
sizes = (40, 60, 100, 200)
found = {
    "random": [[random_loss(n, s) for s in range(20)] for n in sizes],
    "volume": [[designed_loss(n, s, "volume") for s in range(20)] for n in sizes],
    "greedy": [[designed_loss(n, s, "dpp_greedy") for s in range(3)] for n in sizes],
}
for method, losses in found.items():
    print(
        f"{method:8s}",
        *(f"n={n}: {np.mean(x):6.2f}" for n, x in zip(sizes, losses, strict=True)),
    )

# %%
figure, axes = plt.subplots(figsize=(6, 4))
for marker, (method, losses) in zip("os^", found.items(), strict=True):
    axes.plot(sizes, [np.median(x) for x in losses], marker=marker, label=method)
axes.set(xscale="log", yscale="log", xlabel="accounts labelled")
axes.set_ylabel("median loss relative to the fit to all labels")
axes.legend()
plt.show()

# %% [markdown]
# Volume sampling pays where labels are few, one to three an unknown; at ten an unknown
# random accounts have nearly caught up. What a design guarantees before any label is
# bought is in its certificate.

# %%
VolumeSampler(60, random_state=0).fit(X).certificate_.summary()
