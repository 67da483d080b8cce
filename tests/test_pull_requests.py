"""The workflow and the hook of docs/testing.md, which plan what a change does to letters."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.command_line import invoke
from tests.conftest import ROOT
from tests.test_embedding import git, letters, run_shell
from tools import native

__all__ = ["letters"]

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
(JOB,) = yaml.safe_load(FILES[".github/workflows/plan.yml"])["jobs"].values()
STEPS = {step["name"]: step for step in JOB["steps"] if "run" in step}
BLOCK = "acme/blocks/how_made.html"
SENTENCE = (
    '{% extends "imr:blocks/how_made.html" %}\n'
    "{% block practice %}Each reviewer is in practice.{% endblock %}\n"
)
GH = '#!/bin/sh\nprintf "%s " "$@" >> commands\ncat "$5" >> comment\n'


@pytest.fixture
def changed(letters: Path) -> Path:
    """A repository whose last commit changes a sentence of the letters."""
    (letters / "accepted-changes.txt").touch()
    git(letters, "add", ".")
    git(letters, "commit", "--quiet", "--message=Add an empty list")
    (letters / BLOCK).parent.mkdir(exist_ok=True)
    (letters / BLOCK).write_text(SENTENCE, encoding="utf-8")
    git(letters, "add", ".")
    git(letters, "commit", "--quiet", "--message=Change a sentence")
    return letters


def run_steps(folder: Path, runner: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """Run the steps as GitHub does: each with the environment that earlier ones have left."""
    shutil.rmtree(runner, ignore_errors=True)
    runner.mkdir()
    (runner / "gh").write_text(GH, encoding="utf-8")
    (runner / "gh").chmod(0o755)
    base = git(folder, "rev-parse", "HEAD~1").strip()
    done = {}
    for name in ("Plan", "Comment", "Accepted"):
        given = (runner / "env").read_text(encoding="utf-8") if (runner / "env").exists() else ""
        values = {
            "BASE": base,
            "NUMBER": "7",
            "RUNNER_TEMP": str(runner),
            "GITHUB_STEP_SUMMARY": str(runner / "summary"),
            "GITHUB_ENV": str(runner / "env"),
            **dict(line.split("=", 1) for line in given.splitlines()),
        }
        assert set(STEPS[name].get("env", {})) <= {*values, "GH_TOKEN"}
        exports = "".join(f"export {key}={value!r}\n" for key, value in values.items())
        path = f"export PATH={str(runner)!r}:$PATH\n"
        # `gh` is a program of GitHub's machines.
        done[name] = run_shell(f"{exports}{path}{STEPS[name]['run']}", folder)
    return done


def test_every_step_of_the_workflow_is_known() -> None:
    assert STEPS.keys() == {"Install", "Plan", "Comment", "Accepted"}
    for package in native.NEEDS["pango"].packages:
        assert f" {package}" in STEPS["Install"]["run"]


@pytest.mark.slow
def test_a_pull_request_shows_its_plan_and_fails_until_it_is_accepted(
    changed: Path, tmp_path: Path
) -> None:
    runner = tmp_path / "runner"
    done = run_steps(changed, runner)
    assert [each.returncode for each in done.values()] == [0, 0, 1], done
    assert "::notice file=acme/blocks/how_made.html,line=2::words changed" in done["Plan"].stdout
    comment = (changed / "comment").read_text(encoding="utf-8")
    assert "| Each reviewer is" in comment
    assert (runner / "summary").read_text(encoding="utf-8") == comment
    commands = (changed / "commands").read_text(encoding="utf-8")
    assert commands.startswith("pr comment 7 --body-file ")
    base = git(changed, "rev-parse", "HEAD~1").strip()
    for name in ("comment", "commands"):
        (changed / name).unlink()
    arguments = ("cases", "--templates", "acme", "--against", f"git:{base}")
    assert invoke("review", *arguments, "--accept-all", cwd=changed).returncode == 0
    done = run_steps(changed, runner)
    assert [each.returncode for each in done.values()] == [0, 0, 0], done
    assert "accepted before" in (changed / "comment").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_pull_request_with_templates_that_cannot_be_used_fails(
    changed: Path, tmp_path: Path
) -> None:
    (changed / BLOCK).write_text("{% extends %}", encoding="utf-8")
    done = run_steps(changed, tmp_path / "runner")
    assert done["Plan"].returncode == 1
    assert "error[IMR" in done["Plan"].stderr


@pytest.mark.slow
def test_the_hook_stops_a_commit_until_its_changes_are_accepted(
    changed: Path, tmp_path: Path
) -> None:
    hooks = tmp_path / "imrgen"
    hooks.mkdir()
    git(hooks, "init", "--quiet")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    git(hooks, "add", ".")
    git(hooks, "commit", "--quiet", "--message=Add hooks")
    settings = yaml.safe_load(FILES[".pre-commit-config.yaml"])
    (repository,) = settings["repos"]
    repository |= {"repo": str(hooks), "rev": git(hooks, "rev-parse", "HEAD").strip()}
    (hook,) = repository["hooks"]
    hook["language"] = "system"
    (changed / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    git(changed, "add", ".")
    git(changed, "commit", "--quiet", "--message=Plan before each commit")
    run = f"PRE_COMMIT_HOME={tmp_path / 'home'}{os.sep} pre-commit run"
    (changed / BLOCK).write_text(SENTENCE.replace("Each", "Every"), encoding="utf-8")
    git(changed, "add", ".")
    stopped = run_shell(run, changed)
    assert stopped.returncode == 1, stopped.stdout
    assert "+ Every" in stopped.stdout
    arguments = ("cases", "--templates", "acme", "--against", "git:HEAD", "--no-pages")
    assert invoke("review", *arguments, "--accept-all", cwd=changed).returncode == 0
    git(changed, "add", ".")
    passed = run_shell(run, changed)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout
