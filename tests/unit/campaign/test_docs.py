"""The page of the campaign language names every key, and its examples are good campaigns."""

import re
from pathlib import Path

import pytest

from promo.campaign.model import Campaign
from promo.campaign.sandbox import FUNCTIONS
from promo.campaign.schema import campaign_schema
from promo.campaign.variables import BUILT_IN
from promo.source.tree import parse_tree

PAGE = Path(__file__).parents[3] / "docs" / "campaign-language.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


def test_every_key_is_explained():
    schema = campaign_schema()
    keys = {key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", {})}
    assert not {key for key in keys if f"`{key}`" not in TEXT}


def test_every_variable_and_function_is_explained():
    assert not {name for name in BUILT_IN if f"`{name}`" not in TEXT}
    assert not {name for name in FUNCTIONS if f"`{name}(" not in TEXT}


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_are_valid(example):
    tree = parse_tree(example)
    assert tree.mistakes == ()
    raw = tree.value
    if "activities" not in raw:
        raw = {**parse_tree(EXAMPLES[0]).value, "activities": [raw]}
    assert Campaign.model_validate(raw).activities
