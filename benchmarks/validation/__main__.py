"""Run the studies and write the page: ``python -m benchmarks.validation``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from tqdm import tqdm

from benchmarks.finished import kept
from benchmarks.validation.page import render
from benchmarks.validation.study import Result, Scale, Tick, result_from

STUDIES = (
    "coverage",
    "sparse",
    "zero",
    "thresholds",
    "evidence",
    "differences",
    "weights",
    "stability",
    "smoothing",
    "cards",
    "performance",
)
CACHE = Path("build/validation")


def sources(name: str) -> list[Path]:
    """Files that a study depends on, beside the package."""
    here = Path(__file__).parent
    shared = ("laws", "rivals", "study", "coverage")
    if name == "performance":
        shared = ("study", "designs", "scores", "score_draws")
    return [here / f"{f}.py" for f in (name, *shared)]


def study(name: str, scale: Scale, tick: Tick, *, cache: Path | None) -> Result:
    """Result of a study, from its cache file where code and versions are the same."""
    mode = "quick" if scale.quick else "full"
    module = import_module(f"benchmarks.validation.{name}")

    def compute() -> dict[str, Any]:
        start = time.perf_counter()
        result: Result = module.run(scale, tick)
        return asdict(replace(result, seconds=time.perf_counter() - start))

    data, found = kept(f"{name}-{mode}", sources(name), cache, compute)
    for _ in range(module.count(scale) if found else 0):
        tick()
    return result_from(data)


def run(
    scale: Scale,
    names: Sequence[str] = STUDIES,
    *,
    cache: Path | None = CACHE,
    progress: bool = True,
) -> list[Result]:
    """Run studies one after another.

    Parameters
    ----------
    scale : Scale
        Full or quick.
    names : sequence of str
        Studies to run.
    cache : Path or None
        Folder of finished studies; None computes everything.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    list of Result
    """
    total = sum(
        import_module(f"benchmarks.validation.{name}").count(scale) for name in names
    )
    results = []
    with tqdm(total=total, unit="cell", disable=not progress) as bar:
        for name in names:
            bar.set_description(name)
            results.append(study(name, scale, bar.update, cache=cache))
    return results


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.validation", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less than a minute")
    parser.add_argument("--out", type=Path, help="page to write")
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=STUDIES)
    parser.add_argument("--fresh", action="store_true", help="ignore finished studies")
    args = parser.parse_args()
    cache = None if args.fresh else CACHE
    results = run(Scale(args.quick), args.only, cache=cache)
    version = f"with numpy {np.__version__} and scipy {scipy.__version__}"
    facts = {"version": version, "seconds": sum(r.seconds for r in results)}
    page = render(results, facts)
    whole = not args.quick and tuple(args.only) == STUDIES
    out = args.out or (Path("docs/validation.md") if whole else None)
    if out is None:
        print(page)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    print(f"Wrote {out}.")


if __name__ == "__main__":
    main()
