"""The one door to XGBoost: stumps trained on columns, and read as plain data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from infostat._device import device_used

__all__ = [
    "BoostedColumn",
    "Boosting",
    "Stump",
    "Stumps",
    "best_rounds",
    "read_stumps",
    "train_stumps",
]

FloatArray = npt.NDArray[np.float64]

BLOCK = 1 << 18
"""Rows handed to XGBoost at a time; no float32 copy of the whole table is made."""

MOST_COPIES = 4
"""Copies of the rows that may be made to keep whole weights exact."""

LARGEST = float(np.finfo(np.float32).max)
"""XGBoost refuses infinities; the end of its number range keeps their place in order."""


@dataclass(frozen=True)
class Boosting:
    """How stumps are boosted.

    Attributes
    ----------
    rounds : int
        Number of stumps.
    learning_rate : float
        Shrinkage of each stump.
    max_candidates : int
        Candidate cuts a number is sketched to (XGBoost's ``max_bin``).
    min_child_weight : float
        Least sum of hessians on each side of a stump; no limit on bins between cuts.
    gamma, reg_lambda : float
        Least gain of a split, and ridge penalty of the leaves.
    device : {"cpu", "cuda"}
        Where to train.
    """

    rounds: int
    learning_rate: float = 0.3
    max_candidates: int = 256
    min_child_weight: float = 1.0
    gamma: float = 0.0
    reg_lambda: float = 1.0
    device: str = "cpu"


@dataclass(frozen=True, eq=False)
class BoostedColumn:
    """A column as XGBoost sees it.

    Attributes
    ----------
    values : ndarray of shape (n_samples,)
        Numbers, or numbers of levels; NaN for missing.
    n_levels : int
        Number of levels; 0 for a numeric column.
    direction : int
        1 or -1 where the margin may not fall or rise in the values, else 0.
    """

    values: npt.NDArray[Any]
    n_levels: int = 0
    direction: int = 0


@dataclass(frozen=True)
class Stump:
    """One tree of depth one.

    Attributes
    ----------
    column : int
        Index of its column.
    threshold : float32 or None
        A number goes left where ``float32(x) < threshold``; None for levels.
    right_levels : frozenset of int or None
        Levels that go right; None for numbers.
    left, right, missing : float
        Margin added on each side, and where the value is missing.
    gain : float
        Loss change of the split.
    """

    column: int
    threshold: np.float32 | None
    right_levels: frozenset[int] | None
    left: float
    right: float
    missing: float
    gain: float


@dataclass(frozen=True, eq=False)
class Stumps:
    """All that a booster of stumps holds.

    Attributes
    ----------
    intercept : float
        Margin without any stump, trees that did not split included.
    stumps : tuple of Stump
        In the order of boosting.
    device : {"cpu", "cuda"}
        Where they were trained.
    """

    intercept: float
    stumps: tuple[Stump, ...]
    device: str


def train_stumps(
    columns: Sequence[BoostedColumn],
    classes: npt.NDArray[Any],
    weight: FloatArray | None,
    options: Boosting,
) -> tuple[Any, Stumps]:
    """Boost stumps for the log-odds of class 1.

    Parameters
    ----------
    columns : sequence of BoostedColumn
        Features.
    classes : ndarray of shape (n_samples,)
        0 and 1.
    weight : ndarray of shape (n_samples,) or None
        Frequency weights.
    options : Boosting
        How.

    Returns
    -------
    booster : xgboost.Booster
        Features without names, in the order of ``columns``.
    stumps : Stumps

    Notes
    -----
    One thread: sums of gradients then have one order, and the result does not depend on
    the machine. The base rate is passed, because versions of XGBoost estimate it
    differently.
    """
    import xgboost

    # Before its parameters are read XGBoost speaks of devices; the caller reports them.
    with xgboost.config_context(verbosity=0):
        data = _matrix(columns, classes, *_exact_rows(weight), options)
        booster = xgboost.train(
            _parameters(columns, classes, weight, options), data, options.rounds
        )
    return booster, read_stumps(booster)


def best_rounds(
    columns: Sequence[BoostedColumn],
    classes: npt.NDArray[Any],
    weight: FloatArray | None,
    options: Boosting,
    parts: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    patience: int,
) -> int:
    """Number of rounds after which the held-out log loss no longer fell.

    Parameters
    ----------
    columns, classes, weight, options
        See :func:`train_stumps`.
    parts : tuple of (ndarray, ndarray)
        Rows to train on and rows held out.
    patience : int
        Rounds without a lower loss after which to stop.

    Returns
    -------
    int
        At least 1.
    """
    import xgboost

    weights = [None if weight is None else weight[part] for part in parts]
    parameters = _parameters(columns, classes, weight, options)
    with xgboost.config_context(verbosity=0):
        train = _matrix(columns, classes, parts[0], weights[0], options)
        held = _matrix(columns, classes, parts[1], weights[1], options, like=train)
        booster = xgboost.train(
            {**parameters, "eval_metric": "logloss"},
            train,
            options.rounds,
            evals=[(held, "held")],
            early_stopping_rounds=patience,
            verbose_eval=False,
        )
    return int(booster.best_iteration) + 1


def _parameters(
    columns: Sequence[BoostedColumn],
    classes: npt.NDArray[Any],
    weight: FloatArray | None,
    options: Boosting,
) -> dict[str, Any]:
    directions = ",".join(str(column.direction) for column in columns)
    return {
        "objective": "binary:logistic",
        "base_score": float(np.average(classes, weights=weight)),
        "max_depth": 1,
        "tree_method": "hist",
        "max_bin": options.max_candidates,
        "learning_rate": options.learning_rate,
        "min_child_weight": options.min_child_weight,
        "gamma": options.gamma,
        "reg_lambda": options.reg_lambda,
        "monotone_constraints": f"({directions})",
        "device": options.device,
        "nthread": 1,
        "seed": 0,
        "verbosity": 0,
    }


def _exact_rows(
    weight: FloatArray | None,
) -> tuple[slice | npt.NDArray[np.intp], FloatArray | None]:
    """Rows to train on and their weights; whole weights are split into powers of two.

    XGBoost multiplies gradients by weights in single precision. By a power of two that
    is exact, so that a row of weight three adds what three rows add.
    """
    if weight is None:
        return slice(None), None
    kept = np.flatnonzero(weight)
    given = weight[kept]
    if given.max() < 2**24 and (given == np.floor(given)).all():
        number = given.astype(np.int64)
        bits = range(int(number.max()).bit_length())
        parts = [np.flatnonzero(number >> bit & 1) for bit in bits]
        if sum(map(len, parts)) <= MOST_COPIES * len(kept):
            powers = [np.full(len(p), 2.0**bit) for bit, p in enumerate(parts)]
            return kept[np.concatenate(parts)], np.concatenate(powers)
    return kept, given


def _matrix(
    columns: Sequence[BoostedColumn],
    classes: npt.NDArray[Any],
    rows: slice | npt.NDArray[np.intp],
    weights: FloatArray | None,
    options: Boosting,
    like: Any = None,
) -> Any:
    """Quantised matrix, built from blocks of rows on the device that trains."""
    import xgboost

    kinds = ["c" if column.n_levels else "q" for column in columns]
    label = classes[rows]
    values = [column.values[rows] for column in columns]
    place = _placer(options.device)

    class Blocks(xgboost.DataIter):  # type: ignore[misc]
        """Blocks of rows as float32."""

        def __init__(self) -> None:
            self.start = 0
            super().__init__()

        def reset(self) -> None:
            self.start = 0

        def next(self, input_data: Any) -> bool:
            if self.start >= len(label):
                return False
            part = slice(self.start, self.start + BLOCK)
            block = np.empty((len(label[part]), len(values)), dtype=np.float32)
            for k, column in enumerate(values):
                with np.errstate(over="ignore"):
                    block[:, k] = column[part]
            np.clip(block, -LARGEST, LARGEST, out=block)
            given = {"data": place(block), "label": label[part], "feature_types": kinds}
            if weights is not None:
                given["weight"] = weights[part]
            input_data(**given)
            self.start += BLOCK
            return True

    return xgboost.QuantileDMatrix(
        Blocks(),
        max_bin=options.max_candidates,
        nthread=1,
        enable_categorical=True,
        ref=like,
    )


def _placer(device: str) -> Any:
    """How a block reaches the device.

    XGBoost sketches where the data lie, so blocks go to the GPU first where CuPy can
    bring them there; without it the sketch is made on the host and its bins are sent.
    """
    if device == "cuda" and find_spec("cupy") is not None:
        import cupy

        try:
            if cupy.cuda.runtime.getDeviceCount() > 0:
                return cupy.asarray
        except cupy.cuda.runtime.CUDARuntimeError:
            # No driver: XGBoost falls back to the CPU, which the caller reports.
            return np.asarray
    return np.asarray


def read_stumps(booster: Any) -> Stumps:
    """Read the stumps of a booster.

    Parameters
    ----------
    booster : xgboost.Booster
        Trees of depth one at most, binary logistic.

    Returns
    -------
    Stumps
    """
    learner = json.loads(booster.save_raw("json"))["learner"]
    # "[3.5E-1]" from XGBoost 3.1 on, "3.5E-1" before.
    share = float(learner["learner_model_param"]["base_score"].strip("[]"))
    intercept = float(np.log(share) - np.log1p(-share))
    stumps = []
    for tree in learner["gradient_booster"]["model"]["trees"]:
        left = tree["left_children"][0]
        # base_weights are those before the learning rate; these are after it.
        value = np.array(tree["split_conditions"], dtype=np.float32).astype(float)
        if left < 0:
            intercept += float(value[0])
            continue
        sides = float(value[left]), float(value[tree["right_children"][0]])
        of_levels = bool(tree["split_type"][0])
        stumps.append(
            Stump(
                column=int(tree["split_indices"][0]),
                threshold=None if of_levels else np.float32(value[0]),
                right_levels=frozenset(tree["categories"]) if of_levels else None,
                left=sides[0],
                right=sides[1],
                missing=sides[0] if tree["default_left"][0] else sides[1],
                gain=float(tree["loss_changes"][0]),
            )
        )
    return Stumps(intercept, tuple(stumps), device_used(booster))
