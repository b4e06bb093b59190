"""Re-run the papers and write the page: ``python -m benchmarks.papers``.

``--quick`` takes few replications and prints; ``--only credit`` runs one paper. Finished
parts are kept in ``build/papers`` until code or versions change. Parts on public data need
INFOSTAT_DATA and say so where it lacks.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from tqdm import tqdm

from benchmarks.finished import kept
from benchmarks.papers.claims import Part, part_from
from benchmarks.papers.page import draw_picture, render
from benchmarks.validation.study import Scale
from infostat.exceptions import InfostatWarning

PAPERS = ("credit", "causal", "sampling", "samplesize")
CACHE = Path("build/papers")
PAGE = Path("docs/papers.md")
PICTURES = Path("docs/images")


def sources(paper: str) -> list[Path]:
    """Files that a paper's parts depend on, beside the package."""
    here = Path(__file__).parent
    module = import_module(f"benchmarks.papers.{paper}")
    own = [
        here / f"{paper}.py",
        here / "claims.py",
        *sorted(here.glob(f"{paper}_*.py")),
    ]
    return own + [here.parent / name for name in module.USES]


def part(paper: str, name: str, scale: Scale, *, cache: Path | None) -> Part:
    """One part, from its file where code and versions are the same."""
    module = import_module(f"benchmarks.papers.{paper}")

    def compute() -> dict[str, Any]:
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InfostatWarning)
            found: Part = module.PARTS[name](scale)
        return asdict(replace(found, name=name, seconds=time.perf_counter() - start))

    mode = "quick" if scale.quick else "full"
    data, _ = kept(f"{paper}-{name}-{mode}", sources(paper), cache, compute)
    return part_from(data)


def run(
    scale: Scale,
    papers: Sequence[str] = PAPERS,
    *,
    cache: Path | None = CACHE,
    progress: bool = True,
) -> dict[str, list[Part]]:
    """Run papers one after another.

    Parameters
    ----------
    scale : Scale
        Full or quick.
    papers : sequence of str
        Papers to run.
    cache : Path or None
        Folder of finished parts; None computes everything.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    dict of str to list of Part
    """
    todo = [
        (paper, name)
        for paper in papers
        for name in import_module(f"benchmarks.papers.{paper}").PARTS
    ]
    found: dict[str, list[Part]] = {paper: [] for paper in papers}
    with tqdm(todo, unit="part", disable=not progress) as bar:
        for paper, name in bar:
            bar.set_description(f"{paper}: {name}")
            found[paper].append(part(paper, name, scale, cache=cache))
    return found


def pictures(found: dict[str, list[Part]], folder: Path) -> dict[str, tuple[str, str]]:
    """Draw the pictures; file (relative to the page) and title by paper."""
    out = {}
    for paper, parts in found.items():
        for each in parts:
            if each.curves:
                file = folder / f"papers_{paper}.svg"
                draw_picture(each.curves, file)
                out[paper] = (f"{folder.name}/{file.name}", each.curves["title"])
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.papers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less than two minutes")
    parser.add_argument("--only", nargs="+", choices=PAPERS, default=PAPERS)
    parser.add_argument("--fresh", action="store_true", help="ignore finished parts")
    args = parser.parse_args()
    found = run(Scale(args.quick), args.only, cache=None if args.fresh else CACHE)
    whole = not args.quick and tuple(args.only) == PAPERS
    facts = {
        "version": f" with numpy {np.__version__} and scipy {scipy.__version__}",
        "seconds": sum(p.seconds for parts in found.values() for p in parts),
        "pictures": pictures(found, PICTURES) if whole else {},
    }
    page = render(found, facts)
    if whole:
        PAGE.write_text(page, encoding="utf-8")
        print(f"Wrote {PAGE}.")
    else:
        print(page)
    claims = [c for parts in found.values() for p in parts for c in p.claims]
    odd = [c.key for c in claims if not all(run.expected for run in c.runs)]
    if odd:
        raise SystemExit(f"Figures outside their bands: {', '.join(odd)}.")


if __name__ == "__main__":
    main()
