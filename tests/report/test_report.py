"""The report: self-contained, safe with hostile names, whole in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess

import numpy as np
import pytest

from infostat import ScorecardClassifier
from infostat.report import render_report, write_report

pytest.importorskip("jinja2")
pytest.importorskip("matplotlib")

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture(scope="module")
def report() -> str:
    import pandas as pd

    rng = np.random.default_rng(1)
    level = rng.choice([HOSTILE, 'a"; drop table x; --', "$x$"], 600)
    frame = pd.DataFrame({HOSTILE: rng.standard_normal(600), "level": level})
    y = (rng.random(600) < 0.2 + 0.2 * (frame[HOSTILE] > 0)).astype(int)
    card = ScorecardClassifier().fit(frame, y)
    return render_report(
        card, points=card.predict_points(frame), events=y.to_numpy(), notes=[HOSTILE]
    )


def test_names_are_text(report):
    assert "<script" not in report
    assert "&lt;script&gt;" in report


def test_nothing_is_fetched(report):
    assert not re.search(r"(?:src|href)=[\"'](?!data:|#)", report)
    assert "http" not in re.sub(r'src="data:[^"]*"', "", report)


def test_tables_and_pictures_can_be_read_aloud(report):
    assert report.count("<caption>") == report.count("<table>") == 3
    assert all('alt="' in tag for tag in re.findall(r"<img[^>]*>", report))
    assert report.count("<h1>") == 1
    assert 'lang="en"' in report


def test_it_is_written_whole(report, tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"x": np.tile(np.arange(10.0), 30)})
    y = (np.arange(300) % 3 == 0).astype(int)
    card = ScorecardClassifier().fit(frame, y)
    write_report(card, tmp_path / "r.html", title="Card")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>")
    assert "<title>Card</title>" in text


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_cut_off_in_a_browser(report, tmp_path, width):
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    # The page measures itself: wider than the window would mean a sideways scroll.
    probe = (
        "<script>document.title='W'+document.documentElement.scrollWidth+'/'"
        "+window.innerWidth</script></body>"
    )
    page = tmp_path / "page.html"
    page.write_text(report.replace("</body>", probe), encoding="utf-8")
    done = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"),
            *("--no-first-run", "--disable-background-networking"),
            *(f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},900"),
            *("--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = re.search(r"<title>W(\d+)/(\d+)</title>", done.stdout)
    assert found is not None
    assert int(found[1]) <= int(found[2])
