"""Run the studies and write the page: ``python -m benchmarks.considered``.

``--quick`` takes few replications and generated data alone, and prints. Finished studies
are kept in ``build/considered`` until code or versions change.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks.considered.method import Method
from benchmarks.finished import kept
from benchmarks.papers.claims import Listing, Run
from benchmarks.validation.page import markdown
from benchmarks.validation.study import Scale

STUDIES = (
    "calibration_power",
    "reject_inference",
    "recalibration",
    "pac_bayes",
    "entropy_grouping",
    "listwise",
    "rank_crossing",
    "two_moments",
)
CACHE = Path("build/considered")
PAGE = Path("docs/considered.md")
ELSEWHERE = json.loads(
    (Path(__file__).parent / "published.json").read_text(encoding="utf-8")
)
"""Methods without a run, with what decided and its source."""

HEAD = """# Considered and left out

Methods that were looked at, what they are, the figure that decided, and when to think
again. Written by `python -m benchmarks.considered`; the figures are from its runs. The
first entry is shipped: its table says what it is good for.
"""


def method_from(data: dict[str, Any]) -> Method:
    """Rebuild a method from plain data."""
    listings = [Listing(**listing) for listing in data.pop("listings")]
    runs = [Run(**run) for run in data.pop("runs")]
    return Method(listings=listings, runs=runs, **data)


def run(
    scale: Scale,
    names: Sequence[str] = STUDIES,
    *,
    cache: Path | None = CACHE,
    progress: bool = True,
) -> dict[str, Method]:
    """Run studies; those on file are read."""
    found, here, mode = {}, Path(__file__).parent, "quick" if scale.quick else "full"
    for name in tqdm(names, unit="study", disable=not progress):
        module = import_module(f"benchmarks.considered.{name}")
        sources = [here / f"{name}.py", here / "method.py"]

        def compute(module=module) -> dict[str, Any]:
            return asdict(module.study(scale))

        found[name] = method_from(kept(f"{name}-{mode}", sources, cache, compute)[0])
    return found


def render(found: dict[str, Method]) -> str:
    """The page."""
    lines = [HEAD]
    for name, method in found.items():
        lines += [f"## {method.title}", "", method.what, ""]
        lines += [f"**What decided.** {method.decided}", ""]
        lines += [f"**When to think again.** {method.again}", ""]
        for listing in method.listings:
            lines += [f"{listing.caption}:", ""]
            lines += [*markdown(listing.head, listing.body), ""]
        lines += [f"Run: `benchmarks/considered/{name}.py`.", ""]
    lines += ["## Without a run", ""]
    lines += [
        f"- **{entry['title']}.** {entry['what']} {entry['decided']} {entry['again']} "
        f"({entry['source']})"
        for entry in ELSEWHERE
    ]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.considered", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=STUDIES)
    args = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("always", UserWarning)
        found = run(Scale(args.quick), args.only)
    page = render(found)
    if args.quick or tuple(args.only) != STUDIES:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")
        print(f"Wrote {PAGE}.")
    odd = [name for name, m in found.items() if not all(r.expected for r in m.runs)]
    if odd:
        raise SystemExit(f"Figures outside their bands: {', '.join(odd)}.")


if __name__ == "__main__":
    main()
