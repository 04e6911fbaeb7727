"""What the site's style sheet and script promise that can be read off the files."""

import gzip
import re
from pathlib import Path

import pytest
import yaml

from ftlib.drawing.palette import HEX
from ftlib.live.page import ICONS

SITE = Path(__file__).resolve().parent.parent / "book" / "site"
CSS = (SITE / "ft.css").read_text(encoding="utf-8")
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in SITE.glob("*.js")}
TEXT_COLOURS = sorted(HEX.keys() - {"paper", "shade", "line"})


def colours(selector):
    block = re.search(re.escape(selector) + r" \{([^}]*--ft-ink[^}]*)\}", CSS)[1]
    return dict(re.findall(r"--ft-(\w+): (#[0-9a-f]{6});", block))


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_light_colours_are_those_of_the_palette():
    assert colours("html") == HEX


@pytest.mark.parametrize("selector", ["html", 'html[data-theme="dark"]'])
def test_every_colour_of_text_is_legible(selector):
    known = colours(selector)
    assert known.keys() == HEX.keys()
    for name in TEXT_COLOURS:
        assert contrast(known[name], known["paper"]) >= 4.5, f"{name} on paper"
    for name in ("ink", "muted", "blue"):
        assert contrast(known[name], known["shade"]) >= 4.5, f"{name} on shade"


def test_the_scripts_are_small_and_fetch_only_what_lies_beside_them():
    sizes = {name: len(gzip.compress(text.encode())) for name, text in SCRIPTS.items()}
    del sizes["ft-worker.js"]  # which no page loads, but Python's worker
    assert sum(sizes.values()) < 20_000
    assert f'Play: "{ICONS["Play"]}"' in SCRIPTS["ft-live.js"]
    for name, script in SCRIPTS.items():
        code = re.sub(r"//.*", "", script)
        assert not re.search(
            r"https?:|\b(XMLHttpRequest|eval|importScripts)\b", code
        ), name
        calls = re.findall(r"\b(?:fetch|import|new Worker)\(([^()]*\([^()]*\))", code)
        assert (
            calls
            == {
                "ft-faults.js": [],
                "ft-live.js": [],
                "ft-predict.js": [],
                "ft-site.js": ['new URL("offline.json", root)'],
                "ft-terms.js": [],
                "ft-python.js": ["new URL(`ft-worker.js?${build}`, here)"],
                "ft-worker.js": [
                    'new URL("ft-python.json", home)',
                    'new URL("pyodide.mjs", home)',
                    "new URL(library, home)",
                ],
            }[name]
        )


def test_no_rule_of_ours_looks_into_a_whole_article():
    """Each change of a picture would style much of the page anew: 6 ms on a phone."""
    assert not re.search(r"(\b(html|body|main)|\.bd-[\w-]+|\.cell):has\(", CSS)


def test_the_book_loads_them():
    settings = yaml.safe_load(
        (SITE.parents[1] / "_config.yml").read_text(encoding="utf-8")
    )["sphinx"]
    assert "ftlib.live.sphinx" in settings["extra_extensions"]
    assert settings["config"]["html_static_path"] == ["book/site"]
    assert settings["config"]["html_css_files"] == [
        "ft.css",
        "ft-site.css",
        ["ft-print.css", {"media": "print"}],
    ]
    assert settings["config"]["html_js_files"] == [
        ["ft-python.js", {"defer": "defer"}],
        ["ft-faults.js", {"defer": "defer"}],
        ["ft-live.js", {"defer": "defer"}],
        ["ft-predict.js", {"defer": "defer"}],
        ["ft-terms.js", {"defer": "defer"}],
        ["ft-site.js", {"defer": "defer"}],
    ]


def test_style_sheet_and_script_load_nothing():
    assert "url(" not in CSS
    assert "@import" not in CSS
