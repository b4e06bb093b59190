"""The audit record of a boosted card, written and read back."""

from __future__ import annotations

from typing import Any

import numpy as np

from infostat._sklearn import Target
from infostat._versions import versions

__all__ = ["audit_record", "read_audit"]

LIBRARIES = ("infostat", "numpy", "scipy", "scikit-learn", "xgboost")


def audit_record(classifier: Any, target: Target) -> dict[str, Any]:
    """What a fitted classifier leaves in its card."""
    return {
        "n_samples": len(target.y),
        "n_events": int(target.y.sum()),
        "parameters": {k: repr(v) for k, v in classifier.get_params().items()},
        "versions": versions(LIBRARIES),
        "device": classifier.device_,
        "n_rounds": classifier.n_rounds_,
        "trends": classifier.trends_,
        "float32_thresholds": {
            name: [float(t) for t in thresholds]
            for name, thresholds in classifier.thresholds_.items()
        },
    }


def read_audit(classifier: Any, audit: dict[str, Any]) -> None:
    """Set the attributes of a restored classifier that only its record holds."""
    classifier.n_rounds_ = classifier.n_rounds = int(audit["n_rounds"])
    classifier.device_ = str(audit["device"])
    classifier.trends_ = dict(audit["trends"])
    classifier.thresholds_ = {
        name: np.array(values, dtype=np.float32)
        for name, values in audit["float32_thresholds"].items()
    }
