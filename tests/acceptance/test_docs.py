"""The documentation is true: each command, setting, connector and README command is real."""

import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml

from promo.workspace import ChannelSettings, LinkSettings, RateSetting, SlotPlan, WorkspaceSettings

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")


def _shell_lines(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return [
        line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines() if line.strip()
    ]


def test_the_page_of_commands_is_what_the_commands_say():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    # In a process of its own: a command's help is in the language in which its module was first asked for.
    program = [sys.executable, "-m", "promo.cli.reference"]
    env = {**os.environ, "PROMO_LANG": "en"}
    done = subprocess.run(program, capture_output=True, encoding="utf-8", check=True, env=env)
    assert page == done.stdout, "run: python -m promo.cli.reference > docs/commands.md"


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_of_the_readme_exists(readme):
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = [line.split()[1] for line in _shell_lines(readme) if line.startswith("make ")]
    assert named == ["demo", "test"]
    assert set(named) <= set(targets)


@pytest.mark.parametrize("readme", READMES)
def test_every_promo_command_of_the_readme_runs(readme, tmp_path):
    """Typed in order, as the README says, beside a checkout's .venv."""
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    home = tmp_path / "home"
    home.mkdir()
    folder = tmp_path
    ran = 0
    for line in _shell_lines(readme):
        words = shlex.split(line)
        if words[0] == "cd":
            folder = folder / words[1]
        elif words[0].endswith("bin/promo"):
            if "--until" in words:  # the README's day may have passed by now
                words[words.index("--until") + 1] = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
            done = subprocess.run(
                words,
                cwd=folder,
                env={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
            ran += 1
    assert ran >= 6


@pytest.mark.parametrize("readme", READMES)
def test_every_link_of_the_readme_leads_somewhere(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    missing = [link for link in links if not (ROOT / link.split("#")[0]).exists()]
    assert links
    assert not missing, missing


def test_the_readme_campaign_is_a_campaign(person, workspace):
    """The YAML of the README passes check once its brand and channels are there."""
    [block] = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    block = block.replace("brand: jinxiu", "brand: my-brand").replace(
        "[mastodon, wechat-drafts, owners-app]", "[drafts]"
    )
    block = block.replace("photo: photos/courtyard.jpg, ", "")
    (workspace / "campaigns" / "readme.yaml").write_text(block, encoding="utf-8")
    assert "0 errors" in person("check").out


def test_every_connector_and_setting_is_documented():
    import promo_connectors

    folder = Path(promo_connectors.__file__).parent
    overview = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")
    for point in entry_points(group="promo.connectors"):
        kind = point.load()
        if not kind.__module__.startswith("promo_connectors."):
            continue
        page = (folder / point.name / "README.md").read_text(encoding="utf-8")
        missing = [
            field.alias or name
            for name, field in kind.Settings.model_fields.items()
            if f"`{field.alias or name}`" not in page
        ]
        assert not missing, f"{point.name}: {missing}"
        assert point.name in overview


def test_both_readmes_have_the_same_commands_and_links():
    first, second = ((ROOT / name).read_text(encoding="utf-8") for name in READMES)
    links = [set(re.findall(r"\]\((docs/[^)]+|connectors/[^)]+)\)", text)) for text in (first, second)]
    assert links[0] == links[1]
    assert len(_shell_lines(READMES[0])) == len(_shell_lines(READMES[1]))


def test_the_page_of_the_workspace_has_every_setting_and_its_example_is_one():
    page = (ROOT / "docs" / "workspace.md").read_text(encoding="utf-8")
    kinds = (WorkspaceSettings, ChannelSettings, SlotPlan, LinkSettings, RateSetting)
    names = {field.alias or name for kind in kinds for name, field in kind.model_fields.items()}
    assert {name for name in names if f"`{name}`" not in page} == set()
    [example] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    settings = WorkspaceSettings.model_validate(yaml.safe_load(example))
    assert settings.channels["weibo-drafts"].hashtag_style == "double"


def test_every_table_that_a_program_writes_is_on_its_page():
    written = {"scaling.md"}
    for page in (ROOT / "docs").glob("*.md"):
        for name, inside in re.findall(
            r"<!-- (\w+) -->\n(.*?)<!-- end -->", page.read_text(encoding="utf-8"), re.DOTALL
        ):
            written.discard(page.name)
            assert "|" in inside or name == "measured", f"{page.name}: {name} was never written"
            assert inside.strip(), f"{page.name}: {name} is empty"
    assert not written
