"""The print edition: each chapter as a PDF, printed from the built book by a browser.

    python -m tools.paper            (make print)

book/site/ft-print.css makes the pages fit for paper, for readers who print them too. What a style sheet cannot do is done here in
the page, before it is printed: folded answers go to the end, and each picture with controls says where it can be moved.
"""

import os
import sys
import threading
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import ftlib
from tools import BUILD, ROOT
from tools.book import HTML, chapters, server
from tools.browser import OPTIONS, program

__all__ = ["FOLDER", "PREPARE", "print_all"]

FOLDER = BUILD / "print"
PAGES = ("book/glossary.html", "book/references.html")
MARGINS = {"top": "22mm", "bottom": "20mm", "left": "20mm", "right": "20mm"}
STYLE = "width:100%;margin:0 20mm;display:flex;justify-content:space-between;font:8.5px system-ui,sans-serif;color:#5c6670"
LINE = f'<div style="{STYLE}">'

PREPARE = """site => {
  const article = document.querySelector('.bd-article'), section = article.querySelector('section');
  const make = (tag, name, html) => Object.assign(document.createElement(tag), { className: name, innerHTML: html });

  const shown = {}; // as ft-live.js names them: one function may be shown twice
  for (const explore of article.querySelectorAll('.ft-explore[data-table]')) {
    const spec = JSON.parse(explore.querySelector('.ft-spec').textContent), short = spec.function.split('.').pop();
    const same = shown[short] = (shown[short] ?? 0) + 1, name = same > 1 ? `${short}-${same}` : short;
    const [dial] = spec.controls, values = dial.default.map(index => dial.values[index]);
    const page = site ? site.replace(/\\/$/, '') + '/' + PAGE : PAGE;
    const address = `${page}#${name}.${dial.name}=${encodeURIComponent(dial.kind === 'toggles' ? values.join('') : values[0])}`;
    explore.querySelector('.ft-shown').append(make('span', 'ft-address', `Move it: ${address}`));
  }

  const answers = make('section', 'ft-answers', '<h2>Answers</h2>');
  let number = 0;
  for (const fold of article.querySelectorAll('details:not(.ft-story)')) {
    const summary = fold.querySelector('summary'), title = summary.textContent.trim();
    if (fold.matches('.hide')) {
      summary.remove();
      fold.replaceWith(...fold.childNodes);
    } else if (/^What \\w+ changes in/.test(title)) fold.open = true;
    else {
      let before = fold;
      while (before && !before.querySelector?.(':scope > strong')) before = before.previousElementSibling;
      const exercise = /^(Hint|Solution)$/.test(title) && before?.querySelector('strong').textContent.match(/^\\d+/)?.[0];
      const asks = !/^(Hint|Solution|Answer)$/.test(title);
      summary.remove();
      number += 1;
      const answer = make('div', 'ft-answer', `<h3>${number}. </h3>`);
      answer.firstChild.append(exercise ? `${title} of exercise ${exercise}` : title);
      answer.append(...fold.childNodes);
      answers.append(answer);
      const place = make('p', 'ft-folded', '');
      if (asks) place.append(make('b', '', ''), ' ');
      if (asks) place.firstChild.textContent = title;
      place.append(make('i', '', `${asks || title === 'Answer' ? 'Answer' : `${title}: answer`} ${number}, at the end.`));
      fold.replaceWith(place);
    }
  }
  if (number) section.append(answers);
}"""


def print_all(html: Path = HTML, out: Path = FOLDER, *, site: str = "", names: tuple[str, ...] = ()) -> bool:
    """Print pages of a built book.

    Parameters
    ----------
    html : Path
        The built book.
    out : Path
        Where the PDFs go, one a page.
    site : str, optional
        The address the book is published under, which pictures are to name.
    names : tuple of str, optional
        Pages as paths in the book; by default all chapters, the glossary and the references.

    Returns
    -------
    bool
        Whether it went well; if not, why has been said.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return _missing("playwright: install requirements/browser.txt")
    browser_path = program()
    if browser_path is None:
        return _missing("Chromium, Chrome or Edge on this machine")
    names = names or (*(f"chapters/{path.stem}.html" for path in chapters()), *PAGES)
    if absent := [name for name in names if not (html / name).exists()]:
        return _missing(f"{absent[0]} in {html}: build the book first")
    out.mkdir(parents=True, exist_ok=True)
    running = server(0, html)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{running.server_address[1]}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=OPTIONS)
        for name in names:
            _print(browser.new_page, base, name, out / f"{Path(name).stem}.pdf", site)
        browser.close()
    running.shutdown()
    return True


def _print(new_page: Callable[..., Any], base: str, name: str, path: Path, site: str) -> None:
    page = new_page(color_scheme="light", viewport={"width": 720, "height": 1000})
    page.route(lambda url: not url.startswith((base, "data:", "blob:")), lambda route: route.abort())
    page.add_init_script("try { localStorage.mode = localStorage.theme = 'light' } catch {}")
    page.goto(base + name)
    page.emulate_media(media="print")
    page.evaluate(f"window.PAGE = {name!r}")
    page.evaluate(PREPARE, site)
    title = page.locator(".bd-article h1").first.evaluate("heading => heading.firstChild.textContent")
    page.pdf(
        path=str(path),
        format="A4",
        margin=MARGINS,
        print_background=True,
        display_header_footer=True,
        header_template=f"{LINE}<span>Fault tolerance in distributed systems</span><span>{escape(title)}</span></div>",
        footer_template=(
            f"{LINE}<span>Version {ftlib.__version__} · text and pictures CC BY 4.0, code MIT</span>"
            '<span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>'
        ),
        outline=True,
        tagged=True,
    )
    page.close()


def _missing(what: str) -> bool:
    print(f"Nothing is printed: there is no {what}", file=sys.stderr)
    return False


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(not print_all(site=os.environ.get("SITE_URL", "")))
