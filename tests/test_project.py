"""The project itself: its imports, its public names, its README, its wheel."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.command_line import run_session
from tests.conftest import ROOT
from tests.sources import SOURCES, nodes

MAY_IMPORT = {
    "PIL": ["batch.plan.pages", "export.pdf.typst", "pack.images", "testing.pictures"],
    "asn1crypto": ["signing"],
    "click": ["cli"],
    "cryptography": ["signing"],
    "cssselect2": ["export.pdf"],
    "dask": ["batch"],
    "distributed": ["batch"],
    "fontTools": ["export.pdf.typst", "pack.opentype", "signing"],
    "font_source_sans_pro": ["signing"],
    "fsspec": ["batch"],
    "babel": ["compose.filters"],
    "hypothesis": ["testing.invented"],
    "jinja2": ["compose"],
    "markdown_it": ["compose"],
    "markupsafe": ["compose"],
    "msgspec": [""],
    "pydyf": ["export.pdf"],
    "pyhanko": ["signing"],
    "pyhanko_certvalidator": ["signing"],
    "re2": ["case"],
    "pytest": ["testing"],
    "pypdfium2": ["export.pdf.readback"],
    "rich": ["cli"],
    "selectolax": ["document"],
    "starlette": ["preview"],
    "syrupy": ["testing"],
    "tinycss2": ["document", "export.pdf.typst"],
    "tomli": ["case", "cli.new"],
    "tree_sitter": ["case"],
    "tree_sitter_json": ["case"],
    "tree_sitter_toml": ["case"],
    "typst": ["export.pdf.typst"],
    "uvicorn": ["preview"],
    "watchfiles": ["preview"],
    "wcwidth": ["export.text"],
    "weasyprint": ["export.pdf"],
}
"""Where in the package each third-party package may be imported: nowhere else, and no other is."""


class Import(NamedTuple):
    """An import.

    Args:
        importer: The module that imports, without `imrgen.`.
        module: What is imported, or what names are imported from.
        names: The names that are imported from it; none for `import module`.
    """

    importer: str
    module: str
    names: tuple[str, ...] = ()


def imports() -> Iterator[Import]:
    """Find all imports of the package: in functions, for type checkers, and by name."""
    for path in SOURCES:
        importer = ".".join(path.relative_to(ROOT / "imrgen").with_suffix("").parts)
        importer = importer.removesuffix("__init__").removesuffix(".")
        for node in nodes(path):
            match node:
                case ast.Import(names):
                    yield from (Import(importer, alias.name) for alias in names)
                case ast.ImportFrom(module, names, level):
                    assert level == 0 and module, f"a relative import in {importer}"
                    yield Import(importer, module, tuple(alias.name for alias in names))
                case ast.Call(
                    ast.Attribute(attr="import_module"), [ast.Constant(str() as module), *_]
                ):
                    yield Import(importer, module)


def test_no_method_has_a_cache_that_keeps_its_objects_alive() -> None:
    """`functools.cache` on a method holds `self` for as long as the class lives."""
    methods = [
        (path.name, method)
        for path in SOURCES
        for class_ in nodes(path)
        if isinstance(class_, ast.ClassDef)
        for method in class_.body
        if isinstance(method, ast.FunctionDef) and method.decorator_list
    ]
    assert len(methods) > 50
    caches = ("functools.cache", "functools.lru_cache", "cache", "lru_cache")
    cached = [
        (file, method.name)
        for file, method in methods
        if any(ast.unparse(each).partition("(")[0] in caches for each in method.decorator_list)
    ]
    assert cached == []


def is_below(module: str, folder: str) -> bool:
    return not folder or module == folder or module.startswith(f"{folder}.")


@pytest.mark.slow
def test_each_third_party_package_is_imported_in_its_place_only() -> None:
    found = [
        (each.module.partition(".")[0], each.importer)
        for each in imports()
        if each.module.partition(".")[0] not in {"imrgen", *sys.stdlib_module_names}
    ]
    assert len({package for package, _ in found}) >= 20
    astray = {
        (package, importer)
        for package, importer in found
        if not any(is_below(importer, place) for place in MAY_IMPORT.get(package, ()))
    }
    assert astray == set()


@pytest.mark.slow
def test_rooms_are_entered_by_their_packages_and_public_names() -> None:
    """A room's own modules and underscore names are nobody else's."""
    crossing = [
        each
        for each in imports()
        if each.module.partition(".")[0] == "imrgen"
        and each.importer not in ("", "__main__")
        and each.importer.partition(".")[0] != each.module.removeprefix("imrgen.").partition(".")[0]
        and each.module != "imrgen._version"
    ]
    assert len(crossing) > 100
    assert [each for each in crossing if not each.names] == []
    is_module = {
        each: (ROOT / f"{each.module.replace('.', '/')}.py").is_file() for each in crossing
    }
    assert [each for each in crossing if is_module[each] and each.module.count(".") > 1] == []
    unexported = [
        each
        for each in crossing
        if not is_module[each]
        and not set(each.names) <= set(importlib.import_module(each.module).__all__)
    ]
    assert unexported == []


DECODES_NO_FILE = {
    "case/controls.py": "characters that were decoded wrongly",
    "case/edits.py": "parts of a text that was decoded",
    "case/highlighting.py": "parts of a text that was decoded",
    "case/positions.py": "parts of a text that was decoded",
    "checks/text/mojibake.py": "characters that were decoded wrongly",
    "cli/streams.py": "the standard streams, which are read as bytes",
    "export/formats.py": "a letter that imrgen wrote, byte for byte",
    "export/installed.py": "what pip wrote of a package",
    "export/pdf/readback/native.py": "a string of a PDF",
    "export/pdf/readback/reader.py": "a string of a PDF",
    "export/pdf/typst/finish.py": "a string of a PDF",
    "export/seal.py": "a letter that imrgen wrote, byte for byte",
    "pipeline/letter.py": "a letter that imrgen has just written",
    "pack/revisions.py": "what git prints",
    "preview/server.py": "the token that imrgen wrote",
}
"""The modules that turn bytes into text that are not from a text file of a user."""


@pytest.mark.slow
def test_only_one_module_decodes_the_text_of_files() -> None:
    """Anywhere else a byte order mark, a line end or another encoding would be forgotten."""
    found = set()
    for path in SOURCES:
        module = path.relative_to(ROOT / "imrgen").as_posix()
        for node in nodes(path):
            if isinstance(node, ast.Call) and _decodes(node):
                found.add(module)
    assert "case/text.py" in found
    assert found == {"case/text.py", *DECODES_NO_FILE}


def _decodes(call: ast.Call) -> bool:
    """Return whether a call turns bytes into text, or opens a file to do so."""
    function = ast.unparse(call.func)
    arguments = [*map(ast.unparse, call.args), *(ast.unparse(each.value) for each in call.keywords)]
    if function.startswith(("msgspec.", "webbrowser.", "Image.", "tarfile.", "os.")):
        return False
    if function == "open" or function.endswith(".open"):
        return not any(re.fullmatch("'[a-z+]*b[a-z+]*'", each) for each in arguments)
    if function.endswith(".decode"):
        # What was encoded in the same expression is not a file's.
        return "encode(" not in function
    return function.endswith((".read_text", "TextIOWrapper"))


@pytest.mark.slow
def test_no_module_takes_the_place_of_a_public_name() -> None:
    """A module `imrgen/render.py` would, once imported, be what `imrgen.render` is."""
    script = """
import importlib, pkgutil, types, imrgen
before = {name: getattr(imrgen, name) for name in imrgen.__all__}
for module in pkgutil.walk_packages(imrgen.__path__, "imrgen."):
    importlib.import_module(module.name)
for name, value in before.items():
    assert getattr(imrgen, name) is value, name
    assert not isinstance(value, types.ModuleType), name
    assert callable(value) or name[0].isupper(), name
print(len(before))
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 20


def test_the_docstring_of_each_package_lists_its_modules() -> None:
    """The architecture page sends readers there."""
    packages = [path.parent for path in (ROOT / "imrgen").glob("*/**/__init__.py")]
    assert len(packages) > 20
    missing = []
    for folder in packages:
        listed = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        names = [path.stem for path in folder.glob("*.py") if not path.stem.startswith("__")]
        names += [path.parent.name for path in folder.glob("*/__init__.py")]
        missing += [
            f"{folder.name}/{name}" for name in names if not re.search(rf"\b{name}\b", listed)
        ]
    assert missing == []


def test_the_pages_of_docs_are_named_in_the_readme_and_the_files_of_the_architecture_exist() -> (
    None
):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [path.name for path in (ROOT / "docs").glob("*.md")]
    assert len(pages) > 8
    assert [name for name in pages if f"(docs/{name})" not in readme] == []
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:imrgen|tests)/[\w/.]+)`", architecture)
    assert len(named) > 50
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.slow
def test_each_room_imports_only_what_stands_below_it() -> None:
    tool = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert "0 broken" in run.stdout


LOCKS = {
    "letter": (),
    "typst": ("typst",),
    "dev": ("dev",),
    "bench": ("dev", "bench"),
    "docs": ("dev", "docs"),
    "release": ("dev", "release"),
}


def locked(name: str) -> dict[str, str]:
    """Return the versions of a lock's packages, with those of the lock that it adds to."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    below = re.search(r"^-r (\w+)\.txt$", text, re.MULTILINE)
    packages = dict(re.findall(r"^([\w.-]+)==(\S+) ", text, re.MULTILINE))
    return {**(locked(below[1]) if below else {}), **packages}


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_locked_is_what_the_project_asks_for(name: str) -> None:
    """Run `make lock` after a change of the dependencies."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, build = pyproject["project"], pyproject["build-system"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *build["requires"]]
    asked += [each for extra in LOCKS[name] for each in extras[extra]]
    asked += [each for extra in LOCKS[name] if extra == "dev" for each in extras["preview"]]
    assert len(asked) > 10
    packages = locked(name)
    wrong = []
    for requirement in map(Requirement, asked):
        version = packages.get(canonicalize_name(requirement.name))
        if requirement.name != "imrgen" and (
            version is None or version not in requirement.specifier
        ):
            wrong.append((str(requirement), version))
    assert wrong == []


@pytest.mark.parametrize("name", LOCKS)
def test_each_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    header, _, packages = text.partition("\n")
    assert header.startswith("#")
    assert "/" not in re.sub(r"^-r .*", "", packages)
    entries = re.split(r"\n(?=\S)", packages.strip())
    assert len(entries) > 1
    for entry in entries:
        assert entry.startswith("-r ") or re.fullmatch(
            r"[a-z0-9.-]+==\S+ (?:; .* )?\\(?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)+", entry
        )


def blocks(language: str) -> list[str]:
    """Give the README's code blocks of a language."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_what_the_readme_shows_is_what_happens(tmp_path: Path) -> None:
    """Run the README's commands in one folder, in order; what they print is right to the letter."""
    assert sum(run_session(block, tmp_path) for block in blocks("console")) >= 6
    (program,) = blocks("python")
    (printed,) = blocks("text")
    script = [sys.executable, "-c", program]
    run = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True)
    assert run.stdout == printed, run.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(pip, check=True, capture_output=True)
    (made,) = folder.glob("imrgen-*.whl")
    return made


@pytest.mark.slow
def test_the_wheel_brings_its_packs_and_finds_them(wheel: Path, tmp_path: Path) -> None:
    """Install the wheel alone into a new environment, which borrows the libraries of this one."""
    venv.create(tmp_path / "env", with_pip=False)
    python = tmp_path / "env" / "bin" / "python"
    (site,) = (tmp_path / "env" / "lib").glob("python*/site-packages")
    target = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(target, check=True, capture_output=True)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    script = (
        f"import sys; sys.path.append({libraries!r}); import imrgen; "
        "from imrgen.pack import built_in; print(imrgen.__file__, built_in()); "
        f"print(imrgen.render({str(ROOT / 'imrgen/starter.toml')!r}).text[:12])"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(
        [python, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert run.stdout.splitlines() == [
        f"{site}/imrgen/__init__.py {site}/imrgen/templates",
        "Case Number:",
    ], run.stderr
    assert (site / "imrgen" / "py.typed").exists()
