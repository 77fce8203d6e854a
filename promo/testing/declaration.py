"""The part of the contract about what a connector says of itself: schema, README, names, abilities."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from promo.connector import METRICS, Ability, Capabilities, Connector, Idempotency
from promo.testing.suite import ConnectorSuite

if TYPE_CHECKING:
    from collections.abc import Iterator

CHINESE = re.compile(r"[\u4e00-\u9fff]")
DATE = re.compile(r"\b20\d\d-\d\d-\d\d\b")
ABILITIES = ("lookup", "delete", "collect")


class DeclarationContract(ConnectorSuite):
    """The class, its settings and its README agree with each other; nothing is published."""

    def test_what_is_declared_is_built_and_the_reverse(self) -> None:
        declared = self.connector.capabilities
        built = {name: getattr(self.connector, name) is not getattr(Connector, name) for name in ABILITIES}
        assert built["lookup"] == (declared.lookup is Ability.YES)
        assert built["delete"] == (declared.delete is Ability.YES)
        assert built["collect"] == bool(declared.metrics)
        if declared.idempotency is Idempotency.LOOKUP:
            assert declared.lookup is Ability.YES
        if declared.idempotency_window is not None:
            assert declared.idempotency is Idempotency.KEY

    def test_metric_names_are_known(self) -> None:
        assert set(self.connector.capabilities.metrics) <= set(METRICS)

    def test_it_has_a_name_and_a_title_in_both_languages(self) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", self.connector.name)
        assert self.connector.title
        assert not CHINESE.search(self.connector.title)
        assert CHINESE.search(self.connector.title_zh)

    def test_every_setting_is_described_in_the_schema(self) -> None:
        schema = self.connector.Settings.model_json_schema()
        json.dumps(schema)
        bare = [name for name, field in schema.get("properties", {}).items() if not field.get("description")]
        assert bare == []

    def test_unknown_settings_are_refused(self) -> None:
        self.connector.Settings.model_validate(self.settings())
        with pytest.raises(ValidationError):
            self.connector.Settings.model_validate({**self.settings(), "no_such_setting": 1})

    def test_readme_names_every_setting(self) -> None:
        text = self.readme().read_text(encoding="utf-8")
        assert CHINESE.search(text), "the README has no Chinese part"
        missing = [name for name in self.connector.Settings.model_fields if f"`{name}`" not in text]
        assert missing == []

    def test_readme_gives_the_source_and_date_of_every_limit(self) -> None:
        dated = [line for line in self.readme().read_text(encoding="utf-8").splitlines() if DATE.search(line)]
        numbers = {number.replace(",", "") for line in dated for number in re.findall(r"[\d,.]*\d", DATE.sub("", line))}
        undated = [f"{name} = {value}" for name, value in _figures(self.connector.capabilities) if value not in numbers]
        assert undated == [], "no line of the README gives this figure with a date"


def _figures(declared: Capabilities) -> Iterator[tuple[str, str]]:
    """Yield every number a connector limits itself by, but for zeros and ones: those say that a thing is absent."""
    if declared.text is not None:
        yield "text.limit", str(declared.text.limit)
        if declared.text.link_cost is not None:
            yield "text.link_cost", str(declared.text.link_cost)
    if declared.thread > 1:
        yield "thread", str(declared.thread)
    for kind, limit in (("images", declared.images), ("videos", declared.videos)):
        if limit.count:
            for name in ("count", "max_bytes", "max_pixels", "min_ratio", "max_ratio", "alt_text"):
                value = getattr(limit, name)
                if value:
                    yield f"{kind}.{name}", f"{value:g}" if isinstance(value, float) else str(value)
    if declared.rate is not None:
        yield "rate.calls", str(declared.rate.calls)
