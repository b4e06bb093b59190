"""Results kept in files, so that a long run goes on where the last one stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import scipy

import infostat


def fingerprint(sources: Iterable[Path]) -> str:
    """Hash of code and versions: a kept result dies with what made it.

    Parameters
    ----------
    sources : iterable of Path
        Files of the benchmark; those of the package are always included.
    """
    package = Path(infostat.__file__).parent
    digest = hashlib.sha256(f"{np.__version__} {scipy.__version__}".encode())
    for file in [*sources, *sorted(package.rglob("*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def kept(
    name: str,
    sources: Iterable[Path],
    cache: Path | None,
    compute: Callable[[], dict[str, Any]],
) -> tuple[dict[str, Any], bool]:
    """Plain data of a result, and whether it was on file.

    Parameters
    ----------
    name : str
        Name of the result, its mode included.
    sources : iterable of Path
        Files that it depends on.
    cache : Path or None
        Folder; None computes and keeps nothing.
    compute : callable
        Makes the data.
    """
    if cache is None:
        return compute(), False
    file = cache / f"{name}-{fingerprint(sources)}.json"
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8")), True
    data = compute()
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(data), encoding="utf-8")
    partial.replace(file)
    return data, False
