#!/usr/bin/env python3
"""Pages of reports as a browser lays them out, in both languages and for each kind: no text is outside of its
drawing, none lies upon another, no cell is cut, and nothing is wider than A4. Needs chromium; the pages are those
of a made-up year with many categories, long names and large numbers (unit test "figures")."""

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import BUILD, Skipped, case, expect, expect_equal, main  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MOST_SECONDS = 60
PRINTED_MM = 180  # A4 without its margins

# What a browser finds, as JSON in an element of its own.
SCRIPT = """<script>
const found = [], near = 0.75, shown = element => element.textContent;
for (const svg of document.querySelectorAll('svg')) {
  const box = svg.viewBox.baseVal, boxes = [];
  for (const text of svg.querySelectorAll('text')) {
    const b = text.getBBox();
    if (b.x < -near || b.y < -near || b.x + b.width > box.width + near || b.y + b.height > box.height + near)
      found.push('outside: ' + shown(text));
    for (const [c, other] of boxes) {
      const over = Math.min(b.x + b.width, c.x + c.width) - Math.max(b.x, c.x);
      const above = Math.min(b.y + b.height, c.y + c.height) - Math.max(b.y, c.y);
      if (over > 2 && above > 6) found.push('upon another: ' + shown(text) + ' / ' + other);
    }
    boxes.push([b, shown(text)]);
  }
}
for (const cell of document.querySelectorAll('td,th,h1,h2,p'))
  if (cell.scrollWidth > cell.clientWidth + 1) found.push('cut: ' + shown(cell));
const paper = %d * 96 / 25.4;
for (const part of document.querySelectorAll('section,header,table,svg'))
  if (part.getBoundingClientRect().width > paper + 1) found.push('wider than paper: ' + part.tagName);
const pre = document.createElement('pre');
pre.id = 'found';
pre.textContent = JSON.stringify({found: found, texts: document.querySelectorAll('svg text').length,
  outside: performance.getEntriesByType('resource').length});
document.body.append(pre);
</script>""" % PRINTED_MM


@lru_cache
def pages():
    if not CHROMIUM:
        raise Skipped("no chromium is installed")
    folder = Path(tempfile.mkdtemp(prefix="mado-pages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    done = subprocess.run([BUILD / "tests/test-figures", "-p", "/figures/pages to look at"], capture_output=True,
                          text=True, env={**os.environ, "MADO_PAGES": str(folder)})
    expect_equal(done.returncode, 0, "the pages are written: " + done.stderr[-500:])
    return sorted(folder.glob("*.html"))


def looked_at(page, script=SCRIPT):
    probe = page.with_suffix(".probe.html")
    probe.write_text(page.read_text().replace("</body>", script + "</body>"))
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=900,1200",
         f"--user-data-dir={page.parent}/chromium", "--dump-dom", f"file://{probe}"],
        capture_output=True, text=True, timeout=MOST_SECONDS)
    told = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.S)
    expect(told, f"{page.name}: the browser says nothing: {done.stderr[-300:]}")
    probe.unlink()
    return json.loads(told[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


@case
def every_text_stands_in_its_place_on_every_page():
    expect(len(pages()) >= 9, "all kinds of reports")
    wrong = {}
    texts = 0
    for page in pages():
        seen = looked_at(page)
        texts += seen["texts"]
        if seen["found"] or seen["outside"]:
            wrong[page.name] = seen
    expect_equal(wrong, {}, "what is not in its place")
    expect(texts > 500, f"only {texts} texts in the drawings")


@case
def the_browser_would_see_what_is_wrong():
    page = next(page for page in pages() if page.name.startswith("monthly-ja"))
    broken = page.with_name("broken.html")
    broken.write_text(page.read_text().replace('text-anchor="end"', 'text-anchor="start"')
                      .replace("<td>", '<td style="display:block;width:1mm;overflow:hidden">'))
    found = looked_at(broken)["found"]
    expect(any(one.startswith("cut") for one in found), f"a cell that is cut: {found[:5]}")
    expect(any(one.startswith("upon") for one in found), f"a text upon another: {found[:5]}")


if __name__ == "__main__":
    main()
