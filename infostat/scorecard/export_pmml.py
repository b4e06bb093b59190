"""A card as a PMML 4.4 Scorecard, for engines that know nothing of Python."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from infostat._files import write_text
from infostat.binning.bins import Bins
from infostat.counts.levels import level_name
from infostat.exceptions import InfostatError
from infostat.scorecard.expressions import ADDED
from infostat.scorecard.reasons import Baseline, baseline_points

if TYPE_CHECKING:
    from infostat.scorecard.feature_card import FeatureCard
    from infostat.scorecard.scorecard import Scorecard

__all__ = ["write_pmml"]

NAMESPACE = "http://www.dmg.org/PMML-4_4"

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""

Element = ET.Element


def write_pmml(
    card: Scorecard,
    path: str | os.PathLike[str] | None = None,
    *,
    reasons: int = 4,
    baseline: Baseline = "maximum",
) -> str:
    """Write the card as a PMML 4.4 Scorecard.

    Parameters
    ----------
    card : Scorecard
        The card.
    path : path-like, optional
        File to write, atomically.
    reasons : int, default=4
        Number of outputs ``reason_1``, ``reason_2``, ...: the features that lack most
        points. PMML ranks all features, also those that lack none.
    baseline : {"maximum", "mean", "neutral"}, default="maximum"
        What points are compared with, see :func:`.reasons.reason_codes`.

    Returns
    -------
    str
        The document. Outputs are ``points``, ``probability`` (of the event, from
        unrounded log-odds) and the reasons.

    Raises
    ------
    InfostatError
        If a name or level holds a character that XML cannot, or a feature has the name
        of an output.
    """
    features = card.features
    _check_names(card, reasons)
    root = Element("PMML", version="4.4", xmlns=NAMESPACE)
    header = _add(root, "Header", description="Scorecard written by infostat")
    _add(header, "Application", name="infostat")
    _data_dictionary(root, card)
    model = _add(
        root,
        "Scorecard",
        modelName="scorecard",
        functionName="regression",
        algorithmName="scorecard",
        initialScore="0",
        useReasonCodes="true",
        reasonCodeAlgorithm="pointsBelow",
        baselineMethod="other",
        isScorable="true",
    )
    schema = _add(model, "MiningSchema")
    for name in features:
        # An unseen level is a value like any other: its bin is the last attribute.
        _add(schema, "MiningField", name=name, invalidValueTreatment="asIs")
    _outputs(model, card, reasons)
    _effects(model, card)
    aims = baseline_points(card, baseline)
    characteristics = _add(model, "Characteristics")
    for (name, feature), aim in zip(features.items(), aims, strict=True):
        _characteristic(characteristics, name, feature, float(aim))
    ET.indent(root)
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(
        root, encoding="unicode"
    )
    if path is not None:
        write_text(path, text)
    return text


def _check_names(card: Scorecard, reasons: int) -> None:
    outputs = {*ADDED, *(f"reason_{k}" for k in range(1, reasons + 1))}
    outputs |= {_effect_name(k) for k in range(len(card.features))}
    for name, feature in card.features.items():
        if name in outputs:
            msg = f"The feature {name!r} has the name of an output: rename it."
            raise InfostatError(msg)
        levels = [level for group in feature.bins.groups or () for level in group]
        levels += [str(level_name(v)) for v in feature.bins.special_values]
        for text in (name, *levels):
            found = ILLEGAL.search(text)
            if found:
                msg = (
                    f"{text!r} (feature {name!r}) holds the character "
                    f"{found.group()!r}, which XML cannot: recode it before fitting."
                )
                raise InfostatError(msg)


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return ET.SubElement(parent, tag, attributes)


def _digits(value: float) -> str:
    """Shortest text that reads back as the same double."""
    return repr(float(value)).removesuffix(".0")


def _data_dictionary(root: Element, card: Scorecard) -> None:
    dictionary = _add(root, "DataDictionary", numberOfFields=str(len(card.features)))
    for name, feature in card.features.items():
        if feature.bins.groups is None:
            field = _add(
                dictionary,
                "DataField",
                name=name,
                optype="continuous",
                dataType="double",
            )
            _add(field, "Value", value="NaN", property="missing")
        else:
            _add(
                dictionary,
                "DataField",
                name=name,
                optype="categorical",
                dataType="string",
            )


def _outputs(model: Element, card: Scorecard, reasons: int) -> None:
    output = _add(model, "Output")
    real = {"optype": "continuous", "dataType": "double"}
    _add(output, "OutputField", name=ADDED[0], feature="predictedValue", **real)
    field = _add(
        output, "OutputField", name=ADDED[1], feature="transformedValue", **real
    )
    _probability(field, card)
    for rank in range(1, reasons + 1):
        _add(
            output,
            "OutputField",
            name=f"reason_{rank}",
            feature="reasonCode",
            rank=str(rank),
            optype="categorical",
            dataType="string",
        )


def _probability(parent: Element, card: Scorecard) -> None:
    """1 / (1 + exp(-(intercept + effects)))."""
    chance = _add(parent, "Apply", function="/")
    _constant(chance, 1.0)
    below = _add(chance, "Apply", function="+")
    _constant(below, 1.0)
    power = _add(below, "Apply", function="exp")
    minus = _add(power, "Apply", function="*")
    _constant(minus, -1.0)
    log_odds = _add(minus, "Apply", function="sum")
    _constant(log_odds, card.intercept)
    for k in range(len(card.features)):
        _add(log_odds, "FieldRef", field=_effect_name(k))


def _constant(parent: Element, value: float) -> None:
    _add(parent, "Constant", dataType="double").text = _digits(value)


def _effect_name(k: int) -> str:
    return f"infostat_effect_{k}"


def _effects(model: Element, card: Scorecard) -> None:
    """Log-odds of every feature: probabilities do not come from rounded points."""
    transformations = _add(model, "LocalTransformations")
    for k, (name, feature) in enumerate(card.features.items()):
        field = _add(
            transformations,
            "DerivedField",
            name=_effect_name(k),
            optype="continuous",
            dataType="double",
        )
        _choice(field, name, feature)


def _choice(parent: Element, name: str, feature: FeatureCard) -> None:
    """Nested "if" from the first bin to the last."""
    bins = feature.bins
    effect = [float(value) for value in feature.effect]
    choice = _add(parent, "Apply", function="if")
    _add(_add(choice, "Apply", function="isMissing"), "FieldRef", field=name)
    _constant(choice, effect[bins.missing_to])
    tests: list[tuple[str, Sequence[Any], float]] = [
        ("equal", [special], effect[k])
        for k, special in enumerate(bins.special_values, start=1)
    ]
    if bins.groups is None:
        tests += [
            ("lessOrEqual", [cut], effect[k])
            for k, cut in enumerate(bins.cuts or (), start=bins.first)
        ]
        rest = effect[-1]
    else:
        tests += [
            ("isIn", group, effect[k])
            for k, group in enumerate(bins.groups, start=bins.first)
        ]
        rest = effect[bins.first - 1]
    kind = "double" if bins.groups is None else "string"
    for function, values, value in tests:
        choice = _add(choice, "Apply", function="if")
        test = _add(choice, "Apply", function=function)
        _add(test, "FieldRef", field=name)
        for given in values:
            constant = _add(test, "Constant", dataType=kind)
            constant.text = _text(bins, given)
        _constant(choice, value)
    _constant(choice, rest)


def _text(bins: Bins, value: Any) -> str:
    return _digits(value) if bins.groups is None else str(level_name(value))


def _characteristic(
    parent: Element, name: str, feature: FeatureCard, baseline: float
) -> None:
    bins, points = feature.bins, feature.points
    characteristic = _add(
        parent,
        "Characteristic",
        name=name,
        reasonCode=name,
        baselineScore=_digits(baseline),
    )

    def attribute(code: int) -> Element:
        return _add(
            characteristic, "Attribute", partialScore=_digits(float(points[code]))
        )

    missing = attribute(bins.missing_to)
    _add(missing, "SimplePredicate", field=name, operator="isMissing")
    for k, special in enumerate(bins.special_values, start=1):
        _equals(attribute(k), name, _text(bins, special))
    if bins.groups is not None:
        for k, group in enumerate(bins.groups, start=bins.first):
            _one_of(attribute(k), name, group)
        _add(attribute(bins.first - 1), "True")
        return
    edges = [-math.inf, *(bins.cuts or ()), math.inf]
    for k, (low, high) in enumerate(pairwise(edges), start=bins.first):
        _between(attribute(k), name, low, high)


def _equals(parent: Element, name: str, value: str) -> None:
    _add(parent, "SimplePredicate", field=name, operator="equal", value=value)


def _one_of(parent: Element, name: str, levels: Sequence[str]) -> None:
    """One test a level: a PMML array would need an escape that engines read apart."""
    if len(levels) > 1:
        parent = _add(parent, "CompoundPredicate", booleanOperator="or")
    for level in levels:
        _equals(parent, name, level)


def _between(parent: Element, name: str, low: float, high: float) -> None:
    """Say low < x <= high; the end bins take the infinities."""
    tests = [
        (operator, edge)
        for operator, edge in (("greaterThan", low), ("lessOrEqual", high))
        if math.isfinite(edge)
    ]
    if not tests:
        _add(parent, "True")
        return
    if len(tests) > 1:
        parent = _add(parent, "CompoundPredicate", booleanOperator="and")
    for operator, edge in tests:
        _add(
            parent,
            "SimplePredicate",
            field=name,
            operator=operator,
            value=_digits(edge),
        )
