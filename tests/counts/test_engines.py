"""Array and frame engines give identical tables on every library, hostile data included."""

from __future__ import annotations

import numpy as np
import pytest

from infostat.binning import Bins
from infostat.counts import CountTable, tabulate
from infostat.exceptions import InfostatError

pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")
duckdb = pytest.importorskip("duckdb")

HOSTILE = 'a"; drop table x; --'
N = 600
rng = np.random.default_rng(5)
POOL = [0.1, 0.3, 0.30000001, -999.0, np.inf, -np.inf, 1e308, -0.0, 5e-324, 0.7]
NUMBER = rng.choice(POOL, N)
MISSING = rng.random(N) < 0.1
NAN = (rng.random(N) < 0.1) & ~MISSING
LEVEL = rng.choice(["red", "blue", "<script>", "NaN", "", "never seen", "none"], N)
WHOLE = rng.integers(-3, 9, N)
WEIGHT = rng.integers(0, 40, N) / 8.0  # sums exactly in any order
TARGET = rng.integers(0, 2, N)

BINS = {
    "number": Bins.numeric("number", [-0.5, 0.1, 0.3, 1.0], special_values=[-999, 0.7]),
    HOSTILE: Bins.numeric(HOSTILE, [0.2], missing_to=2),
    "level": Bins.categorical(
        "level",
        [["red", "<script>"], ["blue"], ["NaN", "absent"]],
        special_values=["none"],
    ),
    "whole": Bins.numeric("whole", [-1.5, 0, 4], special_values=[7]),
    "whole as level": Bins.categorical(
        "whole as level", [[1, 2, "3"], ["04", "x", "2.5"], [5.0]], special_values=[-3]
    ),
    "flag": Bins.categorical("flag", [[True], [False]]),
    "number as level": Bins.categorical("number as level", [[0.1, "0.3"], [np.inf]]),
}


def optional(values):
    return [
        None if gone else v for v, gone in zip(values.tolist(), MISSING, strict=True)
    ]


def columns(*, nan=True):
    """Columns with nulls, and with NaN beside them where the library has both."""
    number = np.where(NAN, np.nan, NUMBER) if nan else NUMBER
    return {
        "number": optional(number),
        HOSTILE: optional(NUMBER),
        "level": optional(LEVEL),
        "whole": optional(WHOLE),
        "whole as level": optional(WHOLE),
        "flag": optional(WHOLE > 2),
        "number as level": optional(number),
        "weight": WEIGHT.tolist(),
        "target": TARGET.tolist(),
        "bin_code": [0] * N,  # a name that the engine uses inside
        "n_rows": [0] * N,
    }


def pandas_frame(dtypes):
    frame = pd.DataFrame(columns())
    kinds = {
        "plain": {"whole": "float64", "whole as level": "float64"},
        "nullable": {
            "number": "Float64",
            "whole": "Int64",
            "whole as level": "Int64",
            "flag": "boolean",
            "level": "string",
        },
        "arrow": {
            "number": "double[pyarrow]",
            "whole": "int64[pyarrow]",
            "whole as level": "int64[pyarrow]",
            "flag": "bool[pyarrow]",
            "level": "string[pyarrow]",
        },
        "category": {"level": "category"},
    }
    if dtypes in {"plain", "category"}:
        # Without a nullable type, flags with gaps are objects: text in their place.
        frame["flag"] = frame["flag"].map({True: "True", False: "False"})
    return frame.astype(kinds[dtypes])


def polars_frame():
    return pl.DataFrame(columns(), strict=False)


CONNECTION = duckdb.connect()  # older relations die with their connection


def duck(table):
    return CONNECTION.from_arrow(table)


FRAMES = {
    "pandas": lambda: pandas_frame("plain"),
    "pandas nullable": lambda: pandas_frame("nullable"),
    "pandas arrow": lambda: pandas_frame("arrow"),
    "pandas category": lambda: pandas_frame("category"),
    "polars": polars_frame,
    "polars lazy": lambda: polars_frame().lazy(),
    "polars categorical": lambda: polars_frame().cast({"level": pl.Categorical}),
    "pyarrow": lambda: pa.table(columns()),
    "duckdb": lambda: duck(pa.table(columns())),
}


def expected_table(name, weight):
    """The documented rules, row by row, with nothing of the engines."""
    bins = BINS[name]
    data = columns()[name]
    rows = np.zeros((len(bins.labels), 2), int)
    sums = np.zeros((2, len(bins.labels), 2))
    for value, y, w in zip(data, TARGET, WEIGHT, strict=True):
        code = code_of(bins, value)
        rows[code, y] += 1
        sums[:, code, y] += (w, w * w) if weight else (1, 1)
    return CountTable(rows, sums[0], sums[1], bins.labels)


def code_of(bins, value):
    if value is None or value != value:
        return bins.missing_to
    if bins.groups is None:
        if value in bins.special_values:
            return 1 + bins.special_values.index(value)
        return bins.first + sum(value > cut for cut in bins.cuts)
    text = value
    if isinstance(value, float):
        text = repr(value)
    elif not isinstance(value, str):
        text = str(value)
    if text in bins.special_values:
        return 1 + bins.special_values.index(text)
    found = [k for k, group in enumerate(bins.groups) if text in group]
    return bins.first + found[0] if found else bins.unseen


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("engine", ["array", "frame", "auto"])
@pytest.mark.parametrize("library", FRAMES)
def test_engines_agree_with_a_plain_loop(library, engine, weight):
    tables = tabulate(FRAMES[library](), BINS, "target", weight, engine=engine)
    assert list(tables) == list(BINS)
    for name, table in tables.items():
        expected = expected_table(name, weight)
        assert table.labels == expected.labels
        np.testing.assert_array_equal(table.rows, expected.rows, err_msg=name)
        np.testing.assert_array_equal(table.weight, expected.weight, err_msg=name)
        np.testing.assert_array_equal(table.squared, expected.squared, err_msg=name)


def narrow(dtype):
    """0.1 and 0.3 are other numbers in single precision, above and above their cuts."""
    values = np.array([0.1, 0.2, 0.3, 0.4], dtype)
    return {"x": values, "w": np.array([20, 20, 20, 20], np.int8), "y": [0, 1, 0, 1]}


@pytest.mark.parametrize("engine", ["array", "frame"])
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_narrow_types_keep_their_values(make, engine):
    bins = {"x": Bins.numeric("x", [0.1, 0.3])}
    table = tabulate(make(narrow(np.float32)), bins, "y", "w", engine=engine)["x"]
    assert table.rows.sum(1).tolist() == [0, 0, 2, 2]
    # 20 * 20 does not fit into eight bits.
    assert table.squared.sum() == 4 * 400


@pytest.mark.parametrize("engine", ["array", "frame"])
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_wide_identifiers_and_look_alike_names(make, engine):
    """2^53 + 1 is no float, and the level "01" is not the number 1."""
    frame = make({"x": [1, 2**53 + 1, 2**53, 300], "y": [0, 1, 0, 1]})
    groups = [["01", "1e0"], [str(2**53 + 1)], ["300", str(10**30)], ["1"]]
    bins = {"x": Bins.categorical("x", groups)}
    table = tabulate(frame, bins, "y", engine=engine)["x"]
    assert table.rows.sum(1).tolist() == [0, 1, 0, 1, 1, 1]


@pytest.mark.parametrize("engine", ["array", "frame"])
def test_labels_of_the_target_may_be_words_or_booleans(engine):
    bins = {"x": Bins.numeric("x", [1.5])}
    words = pl.DataFrame({"x": [1, 2, 3], "y": ["good", "bad", "good"]})
    table = tabulate(words, bins, "y", classes=("good", "bad"), engine=engine)["x"]
    assert table.rows.tolist() == [[0, 0], [1, 0], [1, 1]]
    flags = pl.DataFrame({"x": [1, 2, 3], "y": [False, True, False]})
    assert tabulate(flags, bins, "y", engine=engine)["x"].rows.tolist() == (
        table.rows.tolist()
    )


@pytest.mark.parametrize("engine", ["array", "frame"])
def test_more_than_two_classes(engine):
    frame = pl.DataFrame({"x": [1, 2, 3], "y": ["a", "b", "c"]})
    bins = {"x": Bins.numeric("x", [1.5])}
    table = tabulate(frame, bins, "y", classes="cab", engine=engine)["x"]
    assert table.rows.tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize("library", ["polars", "pandas", "pyarrow", "polars lazy"])
def test_chunks_add(library):
    whole = tabulate(FRAMES[library](), BINS, "target", "weight")
    frame = polars_frame()
    parts = [
        tabulate(frame[s], BINS, "target", "weight")
        for s in (slice(0, 77), slice(77, N))
    ]
    for name, table in whole.items():
        joined = parts[0][name] + parts[1][name]
        np.testing.assert_array_equal(joined.weight, table.weight)
        np.testing.assert_array_equal(joined.rows, table.rows)


@pytest.mark.parametrize("engine", ["array", "frame"])
def test_an_empty_frame_is_an_empty_table(engine):
    frame = polars_frame()[:0]
    tables = tabulate(frame, BINS, "target", "weight", engine=engine)
    for table in tables.values():
        assert table.rows.sum() == 0
        assert table.weight.sum() == 0


def test_many_cuts_on_a_lazy_frame():
    cuts = np.linspace(-2, 2, 150)
    values = rng.normal(size=2000)
    frame = pl.DataFrame({"x": values, "y": (values > 0).astype(int)})
    bins = {"x": Bins.numeric("x", cuts)}
    lazy = tabulate(frame.lazy(), bins, "y")["x"]
    np.testing.assert_array_equal(lazy.rows, tabulate(frame, bins, "y")["x"].rows)
    assert lazy.rows.sum() == 2000


ONE = {"x": Bins.numeric("x", [1.5])}


@pytest.mark.parametrize("engine", ["array", "frame"])
@pytest.mark.parametrize(
    "target",
    [
        pl.Series([0, 1, 2]),
        pl.Series([0, 1, None]),
        pl.Series([0.0, 1.0, float("nan")]),
        pl.Series(["0", "1", "0"]),
        pd.array([0, 1, None], dtype="Int64"),
        pd.array([False, True, None], dtype="boolean"),
        pd.array(["0", "1", None], dtype="string"),
        np.array([0, 1, None], dtype=object),
    ],
    ids=["stranger", "null", "nan", "words", "Int64", "boolean", "string", "object"],
)
def test_strange_or_missing_targets_are_named(target, engine):
    make = pl.DataFrame if isinstance(target, pl.Series) else pd.DataFrame
    frame = make({"x": [1.0, 2.0, 3.0], "y": target})
    with pytest.raises(InfostatError, match=r"target 'y' holds .*\[0, 1\]"):
        tabulate(frame, ONE, "y", engine=engine)


@pytest.mark.parametrize("engine", ["array", "frame"])
@pytest.mark.parametrize("bad", [None, float("nan"), float("inf"), -1.0])
@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_weights_that_cannot_be_summed_are_refused(make, bad, engine):
    frame = make({"x": [1.0, 2.0, 3.0], "y": [0, 1, 0], "w": [1.0, bad, 2.0]})
    with pytest.raises(InfostatError, match="weights in 'w' are missing, negative"):
        tabulate(frame, ONE, "y", "w", engine=engine)


def test_weights_are_refused_by_duckdb_too():
    for bad in (None, float("nan"), float("inf"), -1.0):
        table = pa.table({"x": [1.0, 2.0], "y": [0, 1], "w": [1.0, bad]})
        with pytest.raises(InfostatError, match="weights in 'w'"):
            tabulate(duck(table), ONE, "y", "w")


@pytest.mark.parametrize("engine", ["array", "frame"])
def test_absent_columns_and_foreign_bins_are_named(engine):
    frame = pl.DataFrame({"x": [1.0], "y": [0]})
    with pytest.raises(InfostatError, match=r"lacks \['z', 'w'\]; it has \['x', 'y'\]"):
        tabulate(frame, {"z": Bins.numeric("z", [1])}, "y", "w", engine=engine)
    with pytest.raises(InfostatError, match="'x' are those of 'other'"):
        tabulate(frame, {"x": Bins.numeric("other", [1])}, "y", engine=engine)


def test_arrays_are_refused():
    with pytest.raises(InfostatError, match="needs a data frame, got ndarray"):
        tabulate(np.zeros((2, 2)), ONE, "y")
