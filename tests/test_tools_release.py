"""What a release carries."""

import zipfile

import ftlib
from tools import release
from tools.wheel import NAME


def test_a_release(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(release, "FOLDER", tmp_path / "release")
    html, pages = tmp_path / "html", tmp_path / "print"
    assert not release.release(html, pages)
    assert f"no book in {html}; no print edition in {pages}" in capsys.readouterr().err
    (html / "_static").mkdir(parents=True)
    (html / "_static" / "a.js").write_text("1", encoding="utf-8")
    (html / "index.html").write_text("page", encoding="utf-8")
    pages.mkdir()
    (pages / "1.pdf").write_bytes(b"%PDF")
    assert release.release(html, pages)
    site, paper = (f"ft-book-{ftlib.__version__}{end}.zip" for end in ("", "-print"))
    assert {path.name for path in release.FOLDER.iterdir()} == {NAME, site, paper}
    with zipfile.ZipFile(release.FOLDER / site) as archive:
        assert {name.partition("/")[2] for name in archive.namelist()} == {
            "index.html",
            "_static/a.js",
        }
