"""Budgets that keep the code readable; exceptions need a reason."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import infostat

ROOT = Path(infostat.__file__).parent
FILES = sorted(p for p in ROOT.rglob("*.py") if "__pycache__" not in p.parts)
NAMES = [str(p.relative_to(ROOT)) for p in FILES]
FILE_LINES = 400
FUNCTION_LINES = 50

LONG_FILES: dict[str, str] = {}
"""File -> why it is longer."""

LONG_FUNCTIONS: dict[str, str] = {}
"""file:function -> why it is longer."""


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(tree):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def code_lines(function, source):
    """Lines of a function without its docstring, blank lines and comments."""
    body = function.body
    has_docstring = ast.get_docstring(function, clean=False) is not None
    first = body[1].lineno if has_docstring and len(body) > 1 else body[0].lineno
    if has_docstring and len(body) == 1:
        return 1
    lines = source[first - 1 : function.end_lineno]
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") for line in lines
    )


@pytest.mark.parametrize("name", NAMES)
def test_files_are_short(name):
    n_lines = len((ROOT / name).read_text(encoding="utf-8").splitlines())
    assert (n_lines <= FILE_LINES) != (name in LONG_FILES), n_lines


@pytest.mark.parametrize("name", NAMES)
def test_functions_are_short(name):
    path = ROOT / name
    source = path.read_text(encoding="utf-8").splitlines()
    long = {
        f"{name}:{function.name}": n_lines
        for function in functions_of(tree_of(path))
        if (n_lines := code_lines(function, source)) > FUNCTION_LINES
    }
    excused = {key for key in LONG_FUNCTIONS if key.startswith(f"{name}:")}
    assert set(long) == excused, long


def test_exceptions_have_reasons():
    reasons = [*LONG_FILES.values(), *LONG_FUNCTIONS.values()]
    assert all(len(reason) > 20 for reason in reasons)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_prints_or_announces_futures(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    names = {
        node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)
    }
    assert names.isdisjoint(
        {"print", "breakpoint", "FutureWarning", "DeprecationWarning"}
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_place_of_any_machine(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "/home/" not in text
    assert "/tmp/" not in text  # noqa: S108 - that it is absent is the point
    assert "/work/" not in text


def modules():
    for path in FILES:
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not parts[-1].startswith("__main"):
            yield name


MODULES = list(modules())


def public_members(module):
    """Public objects of a module, and the public methods of its classes."""
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        if value.__module__ != module.__name__:
            continue
        yield name, value
        if not inspect.isclass(value):
            continue
        for member, raw in vars(value).items():
            if member.startswith("_") and member != "__init__":
                continue
            found = getattr(raw, "fget", None) or getattr(raw, "__func__", raw)
            if inspect.isfunction(found) and found.__module__ == module.__name__:
                yield f"{name}.{member}", found


@pytest.mark.parametrize("name", MODULES)
def test_modules_say_what_they_are_and_what_is_public(name):
    module = import_module(name)
    assert module.__doc__
    assert module.__doc__.strip().splitlines()[0].endswith((".", "?"))
    assert hasattr(module, "__all__")


@pytest.mark.parametrize("name", MODULES)
def test_public_objects_are_documented(name):
    bare = [
        member
        for member, value in public_members(import_module(name))
        if not member.endswith("__init__") and not (value.__doc__ or "").strip()
    ]
    assert bare == []


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_are_annotated(name):
    bare = []
    for member, value in public_members(import_module(name)):
        if not inspect.isfunction(value):
            continue
        signature = inspect.signature(value)
        parameters = [
            p for p in signature.parameters.values() if p.name not in {"self", "cls"}
        ]
        given = [p.annotation for p in parameters] + [signature.return_annotation]
        # A dataclass writes its own __init__ from annotated fields.
        if inspect.Signature.empty in given:
            bare.append(member)
    assert bare == []


@pytest.mark.parametrize("name", MODULES)
def test_parameters_are_in_the_docstring(name):
    # Every parameter of a public function is explained; estimators do so in the class.
    missing = []
    for member, value in public_members(import_module(name)):
        if inspect.isclass(value) or "Parameters\n" not in (value.__doc__ or ""):
            continue
        text = value.__doc__.split("Parameters\n", 1)[1]
        missing += [
            f"{member}({p})"
            for p in inspect.signature(value).parameters
            if p not in {"self", "cls"} and p not in text
        ]
    assert missing == []
