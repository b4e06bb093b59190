"""Many models on one sample: nested along an order, or shrinking until one passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve
from tqdm import tqdm

from infostat.divergences import contributions, get_divergence
from infostat.exceptions import InfostatError
from infostat.samplesize.assess import Assessment, assess
from infostat.samplesize.columns import Design
from infostat.samplesize.problem import Problem, Settings
from infostat.samplesize.result import PNResult

__all__ = ["compress", "group_order", "nested_path", "path_columns", "select_groups"]

FloatArray = npt.NDArray[np.float64]

N_BANDS = 5


def select_groups(problem: Problem, groups: Sequence[int]) -> Problem:
    """Keep some groups of columns, in their order.

    Parameters
    ----------
    problem : Problem
        Data.
    groups : sequence of int
        Groups to keep.

    Returns
    -------
    Problem
    """
    design = problem.design
    place = {g: k for k, g in enumerate(sorted(groups))}
    kept = np.flatnonzero(np.isin(design.group, list(place)))
    smaller = Design(
        design.matrix[:, kept],
        [design.names[k] for k in kept],
        np.array([place[int(g)] for g in design.group[kept]], dtype=np.intp),
        [design.group_names[g] for g in place],
        {place[g]: code for g, code in design.codes.items() if g in place},
        {place[g]: label for g, label in design.labels.items() if g in place},
    )
    return replace(problem, design=smaller)


def group_order(
    problem: Problem, settings: Settings, order: str | Sequence[str]
) -> list[int]:
    """Groups from the most to the least useful.

    Parameters
    ----------
    problem : Problem
        Data.
    settings : Settings
        Choices of the fits.
    order : {"iv", "gain", "wald"} or sequence of str
        Information value of each group (binary outcomes; numbers cut into fifths),
        information of each group alone, Wald statistic a parameter in the full model,
        or names of the groups.

    Returns
    -------
    list of int

    Raises
    ------
    InfostatError
        If the order is unknown, does not suit the outcome, or names no group.
    """
    names = problem.design.group_names
    if not isinstance(order, str):
        unknown = [name for name in order if name not in names]
        if unknown:
            msg = f"order names {unknown}, but the groups are {names}."
            raise InfostatError(msg)
        return [names.index(name) for name in order]
    if order == "iv":
        scores = [_information_value(problem, g) for g in range(len(names))]
    elif order == "gain":
        scores = [_gain_alone(problem, settings, g) for g in range(len(names))]
    elif order == "wald":
        full = assess(problem, settings)
        if full.fit is None:
            msg = (
                "The full model has no estimate, so it orders nothing by Wald's "
                "statistic: use order='gain'."
            )
            raise InfostatError(msg)
        wald, df = _wald(problem, full)
        scores = (wald / np.maximum(df, 1)).tolist()
    else:
        msg = f"order must be 'iv', 'gain', 'wald' or names, got {order!r}."
        raise InfostatError(msg)
    return [int(k) for k in np.argsort(-np.array(scores), kind="stable")]


def _information_value(problem: Problem, g: int) -> float:
    """Jeffreys divergence between the classes' shares, half a row added to each cell."""
    outcome, design = problem.outcome, problem.design
    if outcome is None or outcome.response.name != "binomial":
        msg = "Information values need a binary outcome: use order='gain' or 'wald'."
        raise InfostatError(msg)
    code = design.codes.get(g)
    if code is None:
        columns = design.matrix[:, design.group == g]
        level = np.arange(1, N_BANDS) / N_BANDS
        code = np.zeros(len(columns), dtype=np.intp)
        for column in columns.T:
            cuts = np.unique(np.quantile(column, level))
            code = code * (len(cuts) + 1) + np.searchsorted(cuts, column)
        code = np.unique(code, return_inverse=True)[1]
    counts = np.bincount(2 * code + outcome.y[:, 0].astype(int), weights=problem.weight)
    table = np.zeros(2 * (int(code.max()) + 1))
    table[: len(counts)] = counts
    cells = table.reshape(-1, 2) + 0.5
    q, p = (cells / cells.sum(axis=0)).T
    return float(contributions(p, q, get_divergence("jeffreys")).sum())


def _gain_alone(problem: Problem, settings: Settings, g: int) -> float:
    """Information of one group without the others; zero where it has no estimate."""
    result = assess(select_groups(problem, [g]), settings).result
    return 0.0 if result.mi is None else result.mi


def _wald(
    problem: Problem, found: Assessment
) -> tuple[FloatArray, npt.NDArray[np.intp]]:
    """Wald statistic and columns in use of each group."""
    fit = found.fit
    assert fit is not None and fit.lower is not None  # noqa: S101, PT018 - by callers
    covariance = cho_solve((fit.lower, True), np.eye(fit.p)) / fit.n
    columns = fit.design.shape[1]
    shift = 1 if problem.intercept else 0
    group = np.where(found.kept < shift, -1, 0)
    inside = found.kept >= shift
    group[inside] = problem.design.group[found.kept[inside] - shift]
    size = len(problem.design.group_names)
    wald, df = np.zeros(size), np.zeros(size, dtype=np.intp)
    for g in range(size):
        own = np.flatnonzero(group == g)
        if not len(own):
            continue
        place = np.concatenate([own + k * columns for k in range(fit.response.q)])
        beta = fit.coef.T.ravel()[place]
        wald[g] = beta @ np.linalg.solve(covariance[np.ix_(place, place)], beta)
        df[g] = len(place)
    return wald, df


def nested_path(
    problem: Problem,
    settings: Settings,
    order: str | Sequence[str],
    rng: int | np.random.Generator | None = None,
) -> list[tuple[str, PNResult]]:
    """Assess the models with the first, the first two, ... groups of an order.

    Parameters
    ----------
    problem : Problem
        Data.
    settings : Settings
        Choices.
    order : str or sequence of str
        See :func:`group_order`.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    list of (str, PNResult)
        Name of the group added, and the answer with it.
    """
    generator = np.random.default_rng(rng)
    chosen = group_order(problem, settings, order)
    out = []
    steps = range(1, len(chosen) + 1)
    for size in tqdm(steps, desc="models", disable=None, delay=2, leave=False):
        part = select_groups(problem, chosen[:size])
        result = assess(part, settings, rng=generator).result
        out.append((problem.design.group_names[chosen[size - 1]], result))
    return out


def compress(
    problem: Problem,
    settings: Settings,
    keep: Sequence[str] = (),
    rng: int | np.random.Generator | None = None,
) -> list[tuple[str, PNResult]]:
    """Drop groups one by one until the model passes.

    The group goes whose loss of fit less the risk saved, ``Wald / (2 n) - risk df / p``,
    is least; where the model has no estimate, the one with the sparsest cell.

    Parameters
    ----------
    problem : Problem
        Data.
    settings : Settings
        Choices.
    keep : sequence of str
        Groups never to drop.
    rng : int or Generator, optional
        Source of randomness.

    Returns
    -------
    list of (str, PNResult)
        Name of the group dropped (empty for the full model), and the answer without
        it; the last one passes, or nothing more may be dropped.

    Raises
    ------
    InfostatError
        If ``keep`` names no group, or the model has no estimate and no indicators that
        could say why.
    """
    generator = np.random.default_rng(rng)
    names = problem.design.group_names
    unknown = [name for name in keep if name not in names]
    if unknown:
        msg = f"keep names {unknown}, but the groups are {names}."
        raise InfostatError(msg)
    found = assess(problem, settings, rng=generator)
    out = [("", found.result)]
    with tqdm(
        total=len(names), desc="models", disable=None, delay=2, leave=False
    ) as bar:
        while not found.result.passed:
            names = problem.design.group_names
            free = [g for g, name in enumerate(names) if name not in keep]
            if not free or len(names) == 1:
                break
            cost = _costs(problem, found)
            worst = min(free, key=lambda g: cost[g])
            rest = [g for g in range(len(names)) if g != worst]
            problem = select_groups(problem, rest)
            found = assess(problem, settings, rng=generator)
            out.append((names[worst], found.result))
            bar.update()
    return out


def _costs(problem: Problem, found: Assessment) -> FloatArray:
    """Loss of dropping each group."""
    risk = found.result.risk
    if found.fit is not None and risk is not None:
        wald, df = _wald(problem, found)
        return np.asarray(wald / (2.0 * found.result.n) - risk * df / found.result.p)
    outcome, design = problem.outcome, problem.design
    classes = None if outcome is None else outcome.class_codes()
    if classes is None or not design.codes:
        msg = (
            "The model has no estimate, and no group of indicators shows why: drop "
            "columns by hand."
        )
        raise InfostatError(msg)
    n_classes = int(classes.max()) + 1
    sparsest = np.full(len(design.group_names), np.inf)
    for g, code in design.codes.items():
        size = (int(code.max()) + 1) * n_classes
        cell = np.bincount(code * n_classes + classes, minlength=size)
        rows = cell.reshape(-1, n_classes)
        sparsest[g] = rows[rows.sum(axis=1) > 0].min()
    return sparsest


def path_columns(
    title: str, steps: Sequence[tuple[str, PNResult]]
) -> dict[str, list[Any]]:
    """Columns of the table of a path.

    Parameters
    ----------
    title : str
        Name of the first column: what was added or dropped.
    steps : sequence of (str, PNResult)
        Steps.

    Returns
    -------
    dict of str to list
        ``p, risk, threshold, mi, gain, share, n_required, p_no_mle, verdict``.
    """
    figures = (
        "p",
        "risk",
        "threshold",
        "mi",
        "gain",
        "share",
        "n_required",
        "p_no_mle",
    )
    out: dict[str, list[Any]] = {title: [name for name, _ in steps]}
    for name in figures:
        values = [getattr(result, name) for _, result in steps]
        out[name] = [None if v is None else float(v) for v in values]
    out["verdict"] = [result.verdict for _, result in steps]
    return out
