"""Where XGBoost really ran: read from the fitted booster, a fallback is never silent."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from typing import Any

from infostat.exceptions import InfostatWarning

__all__ = ["device_used", "report_fallback"]


def device_used(booster: Any) -> str:
    """Device on which a booster was trained.

    Parameters
    ----------
    booster : xgboost.Booster
        Trained. XGBoost changes a device that it cannot reach before it trains, and
        its configuration tells the one that it took.

    Returns
    -------
    {"cpu", "cuda"}
    """
    config = json.loads(booster.save_config())
    device = str(config["learner"]["generic_param"]["device"])
    return "cuda" if device.startswith("cuda") else "cpu"


def report_fallback(
    requested: str, used: Iterable[str], name: str, stacklevel: int = 3
) -> str:
    """Device of several boosters; warns where CUDA was asked for and not used.

    Parameters
    ----------
    requested : {"cpu", "cuda"}
        What the user asked for.
    used : iterable of str
        What each booster used; nothing was trained where it is empty.
    name : str
        Estimator, for the message.
    stacklevel : int, default=3
        Frame that the warning names.

    Returns
    -------
    {"cpu", "cuda"}
        "cuda" where every booster ran there, and there was one.
    """
    devices = set(used)
    device = "cuda" if devices == {"cuda"} else "cpu"
    if requested == "cuda" and "cpu" in devices:
        warnings.warn(
            f"{name} was asked for device='cuda', but XGBoost found no CUDA device (or "
            f"was built without CUDA) and ran on the CPU: check the driver and that the "
            f"package is xgboost, not xgboost-cpu, or pass device='cpu'.",
            InfostatWarning,
            stacklevel=stacklevel,
        )
    return device
