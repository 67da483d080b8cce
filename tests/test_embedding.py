"""The programs of docs/embedding.md run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.command_line import invoke
from tests.conftest import ROOT
from tools import native

PAGE = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
PROGRAMS = dict(re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))

RUN = {
    "app.py": """
import json
import imrgen
from starlette.testclient import TestClient
import app

if __name__ == "__main__":
    with TestClient(app.app) as client:
        made = client.post("/letters", content=open("case.json", "rb").read())
        assert made.status_code == 200, made.text
        assert made.content.startswith(b"%PDF"), made.content
        for body in (b'{"issues": []}', b"[1]", b"{", b"", b'title = "x"'):
            refused = client.post("/letters", content=body)
            assert refused.status_code == 422, (body, refused.text)
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["diagnostics"]
        document = client.get("/openapi.json").json()
        parts = document["components"]["schemas"]
        leads = set(re.findall(r'"#/components/schemas/(\\w+)"', json.dumps(document)))
        assert {"Case", "Issue", "Span"} <= leads <= parts.keys()
        assert "$defs" not in json.dumps(document)
    with TestClient(app.app) as client:
        limits = imrgen.Limits(timeout=0.001)
        app.app.state.renderer = imrgen.LimitedRenderer(pack=imrgen.load_pack("imr"), limits=limits)
        exceeded = client.post("/letters", content=open("case.json", "rb").read())
        assert exceeded.status_code == 503, exceeded.text
        assert exceeded.headers["retry-after"].isdigit(), exceeded.headers
        assert exceeded.json()["diagnostics"][0]["code"] == "IMR512", exceeded.text
""",
    "views.py": """
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"])
django.setup()
import views
from django.test import Client

urlpatterns = [path("letters", views.letter)]
client = Client()
made = client.post("/letters", open("case.json").read(), content_type="application/json")
assert made.status_code == 200, made.content
assert made.content.startswith(b"%PDF")
refused = client.post("/letters", "{", content_type="application/json")
assert refused.status_code == 422
assert refused.json()["diagnostics"][0]["code"] == "IMR003", refused.json()
assert client.get("/letters").status_code == 405
""",
    "tasks.py": """
import json
import imrgen
import tasks
from celery.contrib.testing.worker import start_worker

tasks.app.conf.update(broker_url="memory://", result_backend="cache+memory://")

@tasks.app.task(throws=(imrgen.ImrgenError,))
def raising(case):
    tasks.renderer.render(case)

case = json.load(open("case.json"))
with start_worker(tasks.app, perform_ping_check=False):
    pdf = tasks.result(tasks.letter.delay(case).get(timeout=60))
    assert pdf == imrgen.render(case).pdf
    refused = tasks.letter.delay({"issues": []}).get(timeout=60)
    try:
        tasks.result(refused)
        raise AssertionError
    except imrgen.CaseError as error:
        codes = [each.code for each in error.diagnostics]
    assert "IMR106" in codes
    try:
        raising.delay({"issues": []}).get(timeout=60)
        raise AssertionError
    except imrgen.CaseError as error:
        assert [each.code for each in error.diagnostics] == codes
        assert str(error)
""",
    "notebook.py": """
import notebook
assert notebook.letter._repr_html_().startswith("<!doctype html>")
""",
    "letters.py": """
import letters
text = letters.letter("case.toml", "4711").text
assert "https://portal.example/4711" in text, text
assert "of which 2 copies are sent" in " ".join(text.split())
assert letters.renderer.provenance["filters"].startswith("barcode=letters:barcode ")
""",
}


def test_every_program_is_run() -> None:
    assert PROGRAMS.keys() == RUN.keys()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the programs and a case."""
    for name, program in PROGRAMS.items():
        (tmp_path / name).write_text(program, encoding="utf-8")
    shutil.copy(ROOT / "imrgen" / "starter.toml", tmp_path / "case.toml")
    data = tomllib.loads((tmp_path / "case.toml").read_text(encoding="utf-8"))
    (tmp_path / "case.json").write_text(json.dumps(data, default=str), encoding="utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("name", RUN)
def test_a_program_does_what_the_page_says(name: str, folder: Path) -> None:
    (folder / "run.py").write_text(f"import re\n{RUN[name]}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "run.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


FILES = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
WORKFLOW = yaml.safe_load(FILES[".github/workflows/letters.yml"])
(JOB,) = WORKFLOW["jobs"].values()
STEPS = {step["name"]: step["run"] for step in JOB["steps"] if "run" in step}


def git(folder: Path, *arguments: str) -> str:
    options = ("-c", "user.name=Maria Example", "-c", "user.email=maria@example.org")
    command = ["git", *options, "-c", "commit.gpgsign=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    """A git repository with a pack and a case."""
    folder = tmp_path / "letters"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    organization = ("--organization", "Example Review Organization")
    assert invoke("packs", "new", "acme", *organization, cwd=folder).returncode == 0
    (folder / "cases").mkdir()
    shutil.copy(ROOT / "imrgen" / "starter.toml", folder / "cases" / "case.toml")
    (folder / "settings.toml").write_text("[not]\na = 'case'\n", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=Add a pack and a case")
    return folder


SLIPS = {
    "Check the pack": ("acme/blocks/clinical_summary.html", "<p>{{ employe.name }}</p>"),
    "Check the cases": ("cases/case.toml", "[case]\nnumbr = 1\n"),
}
"""For each step a file, and a content of it that the step refuses."""


def run_shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does: in bash, which ends at the first command that fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(shell, cwd=folder, env=environment, capture_output=True, text=True)


def test_every_step_of_the_workflow_is_known() -> None:
    assert STEPS.keys() == {"Install", *SLIPS}
    uses = [step["uses"] for step in JOB["steps"] if "uses" in step]
    assert [each.partition("@")[0] for each in uses] == ["actions/checkout", "actions/setup-python"]
    for package in native.NEEDS["pango"].packages:
        assert f" {package}" in STEPS["Install"]
    assert "wheels/imrgen-*.whl" in STEPS["Install"]


@pytest.mark.slow
def test_the_steps_of_the_workflow_pass_and_show_what_is_wrong(letters: Path) -> None:
    """All but the first, which installs what this environment has."""
    for name in SLIPS:
        done = run_shell(STEPS[name], letters)
        assert (done.returncode, "::error" in done.stdout) == (0, False), (name, done.stderr)
    for name, (file, content) in SLIPS.items():
        (letters / file).parent.mkdir(exist_ok=True)
        (letters / file).write_text(content, encoding="utf-8")
        done = run_shell(STEPS[name], letters)
        assert done.returncode == 1, name
        assert f"::error file={file},line=" in done.stdout, done.stdout
        git(letters, "stash", "--quiet", "--include-untracked")


def configure(letters: Path, repository: Path, **changes: str) -> None:
    """Write and commit the configuration of the page, with another place of the hooks."""
    settings = yaml.safe_load(FILES[".pre-commit-config.yaml"])
    (given,) = settings["repos"]
    given |= {"repo": str(repository), "rev": git(repository, "rev-parse", "HEAD").strip()}
    for hook in given["hooks"]:
        hook |= changes
    (letters / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    git(letters, "add", ".")
    git(letters, "commit", "--quiet", "--message=Check before each commit")


@pytest.mark.slow
def test_the_hooks_pass_and_stop_a_commit_with_a_mistake(letters: Path, tmp_path: Path) -> None:
    """By pre-commit itself, with a clone of what names the hooks, and this environment's imrgen."""
    hooks = tmp_path / "imrgen"
    hooks.mkdir()
    git(hooks, "init", "--quiet")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    git(hooks, "add", ".")
    git(hooks, "commit", "--quiet", "--message=Add hooks")
    configure(letters, hooks, language="system")

    def run(*files: str) -> subprocess.CompletedProcess[str]:
        home = f"PRE_COMMIT_HOME={tmp_path / 'home'}"
        chosen = f"--files {' '.join(files)}" if files else "--all-files"
        return run_shell(f"{home} pre-commit run {chosen}", letters)

    done = run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^(imrgen [\w ]+)\.+Passed$", done.stdout, re.MULTILINE) == [
        "imrgen check",
        "imrgen packs check",
    ]
    for file, content in SLIPS.values():
        (letters / file).parent.mkdir(exist_ok=True)
        (letters / file).write_text(content, encoding="utf-8")
        git(letters, "add", file)
        done = run(file)
        assert (done.returncode, done.stdout.count("Failed")) == (1, 1), done.stdout
        assert f"{file}:" in done.stdout
        git(letters, "reset", "--quiet", "--hard")
    done = run("settings.toml")
    assert (done.returncode, done.stdout.count("Skipped")) == (0, 2), done.stdout
