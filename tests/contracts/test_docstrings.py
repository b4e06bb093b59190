"""What `help()` must tell of every public function, class and method."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import pkgutil
import re
import textwrap
from functools import cache, cached_property
from importlib import import_module

import pytest

import infostat

REASON = "numpydoc comes with the docs extra: pip install 'infostat[docs]'"
get_doc_object = pytest.importorskip("numpydoc.docscrape", reason=REASON).get_doc_object
validate = pytest.importorskip("numpydoc.validate", reason=REASON).validate

ROOMS = (
    "divergences",
    "counts",
    "inference",
    "evidence",
    "binning",
    "scorecard",
    "stability",
    "fairness",
    "causal",
    "sampling",
    "samplesize",
    "displays",
    "report",
    "datasets",
)
NOT_ASKED = {
    "GL01": "the summary starts on the line of the quotes",
    "GL02": "the closing quotes of one line stand on it",
    "GL03": "blank lines are the formatter's affair",
    "SA01": "cross references stand in the text, where they are needed",
    "EX01": "functions have examples where one says more than a sentence",
    "ES01": "a summary that says all needs no second paragraph",
    "RT02": "several values are returned by name",
    "RT03": "a type such as CountTable says what is returned",
    "SS05": "a noun may be the summary: 'Share of each class.'",
    "PR08": "a description may start with a symbol or a literal",
    "PR09": "a description may end with a formula",
    "YD01": "generators are annotated",
}
"""Code of numpydoc's validation -> why it is no rule here."""

rooms = pytest.mark.parametrize("room", ROOMS)


def ours(kind):
    """Classes of the package among a class and its bases."""
    return [base for base in kind.__mro__ if base.__module__.startswith("infostat")]


def function_of(raw):
    """Function behind a method, class method, static method or property."""
    raw = getattr(raw, "fget", None) or getattr(raw, "func", None) or raw
    return getattr(raw, "__func__", raw)


def members(kind):
    """Public methods and properties of a class, with the class that writes each."""
    found = {}
    for base in ours(kind):
        for name, raw in vars(base).items():
            plain = inspect.isfunction(function_of(raw)) and not inspect.isclass(raw)
            if plain and not name.startswith("_"):
                found.setdefault(name, base)
    return found


def public(room):
    module = import_module(f"infostat.{room}")
    return {name: getattr(module, name) for name in module.__all__}


def names_of(room):
    """Dotted name, object, class or None: all that users look up, each text once."""
    seen = set()
    for name, value in public(room).items():
        yield f"infostat.{room}.{name}", value, None
        for member, base in members(value).items() if inspect.isclass(value) else ():
            raw = vars(base)[member]
            if id(raw) not in seen:
                seen.add(id(raw))
                yield f"infostat.{room}.{name}.{member}", function_of(raw), value


def said_by_a_base(name, kind):
    """Whether a base class documents a member that a subclass writes anew.

    The contract stands once, in the base; the subclass says what differs.
    """
    member = name.rsplit(".", 1)[1]
    writers = [base for base in ours(kind) if member in vars(base)]
    return any(
        section_of(vars(base)[member], "Returns")
        for base in writers[1:]
        if not isinstance(vars(base)[member], property)
    )


def is_result(value):
    """A dataclass: its fields stand under Attributes, with their units and shapes."""
    return inspect.isclass(value) and dataclasses.is_dataclass(value)


def is_protocol(value):
    """A protocol is not built, so that it has no parameters."""
    return inspect.isclass(value) and getattr(value, "_is_protocol", False)


def findings(room):
    for name, value, kind in names_of(room):
        for code, text in validate(name)["errors"]:
            excused = (
                code in NOT_ASKED
                or (code == "PR01" and (is_result(value) or is_protocol(value)))
                or (code in {"PR01", "RT01"} and kind and said_by_a_base(name, kind))
            )
            if not excused:
                yield f"{name}: {code} {text}"


@rooms
def test_parameters_and_returns_are_documented(room):
    assert list(findings(room)) == []


def documented_attributes(kind):
    """Names under Attributes or Parameters of a class and its bases."""
    names = set()
    for base in ours(kind):
        document = get_doc_object(base, config={"show_class_members": False})
        for section in ("Parameters", "Attributes"):
            for entry in document[section]:
                names |= {part.strip() for part in entry.name.split(",")}
    return names


@rooms
def test_fields_and_properties_of_results_are_attributes(room):
    bare = []
    for name, value in public(room).items():
        if not is_result(value):
            continue
        asked = {f.name for f in dataclasses.fields(value)}
        asked |= {
            member
            for member, base in members(value).items()
            if isinstance(vars(base)[member], property | cached_property)
        }
        missing = sorted(asked - documented_attributes(value))
        bare += [f"{name}.{n}" for n in missing if not n.startswith("_")]
    assert bare == []


@cache
def tree_of(function):
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def callees(function, kind):
    """Functions of the package that a function calls by name, or on itself."""
    for node in ast.walk(tree_of(function)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name):
            found = function.__globals__.get(called.id)
        elif isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            name = called.value.id
            owner = kind if name in {"self", "cls"} else function.__globals__.get(name)
            found = inspect.getattr_static(owner, called.attr, None) if owner else None
        else:
            continue
        found = function_of(found)
        if inspect.isfunction(found) and found.__module__.startswith("infostat"):
            yield found


def raises(function, kind, depth=2):
    """Whether a function, or one that it calls (twice removed), raises an error."""
    own = any(
        isinstance(node, ast.Raise) and "Error" in ast.dump(node)
        for node in ast.walk(tree_of(function))
    )
    if own or depth == 0:
        return own
    return any(raises(called, kind, depth - 1) for called in callees(function, kind))


def section_of(function, title):
    return re.search(rf"^ *{title}\n", function.__doc__ or "", re.MULTILINE)


@rooms
def test_errors_are_documented(room):
    silent = [
        name
        for name, value, kind in names_of(room)
        if inspect.isfunction(value)
        and raises(value, kind)
        and not section_of(value, "Raises")
        and not (kind and said_by_a_base(name, kind))
    ]
    assert silent == []


@rooms
def test_arrays_name_their_shapes(room):
    shapeless = []
    for name, value, _ in names_of(room):
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        document = get_doc_object(value, config={"show_class_members": False})
        shapeless += [
            f"{name}: {entry.name} : {entry.type}"
            for section in ("Parameters", "Returns")
            for entry in document[section]
            if re.search(r"array-like|ndarray", entry.type)
            and not re.search(r"of (the |that )?shape", entry.type)
        ]
    assert shapeless == []


def stated_defaults(value):
    """Name, default of the signature and default of the docstring, None if unsaid."""
    signature = inspect.signature(value).parameters
    document = get_doc_object(value, config={"show_class_members": False})
    for entry in document["Parameters"]:
        names = [name.strip() for name in entry.name.split(",")]
        _, said, text = entry.type.partition("default=")
        # "default=8 and 1" gives each of two names its own.
        texts = text.split(" and ") if " and " in text else [text] * len(names)
        for name, one in zip(names, texts, strict=True):
            if name in signature:
                yield name, signature[name].default, one if said else None


@rooms
def test_defaults_are_those_of_the_signature(room):
    # A default of None may stand for "optional", or for an argument that is needed.
    wrong = []
    for name, value, _ in names_of(room):
        if inspect.isfunction(value) or section_of(value, "Parameters"):
            for parameter, default, said in stated_defaults(value):
                needed = default is inspect.Parameter.empty or default is None
                agrees = needed if said is None else same(said, default)
                if not agrees:
                    wrong.append(f"{name}({parameter}={default!r}): {said}")
    assert wrong == []


def same(text, default):
    """Whether a default is the one of the text; words such as "0.05 to 0.8" pass."""
    try:
        return ast.literal_eval(text) == default
    except (SyntaxError, ValueError):
        return default is not inspect.Parameter.empty


def test_rules_not_asked_have_reasons():
    assert all(len(reason) > 20 for reason in NOT_ASKED.values())


def test_every_room_is_looked_at():
    found = {
        module.name
        for module in pkgutil.iter_modules(infostat.__path__)
        if module.ispkg and module.name != "cli"
    }
    assert found == set(ROOMS)
