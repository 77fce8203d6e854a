"""JSON Schema: what it accepts is what promo accepts, and the reverse."""

import jsonschema
import pytest
import yaml

from promo.campaign.schema import campaign_schema, workspace_schema
from promo.language import chinese, use
from promo.registry import Registry
from promo.source.document import read_document
from promo.workspace import open_workspace


@pytest.fixture
def validator(desk):
    schema = campaign_schema(open_workspace(desk.root))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _raw(desk, name="campaigns/open-day.yaml"):
    return read_document(desk.root / name, root=desk.root).raw


def test_a_good_campaign_is_accepted(desk, validator):
    assert [e.message for e in validator.iter_errors(_raw(desk))] == []


def test_short_forms_are_accepted(desk, validator):
    raw = _raw(desk)
    raw["activities"][0] |= {
        "schedule": "2027-03-08 10:00",
        "content": "text",
        "visual": "event-card",
        "channels": "mastodon",
    }
    raw["activities"][1]["content"] = {"text": "x", "link": "https://x.example", "first_comment": "y", "hashtags": "z"}
    assert [e.message for e in validator.iter_errors(raw)] == []
    desk.write("campaigns/open-day.yaml", yaml.safe_dump(raw, allow_unicode=True))
    assert desk.problems() == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("goals:", "gaols:"),
        ("brand: jinxiu", "brand: jinxui"),
        ("kind: media", "kind: press"),
        ("channels: [press-desk]", "channels: [pres-desk]"),
        ("layout: event-card", "layout: event-crad"),
        ("slots: evenings}", "slots: evening}"),
        ("        mastodon: {visi", "        mastodom: {visi"),
        ("id: flats", "id: Flats"),
        ("reach: 50000", "reach: many"),
        ("proof: photo", "proof: foto"),
        ("copies: 2", "copies: 0"),
        ("owner: wang.li@jinxiu.example\n", ""),
    ],
)
def test_mistakes_are_refused_by_both(desk, validator, old, new):
    desk.change(old, new)
    assert list(validator.iter_errors(_raw(desk)))
    assert desk.problems()


def test_every_key_has_a_description():
    schema = campaign_schema()
    objects = {"Campaign": schema, **schema["$defs"]}
    bare = [
        f"{name}.{key}"
        for name, part in objects.items()
        for key, value in part.get("properties", {}).items()
        if not value.get("description")
    ]
    assert bare == []


def test_every_description_has_chinese_words():
    english = _descriptions(campaign_schema()) | _descriptions(workspace_schema())
    assert not english - set(chinese())
    use("zh")
    try:
        assert _descriptions(campaign_schema()) == {chinese()[text] for text in _descriptions_in("en")}
    finally:
        use("en")


def _descriptions_in(language):
    use(language)
    try:
        return _descriptions(campaign_schema())
    finally:
        use("zh")


def _descriptions(node):
    if isinstance(node, list):
        return {text for item in node for text in _descriptions(item)}
    if not isinstance(node, dict):
        return set()
    own = {node["description"]} if isinstance(node.get("description"), str) else set()
    return own | {text for value in node.values() for text in _descriptions(value)}


def test_the_workspace_s_schema_knows_the_connectors(desk):
    schema = workspace_schema(Registry())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    raw = _raw(desk, "promo.yaml")
    assert [e.message for e in validator.iter_errors(raw)] == []
    raw["channels"]["mastodon"]["connector"] = "mastdon"
    assert list(validator.iter_errors(raw))
    raw["channels"]["mastodon"] = {"connector": "folder", "settings": {"no_such_setting": 1}}
    assert list(validator.iter_errors(raw))
