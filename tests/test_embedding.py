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

from tests.conftest import ROOT

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
    app.LIMITS = imrgen.Limits(timeout=0.001)
    with TestClient(app.app) as client:
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
