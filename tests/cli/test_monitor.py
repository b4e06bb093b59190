"""The monitor command: exit codes, JSON, a monitor that goes on."""

from __future__ import annotations

import json
import warnings

import pytest

from infostat import ScorecardClassifier
from infostat.cli import main
from infostat.datasets import make_applications

pytest.importorskip("pandas")
# The samples are small on purpose; the command shows such notes on standard error.
pytestmark = pytest.mark.filterwarnings("ignore:Sparse bins:infostat.InfostatWarning")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("monitor")
    before = make_applications(2000, rng=0, backend="pandas")
    after = make_applications(1500, rng=1, backend="pandas")
    X = before.frame[before.features]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        card = ScorecardClassifier().fit(X, before.frame["default"])
    card.to_json(folder / "card.json")
    before.frame.to_csv(folder / "reference.csv", index=False)
    after.frame.to_csv(folder / "2024-05.csv", index=False)
    moved = after.frame.assign(balance=after.frame["balance"] * 4)
    moved.to_csv(folder / "2024-06.csv.gz", index=False)
    return folder


def run(folder, *arguments):
    """Exit code of the command."""
    paths = [str(folder / a) if "." in a and " " not in a else a for a in arguments]
    try:
        main(["monitor", *paths])
    except SystemExit as stop:
        return stop.code
    return 0


def test_no_alarm_is_success(files, capsys):
    assert run(files, "card.json", "reference.csv", "2024-05.csv") == 0
    said = capsys.readouterr().out
    assert "No alarm" in said
    assert "score" in said


def test_an_alarm_is_exit_code_two(files, capsys):
    arguments = ("card.json", "reference.csv", "2024-06.csv.gz")
    assert run(files, *arguments) == 2
    said = capsys.readouterr().out
    assert "balance (2024-06) moved. (" in said
    assert "% of the index" in said
    assert run(files, *arguments, "--fail-on", "never") == 0


@pytest.mark.filterwarnings("ignore:Fewer than 20 rows:infostat.InfostatWarning")
def test_json_holds_everything(files, capsys):
    more = ("--segment", "group", "--period", "period", "--target", "default", "--json")
    assert run(files, "card.json", "reference.csv", "2024-05.csv", *more) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["alarm"] is False
    assert set(found["stability"]["segment"]) == {"all", "A", "B"}
    assert len(set(found["stability"]["period"])) == 24
    assert "auc" in found["performance"]["measure"]


def test_a_saved_monitor_goes_on(files, capsys):
    saved = ("--save", "m.json")
    assert run(files, "card.json", "reference.csv", "2024-05.csv", *saved) == 0
    assert run(files, "card.json", "m.json", "2024-06.csv.gz", *saved) == 2
    periods = json.loads((files / "m.json").read_text(encoding="utf-8"))["periods"]
    assert [entry["period"] for entry in periods] == ["2024-05", "2024-06"]
    capsys.readouterr()
    assert run(files, "card.json", "m.json", "2024-05.csv") == 1
    assert "would count twice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("reference.csv", "none.csv"), "There is no file"),
        (("reference.csv", "2024-05.csv", "--period", "month"), "lacks the columns"),
        (("card.json", "2024-05.csv"), "not a monitor"),
    ],
)
def test_mistakes_are_one_sentence(files, capsys, arguments, message):
    assert run(files, "card.json", *arguments) == 1
    said = capsys.readouterr().err.strip().splitlines()
    assert message in said[-1]
