"""Choosing rows of a file: the command, and pools read in chunks."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from scipy.stats import chisquare

from infostat.cli import main
from infostat.exceptions import InfostatError
from infostat.sampling import leverage_scores
from infostat.sampling.designs import DesignPlan
from infostat.sampling.pool_files import scan_columns, select_from_file
from infostat.sampling.streaming import factor_chunks, record_proposals


def write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(header)
        writer.writerows(rows)
    return path


@pytest.fixture
def pool(tmp_path):
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(900, 2)) * [1.0, 1e4] + [0.0, 1e6]
    level = np.array(["a", "b", "c"])[rng.integers(3, size=900)]
    rows = [[*map(float, x), str(k)] for x, k in zip(numbers, level, strict=True)]
    return write(tmp_path / "pool.csv", ["x", "income", "level"], rows)


def design_matrix(pool):
    with pool.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))[1:]
    numbers = np.array([[float(r[0]), float(r[1])] for r in rows])
    level = np.array([r[2] for r in rows])
    return np.column_stack([numbers, level == "b", level == "c"])


def test_chunks_give_the_leverages_of_the_whole(pool):
    columns = scan_columns(pool, rows=200)
    assert columns.n_rows == 900
    assert columns.levels == {"level": ["a", "b", "c"]}
    from infostat._tables import read_chunks

    def chunks():
        return (columns.matrix(chunk) for chunk in read_chunks(pool, rows=200))

    factor = factor_chunks(chunks)
    assert factor.rank == 5
    phi = np.concatenate([factor.features(chunk) for chunk in chunks()])
    np.testing.assert_allclose(phi.T @ phi / 900, np.eye(5), atol=1e-12)
    leverage = (phi**2).sum(axis=1) / 900
    np.testing.assert_allclose(
        leverage, leverage_scores(design_matrix(pool)), atol=1e-10
    )
    recorded = record_proposals(
        chunks,
        factor,
        n_leveraged=30_000,
        n_measured=30_000,
        rng=np.random.default_rng(1),
    )
    cells = np.argsort(leverage).reshape(30, 30)
    for drawn, law in (
        (recorded.leveraged(30_000, None).places, leverage / 5),
        (recorded.measured(30_000, None).places, np.full(900, 1 / 900)),
    ):
        seen = np.bincount(drawn, minlength=900)[cells].sum(axis=1)
        assert chisquare(seen, 30_000 * law[cells].sum(axis=1)).pvalue > 1e-3
    with pytest.raises(InfostatError, match="used up"):
        recorded.leveraged(1, None)


@pytest.mark.parametrize("method", ["volume", "repeated_dpp", "dpp_greedy", "best_of"])
def test_rows_come_out_as_they_were_with_their_weights(pool, tmp_path, method):
    out = tmp_path / "rows.csv"
    chosen = select_from_file(pool, out, 15, DesignPlan(method), rows=170, rng=3)
    with pool.open(encoding="utf-8", newline="") as handle:
        given = list(csv.DictReader(handle))
    with out.open(encoding="utf-8", newline="") as handle:
        written = list(csv.DictReader(handle))
    assert len(written) == chosen.n_distinct
    assert sum(int(row["draws"]) for row in written) == 15
    leverage = leverage_scores(design_matrix(pool))
    for row in written:
        k = int(row["row"])
        assert {name: row[name] for name in given[k]} == given[k]
        expected = int(row["draws"]) * 5 / 900 / leverage[k]
        assert float(row["weight"]) == pytest.approx(expected, rel=1e-8)
    assert ("block" in written[0]) == (method == "repeated_dpp")


def test_rows_follow_the_leverage_law(pool, tmp_path):
    leverage = leverage_scores(design_matrix(pool))
    cells = np.argsort(leverage).reshape(6, 150)
    seen = np.zeros(900)
    for seed in range(60):
        chosen = select_from_file(
            pool, tmp_path / "r.csv", 10, DesignPlan("volume"), rng=seed
        )
        seen += np.bincount(chosen.design.draws.places, minlength=900)
    expected = 600 * leverage[cells].sum(axis=1) / 5
    assert chisquare(seen[cells].sum(axis=1), expected).pvalue > 1e-3


def test_the_command_prints_what_it_did(pool, tmp_path, capsys):
    out = tmp_path / "rows.csv"
    main(["select", str(pool), "--n", "20", "--out", str(out)])
    printed = capsys.readouterr().out
    for words in ("a priori", "realised", "of 900 rows to label", "5 coefficients"):
        assert words in printed
    first = out.read_bytes()
    main(["select", str(pool), "--n", "20", "--out", str(out), "--json"])
    said = capsys.readouterr().out
    assert "NaN" not in said
    assert "Infinity" not in said
    document = json.loads(said)
    assert document["draws"] == 20
    assert document["unbiased"] is True
    assert document["certificate"]["known"][0] == "a priori"
    assert out.read_bytes() == first  # the same seed
    assert sorted(p.name for p in tmp_path.iterdir()) == ["pool.csv", "rows.csv"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--n", "4"], "4 points cannot carry 5"),
        (["--n", "9", "--exclude", "age"], "has no column 'age'"),
        (["--n", "9", "--categorical", "x"], "more than 50 levels"),
        (["--n", "0"], "is not in the range"),
    ],
)
def test_mistakes_end_in_one_sentence(pool, tmp_path, capsys, options, sentence):
    out = tmp_path / "rows.csv"
    with pytest.raises(SystemExit) as stop:
        main(["select", str(pool), *options, "--out", str(out)])
    assert stop.value.code == 1
    assert sentence in capsys.readouterr().err
    assert not out.exists()


def test_files_that_cannot_be_used(tmp_path, pool):
    plan = DesignPlan("volume")
    holes = write(tmp_path / "holes.csv", ["x", "y"], [[1, 2], ["", 3], [4, 5]])
    with pytest.raises(InfostatError, match=r"'x' has 1 missing values \(first: row 1"):
        select_from_file(holes, tmp_path / "o.csv", 3, plan)
    empty = write(tmp_path / "empty.csv", ["x"], [])
    with pytest.raises(InfostatError, match="no rows to choose from"):
        select_from_file(empty, tmp_path / "o.csv", 3, plan)
    with pytest.raises(InfostatError, match="overwritten"):
        select_from_file(pool, pool, 9, plan)
    clash = write(tmp_path / "clash.csv", ["weight", "z"], [[1, 2], [2, 5], [3, 1]])
    with pytest.raises(InfostatError, match="a column 'weight' already"):
        select_from_file(clash, tmp_path / "o.csv", 3, plan)
    late = write(tmp_path / "late.csv", ["x"], [[1], [2], ["three"], [4]])
    columns = scan_columns(late, rows=2)
    assert columns.levels == {"x": ["1", "2", "4", "three"]}
