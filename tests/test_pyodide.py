"""The folder with which pages run Python: its wheel of ftlib, its list of packages,
what happens when something is missing.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import ftlib
from ftlib.live.sphinx import library_hash
from tools import pyodide
from tools.wheel import NAME, wheel

HOME = Path(ftlib.__file__).parent
SOURCES = {
    path.relative_to(HOME.parent).as_posix(): path.read_bytes()
    for path in HOME.rglob("*")
    if path.suffix in {".py", ".typed", ".js", ".css"}
}


def content(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


OWN = pyodide.tagged(NAME, library_hash()[:12])


# ---------------------------------------------------------------------------- the wheel


def test_the_wheel_is_the_library(tmp_path):
    path = wheel(tmp_path)
    assert path.name == NAME
    found = content(path)
    assert {
        name: body for name, body in found.items() if name.startswith("ftlib/")
    } == SOURCES
    (metadata,) = [
        body.decode() for name, body in found.items() if name.endswith("/METADATA")
    ]
    assert f"Version: {ftlib.__version__}\n" in metadata
    assert re.findall(r"Requires-Dist: ([\w-]+)(.*)", metadata), "the extra is named"
    assert all(
        "extra ==" in rest
        for _, rest in re.findall(r"Requires-Dist: ([\w-]+)(.*)", metadata)
    ), "it needs nothing else"
    assert any(name.endswith("LICENSE") for name in found)
    assert "ftlib/py.typed" in found


def test_the_same_sources_make_the_same_wheel(tmp_path, monkeypatch):
    first = wheel(tmp_path / "a")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.chdir(tmp_path)
    again = wheel(Path("b"))
    assert again == tmp_path / "b" / NAME
    assert again.read_bytes() == first.read_bytes()
    assert (os.environ["SOURCE_DATE_EPOCH"], Path.cwd()) == (
        "1700000000",
        tmp_path,
    ), "what it changed is as before"


# ----------------------------------------------------------------- the list of packages


def make(folder, name, version="1.0", requires=(), files=()):
    folder.mkdir(exist_ok=True)
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file in files or (f"{name.replace('-', '_')}/__init__.py",):
            archive.writestr(file, "")
        lines = [
            f"Name: {name}",
            f"Version: {version}",
            *(f"Requires-Dist: {line}" for line in requires),
        ]
        archive.writestr(
            f"{name.replace('-', '_')}-{version}.dist-info/METADATA",
            "\n".join(lines) + "\n\nText: no header\n",
        )
    return path


def entry(name, *depends):
    return {
        "name": name,
        "version": "0.5",
        "file_name": f"{name}-0.5.whl",
        "sha256": "of another file",
        "depends": list(depends),
    }


def test_own_wheels_replace_what_is_published(tmp_path):
    published = {
        "info": {"python": "3.14.2"},
        "packages": {"numpy": entry("numpy"), "my_pack": entry("my_pack", "numpy")},
    }
    path = make(tmp_path, "My.Pack", requires=["other"])
    locked = pyodide.lock(published, [path])
    assert locked["info"] == published["info"]
    assert locked["packages"]["numpy"] == {
        **entry("numpy"),
        "file_name": f"{pyodide.PUBLISHED}numpy-0.5.whl",
    }
    mine = locked["packages"]["my_pack"]
    assert (mine["version"], mine["file_name"]) == ("1.0", path.name)
    assert mine["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert mine["depends"] == ["numpy"], "what is listed keeps its dependencies"
    assert published["packages"]["my_pack"] == entry("my_pack", "numpy"), (
        "the list it was given is left alone"
    )


def test_a_new_wheel_depends_on_what_its_metadata_names(tmp_path):
    requires = [
        "Beside>=1",
        "numpy (>2)",
        'tool; extra == "test"',
        'win; sys_platform == "win32"',
        "absent",
    ]
    top = make(
        tmp_path,
        "top",
        requires=requires,
        files=("top.py", "deep/inside.py", "top-1.0.data/scripts/run.py"),
    )
    locked = pyodide.lock(
        {"packages": {"numpy": entry("numpy"), "tool": entry("tool")}},
        [top, make(tmp_path, "beside")],
    )
    assert locked["packages"]["top"]["depends"] == ["beside", "numpy"]
    assert locked["packages"]["top"]["imports"] == ["deep", "top"]


# -------------------------------------------------------------------- making the folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A place of its own for the folder and the cache; whatever would be fetched is an
    error.
    """
    monkeypatch.setattr(pyodide, "FOLDER", tmp_path / "pyodide")
    monkeypatch.setattr(pyodide, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(pyodide, "REQUIREMENTS", tmp_path / "pins.txt")
    (tmp_path / "pins.txt").write_text("# none\n", encoding="utf-8")

    def refuse(command, what):
        raise pyodide.MissingError(f"could not fetch {what}: no network")

    monkeypatch.setattr(pyodide, "_run", refuse)
    return tmp_path


def tarball(place, monkeypatch):
    import io
    import tarfile

    (place / "cache").mkdir(exist_ok=True)
    path = place / "cache" / f"pyodide-{pyodide.VERSION}.tgz"
    with tarfile.open(path, "w:gz") as archive:
        files = {name: name.encode() for name in (*pyodide.CORE, "pyodide.js.map")}
        files[pyodide.LOCK] = json.dumps(
            {"info": {"python": "3.14.2"}, "packages": {"numpy": entry("numpy")}}
        ).encode()
        for name, body in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    (place / "none").mkdir(exist_ok=True)
    monkeypatch.setattr(
        pyodide, "_fetched", lambda *_: place / "none"
    )  # the packages beside Pyodide's core
    integrity = (
        "sha512-"
        + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    )
    monkeypatch.setattr(
        pyodide, "_verify", lambda path, verify=pyodide._verify: verify(path, integrity)
    )
    return path


def test_the_folder(place, monkeypatch, capsys):
    tarball(place, monkeypatch)
    folder = pyodide.build()
    assert {path.name for path in folder.iterdir()} >= {
        *pyodide.CORE,
        pyodide.LOCK,
        pyodide.MANIFEST,
        OWN,
    }
    assert not (folder / "pyodide.js.map").exists()
    manifest = json.loads((folder / pyodide.MANIFEST).read_text(encoding="utf-8"))
    assert (manifest["python"], manifest["ftlib"]) == ("3.14.2", ftlib.__version__)
    assert manifest["bytes"] == {
        name: (folder / name).stat().st_size
        for name in (*pyodide.CORE, pyodide.LOCK, OWN)
    }
    locked = json.loads((folder / pyodide.LOCK).read_text(encoding="utf-8"))["packages"]
    assert (
        locked["ftlib"]["sha256"]
        == hashlib.sha256((folder / OWN).read_bytes()).hexdigest()
    )
    assert locked["ftlib"]["depends"] == []
    before = (folder / pyodide.LOCK).stat().st_mtime_ns
    assert pyodide.build() == folder
    assert (folder / pyodide.LOCK).stat().st_mtime_ns == before, "nothing changed"

    pyodide.install(place / "html")
    assert {path.name for path in (place / "html" / "pyodide").iterdir()} == {
        path.name for path in folder.iterdir()
    }
    (folder / "state").unlink()  # as when it was interrupted
    assert pyodide.build() == folder
    assert (folder / "state").exists()
    assert capsys.readouterr().err == ""


def test_without_a_network_the_book_is_told_so(place, capsys):
    assert pyodide.build() is None
    assert (
        capsys.readouterr().err
        == "No Python for the pages: could not fetch the packages in"
        " requirements/lite.txt: no network\n"
    )
    pyodide.install(place / "html")
    assert (place / "html" / "pyodide" / pyodide.MANIFEST).read_text(
        encoding="utf-8"
    ) == "{}"


def test_another_hash_is_not_used(place, monkeypatch, capsys):
    path = tarball(place, monkeypatch)
    path.write_bytes(path.read_bytes() + b"more")
    assert pyodide.build() is None
    assert (
        f"pyodide-{pyodide.VERSION}.tgz has the hash sha512-" in capsys.readouterr().err
    )
    assert not pyodide.FOLDER.exists()


def test_a_changed_library_renews_the_folder_and_the_site(place, monkeypatch):
    tarball(place, monkeypatch)
    monkeypatch.setattr(
        pyodide, "wheel", lambda folder: make(place / "sources", "ftlib")
    )
    pyodide.build()
    pyodide.install(place / "html")
    (place / "html" / "pyodide" / "mark").touch()
    pyodide.install(place / "html")
    assert (place / "html" / "pyodide" / "mark").exists(), "nothing changed"
    monkeypatch.setattr(
        pyodide,
        "wheel",
        lambda folder: make(place / "sources", "ftlib", files=("ftlib/new.py",)),
    )
    pyodide.build()
    pyodide.install(place / "html")
    assert not (place / "html" / "pyodide" / "mark").exists()
    assert "ftlib/new.py" in content(
        place
        / "html"
        / "pyodide"
        / f"ftlib-1.0-0{library_hash()[:12]}-py3-none-any.whl"
    )


def test_a_machine_without_npm_gets_one(place, monkeypatch):
    commands = []
    monkeypatch.setattr(pyodide, "_run", lambda command, what: commands.append(command))
    monkeypatch.setattr(pyodide.shutil, "which", lambda name: None)
    npm = pyodide._npm()
    assert [command[-1] for command in commands] == [pyodide.NODE]
    assert npm[0] == sys.executable
    assert subprocess.run([*npm, "--version"], capture_output=True).returncode != 0, (
        "nothing was installed there"
    )


def test_a_command_that_fails_is_told_by_its_error():
    script = (
        "import sys; print('setting up'); print('ERROR: no matching distribution',"
        " file=sys.stderr); sys.exit(3)"
    )
    with pytest.raises(
        pyodide.MissingError,
        match="could not fetch the thing: ERROR: no matching distribution",
    ):
        pyodide._run([sys.executable, "-c", script], "the thing")
    with pytest.raises(
        pyodide.MissingError, match=r"could not fetch the thing: .*no-such-program"
    ):
        pyodide._run(["no-such-program"], "the thing")


# ------------------------------------------------------------------------ what is there


def test_every_pin_is_exact_and_has_its_hash():
    for line in pyodide.REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(
            r"[\w.-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}", line
        ), line


def test_the_library_in_the_folder_is_the_one_in_the_tree():
    if not (pyodide.FOLDER / "state").exists():
        pytest.skip("the folder was never built: python -m tools.pyodide")
    folder = (
        pyodide.build()
    )  # as make book does: a change that it does not notice stays out
    assert {
        name: body
        for name, body in content(folder / OWN).items()
        if name.startswith("ftlib/")
    } == SOURCES
    locked = json.loads((folder / pyodide.LOCK).read_text(encoding="utf-8"))["packages"]
    assert (
        locked["ftlib"]["sha256"]
        == hashlib.sha256((folder / OWN).read_bytes()).hexdigest()
    )
