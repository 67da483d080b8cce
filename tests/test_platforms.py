"""What imrgen does where Linux's Python has more than the system's: on Windows, and on macOS."""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import imrgen
from tests.conftest import ROOT
from tests.signing.test_signing import SECRET, Authority
from tests.windows import MISSING, lacks

STARTER = ROOT / "imrgen" / "starter.toml"

ELSEWHERE = {
    "win32": {
        "batch/outputs/folder.py": "a batch's lock, where workers can be started",
        "case/validation.py": "behind `hasattr`",
        "export/files.py": "behind `hasattr`",
        "export/pdf/locks.py": "behind `hasattr`",
        "pipeline/limited.py": "behind `hasattr`",
        "preview/server.py": "where workers can be started",
        "workers/pool.py": "behind `hasattr`",
        "workers/process.py": "behind `hasattr` and `try`",
        "workers/tempdir.py": "behind `_has_locks`",
        "workers/worker.py": "in a worker",
    },
    "darwin": {"workers/pool.py": "behind `hasattr`"},
}
"""Where imrgen uses what a system's Python does not have, and why that is never reached there."""


@functools.cache
def used(path: Path) -> frozenset[tuple[str, str]]:
    """Return each name of a module that a file of Python's uses: `os.getuid`; alone, an import."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add((node.value.id, node.attr))
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "", each.name) for each in node.names}
        elif isinstance(node, ast.Import):
            found |= {(each.name, "") for each in node.names}
    return frozenset(found)


@pytest.mark.slow
@pytest.mark.parametrize("platform", ELSEWHERE)
def test_what_a_system_lacks_is_used_in_known_places_only(platform: str) -> None:
    modules = (
        "errno",
        "faulthandler",
        "locale",
        "mmap",
        "os",
        "select",
        "signal",
        "socket",
        "time",
    )
    lacking = {(module, name) for module in modules for name in lacks(module, platform)}
    lacking |= {(name, "") for name in MISSING} if platform == "win32" else set()
    assert len(lacking) > 20
    found = {
        path.relative_to(ROOT / "imrgen").as_posix()
        for path in (ROOT / "imrgen").rglob("*.py")
        if not lacking.isdisjoint(used(path))
    }
    assert found == {*ELSEWHERE[platform]}


COMMANDS = """
import json, sys
import imrgen.cli
from imrgen.diagnostics import WorkerError

def run(*arguments):
    sys.argv = ["imrgen", *arguments]
    before = sys.stdout, sys.stderr
    try:
        imrgen.cli.main()
    except SystemExit as ended:
        return ended.code
    finally:
        sys.stdout.flush(), sys.stderr.flush()
        sys.stdout, sys.stderr = before

codes = [(" ".join(command), run(*command)) for command in json.loads(sys.argv[1])]
for number, use in enumerate((
    lambda: imrgen.LimitedRenderer(),
    lambda: imrgen.render("case.toml", limits=imrgen.Limits()),
    lambda: imrgen.render_batch(["case.toml"], imrgen.Options()),
    lambda: imrgen.render_batch(["case.toml"], imrgen.Options(), jobs=0, to="letters"),
)):
    try:
        use()
    except WorkerError as error:
        codes.append((f"{number} {error.diagnostics[0].code}", 1))
assert imrgen.render_batch(["case.toml"], imrgen.Options(), jobs=0, formats=["text"]).made == 1
print(json.dumps(codes), file=sys.stderr)
"""

WORKS = (
    "new new.toml",
    "check case.toml",
    "check many",
    "render case.toml -f text -f html -f pdf --engine typst -o out",
    "render case.toml -f text -o -",
    "render case.toml --draft --engine typst -o out",
    "render case.toml --letter all --embed-case --engine typst -o out",
    "verify out/case.pdf --case case.toml",
    "verify out/case.html --case case.toml",
    "verify made",
    "extract out/case-determination.pdf -o out/back.toml",
    "sign out/case.pdf --pkcs12 office.p12 --passphrase-file secret.txt -o out/signed.pdf",
    "verify out/signed.pdf",
    "packs",
    "packs new acme --organization Acme --engine typst",
    "packs check acme --templates .",
    "plan many --against pack:imr --no-pages --resume journal.jsonl",
    "coverage many",
    "explain IMR523",
    "schema -o schema.json",
)
REFUSED = (
    ("verify altered.pdf --case case.toml --templates .", "IMR430"),
    ("render case.toml --templates endless -f text --timeout 0.5", "IMR512"),
    ("check many --jobs 2", "IMR523"),
    ("batch many -o letters", "IMR523"),
    ("preview case.toml", "IMR523"),
)


@pytest.mark.slow
def test_on_windows_letters_are_made_and_verified_and_the_rest_is_refused(tmp_path: Path) -> None:
    case = STARTER.read_text(encoding="utf-8")
    (tmp_path / "case.toml").write_text(case, encoding="utf-8")
    (tmp_path / "many").mkdir()
    for number in range(10):
        text = case.replace("CM16-0000001", f"CM16-000000{number}")
        (tmp_path / "many" / f"{number}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "endless" / "blocks").mkdir(parents=True)
    loop = "{% for a in 'x' * 99999 %}{% for b in 'x' * 99999 %}{% endfor %}{% endfor %}"
    (tmp_path / "endless" / "blocks" / "clinical_summary.html").write_text(loop)
    (tmp_path / "secret.txt").write_bytes(SECRET)
    (tmp_path / "office.p12").write_bytes(Authority("Example Office").pkcs12())
    renderer = imrgen.Renderer(engine="typst")
    letter = renderer.render(tmp_path / "case.toml")
    (tmp_path / "altered.pdf").write_bytes(letter.pdf.replace(b"Determination", b"determination"))
    imrgen.render_batch([tmp_path / "case.toml"], renderer, to=tmp_path / "made", formats=["text"])
    commands = [each.split() for each in (*WORKS, *(command for command, _ in REFUSED))]
    run = subprocess.run(
        [sys.executable, "-m", "tests.windows", COMMANDS, json.dumps(commands)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.stderr.splitlines()[-1].startswith("["), run.stderr
    codes = dict(json.loads(run.stderr.splitlines()[-1]))
    assert {name: code for name, code in codes.items() if code} == {
        **{command: 1 for command, _ in REFUSED},
        **{f"{number} IMR523": 1 for number in range(4)},
    }, run.stderr
    for _, code in REFUSED:
        assert f"error[{code}" in run.stdout + run.stderr
    assert "internal error" not in run.stderr
    assert "Traceback" not in run.stderr
    for format_, suffix in (("text", "txt"), ("html", "html"), ("pdf", "pdf")):
        assert (tmp_path / "out" / f"case.{suffix}").read_bytes() == letter.encoded(format_)
    assert (tmp_path / "out" / "back.toml").read_text(encoding="utf-8") == case
