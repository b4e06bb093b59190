"""The report in a real browser: nothing cut off, no errors, reachable by keyboard."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess

import pytest

from infostat.report import render_report

PROBE = """
<script>
addEventListener('error', e => document.body.dataset.error = e.message);
addEventListener('load', () => {
  const wide = [], width = document.documentElement.clientWidth;
  for (const e of document.body.querySelectorAll('*')) {
    // A table wider than the window scrolls within its own region.
    if (e.closest('.wide table, .skip, script, style')) continue;
    const r = e.getBoundingClientRect();
    if (r.width && (r.right > width + 1 || r.left < -1)) wide.push(e.tagName + e.className);
  }
  const regions = [...document.querySelectorAll('.wide')];
  const images = [...document.querySelectorAll('img')];
  const out = {
    width, page: document.documentElement.scrollWidth, wide,
    blank: images.filter(i => !i.complete || !i.naturalWidth).length,
    images: images.length,
    regions: regions.length,
    focused: regions.filter(
      r => { r.focus(); return document.activeElement === r; }).length,
    scripts: document.querySelectorAll('script').length,
    hostile: document.querySelector('h1').textContent,
    error: document.body.dataset.error || '',
  };
  const said = document.createElement('pre');
  said.id = 'probe';
  said.textContent = JSON.stringify(out);
  parent.document.body.append(said);
});
</script></body>
"""


def look(text, width, folder):
    """What a page measures in a headless browser, and its console.

    A window is never narrower than 500 pixels; a frame within it is.
    """
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        pytest.skip("no Chromium on this machine")
    inner = html.escape(text.replace("</body>", PROBE), quote=True)
    page = folder / "page.html"
    frame = f'<iframe style="width:{width}px;height:800px;border:0" srcdoc="{inner}">'
    page.write_text(f"<!doctype html><body>{frame}</iframe></body>", encoding="utf-8")
    done = subprocess.run(
        [
            *(browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"),
            *("--no-first-run", "--disable-background-networking"),
            *("--enable-logging=stderr", "--hide-scrollbars"),
            *(f"--user-data-dir={folder / 'profile'}", "--window-size=1400,900"),
            *("--virtual-time-budget=4000", "--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None
    return json.loads(html.unescape(found[1])), [
        x for x in done.stderr.splitlines() if "CONSOLE" in x
    ]


@pytest.fixture(scope="module")
def page(hostile):
    return render_report(
        hostile.card,
        data=hostile.later,
        target="bad",
        groups=["sex"],
        title=hostile.fitted.columns[0],
    )


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_cut_off_and_nothing_fails(page, tmp_path, hostile, width):
    found, console = look(page, width, tmp_path)
    assert console == []
    assert found["width"] == width
    assert found["page"] <= width
    assert found["wide"] == []
    assert found["blank"] == 0 < found["images"]
    assert found["focused"] == found["regions"] > 0
    assert found["scripts"] == 1  # the probe
    assert found["hostile"] == hostile.fitted.columns[0]
    assert found["error"] == ""
