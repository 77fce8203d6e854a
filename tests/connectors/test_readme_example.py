"""The connector that connectors/README.md builds keeps the contract."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_connector_of_the_readme_keeps_the_contract(tmp_path):
    text = (ROOT / "connectors" / "README.md").read_text(encoding="utf-8")
    blocks = {kind: re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL) for kind in ("python", "markdown")}
    package = tmp_path / "promo_noticeboard"
    package.mkdir()
    connector, suite = blocks["python"]
    (package / "__init__.py").write_text(connector, encoding="utf-8")
    (package / "README.md").write_text(blocks["markdown"][0], encoding="utf-8")
    (tmp_path / "test_noticeboard.py").write_text(suite, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed is not None
    assert int(passed[1]) >= 25
    assert "skipped" not in run.stdout
