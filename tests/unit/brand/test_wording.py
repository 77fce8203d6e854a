"""Wording rules, judged by reviewed sentences: precision and recall of every set, as a whole and by trade."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from random import Random
from re import _parser
from time import process_time
from typing import get_args

import pytest
import yaml

from promo.brand.load import load_brands
from promo.brand.rules import RULES
from promo.brand.voice import Allowed, Trade, Voice
from promo.brand.wording.check import check_wording
from promo.brand.wording.delivery import DeliveryWords, Spoken
from promo.brand.wording.pack import laws, wording_rules
from promo.source.value import LocalText
from promo.workspace import Workspace, WorkspaceSettings

REPOSITORY = Path(__file__).parents[3]
SETS = sorted((Path(__file__).parent / "wording").glob("*.yaml"))
FLOOR = 0.95
SAMPLE = load_brands(Workspace(REPOSITORY, WorkspaceSettings(brands=("jinxiu",)), {})).brands["jinxiu"]


def brand(*trades, rules=None, **voice):
    """Return a sample brand of these trades with no words of its own but those given."""
    guide = SAMPLE.guide.model_copy(update={"trades": trades, "rules": rules or {}, "voice": Voice(**voice)})
    return type(SAMPLE)(id=SAMPLE.id, folder=SAMPLE.folder, file=SAMPLE.file, guide=guide)


def sentences(path):
    return yaml.safe_load(path.read_text("utf-8"))


def found(sentence):
    return {finding.rule for finding in check_wording(brand(*sentence["trades"]), sentence["text"])}


class Score:
    """How many breaches were told rightly, wrongly, and not."""

    def __init__(self):
        self.right = self.wrong = self.missed = 0

    @property
    def precision(self):
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self):
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_precision_and_recall(path, capsys):
    scores, mistakes = defaultdict(Score), []
    rows = sentences(path)
    for row in rows:
        wanted = set(row["guilty"])
        told = found(row) - (set(row.get("arguable", ())) - wanted)
        for name in ("all", *row["trades"]):
            scores[name].right += len(told & wanted)
            scores[name].wrong += len(told - wanted)
            scores[name].missed += len(wanted - told)
        if told != wanted:
            mistakes.append(f"{row['text']}: told {sorted(told - wanted)}, missed {sorted(wanted - told)}")
    with capsys.disabled():
        guilty = sum(bool(row["guilty"]) for row in rows)
        print(f"\n{path.stem}: {len(rows)} sentences, {guilty} guilty")  # noqa: T201 - the figures are the result
        for name, score in sorted(scores.items()):
            print(f"  {name:20} precision {score.precision:.3f}  recall {score.recall:.3f}")  # noqa: T201 - as above
    low = [name for name, score in scores.items() if min(score.precision, score.recall) < FLOOR]
    assert not low, "\n".join([", ".join(low), *mistakes])


def test_the_sentences_are_many_and_of_every_trade_and_rule():
    rows = [row for path in SETS for row in sentences(path)]
    texts = [row["text"] for row in rows]
    assert len(texts) == len(set(texts)) >= 400
    assert min(sum(bool(row["guilty"]) for row in rows), sum(not row["guilty"] for row in rows)) >= 180
    judged = {rule for row in rows for rule in row["guilty"]}
    assert judged == {name for name, parts in wording_rules().items() if any(rule.find for rule in parts)}


def test_every_rule_names_its_law_and_says_itself_in_both_languages():
    for rule in (rule for parts in wording_rules().values() for rule in parts):
        assert rule.law in laws()
        assert laws()[rule.law].in_force
        assert {"zh", "en"} <= set(rule.note), rule.id
        assert {"zh", "en"} <= set(rule.hint), rule.id
        assert rule.find or rule.must_say
        assert not rule.article or {"zh", "en"} <= set(rule.article)


def test_every_pattern_is_sound_and_its_words_are_small_letters():
    for rule in (rule for parts in wording_rules().values() for rule in parts):
        patterns = [*rule.innocent, rule.excused, rule.must_say]
        for clause in rule.find:
            patterns += [clause.as_, clause.with_, clause.unless]
            assert all(word == word.lower() for word in clause.at), rule.id
        for pattern in filter(None, patterns):
            assert "<" not in pattern.replace("(?<", ""), f"{rule.id}: an unknown <word> in {pattern}"
            re.compile(pattern)


def test_no_rule_of_words_has_the_name_of_a_rule_of_pictures():
    assert not wording_rules().keys() & RULES.keys()


def test_a_finding_names_the_article_and_the_place():
    text = "这是全城最佳的管家\u3002"
    [finding] = check_wording(brand("property-management"), text)
    assert text[finding.start : finding.end] == finding.word == "最佳"
    assert (finding.rule, finding.severity) == ("absolute-term", "error")
    assert "Advertising Law of the PRC, article 9(3)" in finding.message
    assert finding.hint


@pytest.mark.parametrize("text", ["国 家 级服务", "最\u200b佳管家", "最·佳管家", "行业ＮＯ．１", "国-家-级的管家"])
def test_hidden_words_are_seen_and_shown_as_they_stand(text):
    [finding] = check_wording(brand("services"), text)
    assert text[finding.start : finding.end] == finding.word
    assert DeliveryWords(brand("services")).check(Spoken(parts={"text": text}, language="zh"))


def test_links_are_not_read():
    assert check_wording(brand("retail"), "看这里 https://shop.example/the-best-in-town/") == []
    [finding] = check_wording(brand("retail"), "看这里https://shop.example/mugs\uff0c全网最低价")
    assert finding.word == "全网最低"


@pytest.mark.parametrize("words", ["最好", "第一", "全国最", "不", "98%的", "步行5分钟", "a best the best ", "no "])
def test_a_text_of_any_length_is_read_in_a_moment(words):
    every = brand(*get_args(Trade))
    text = words * (20_000 // len(words))
    begun = process_time()
    check_wording(every, text)
    assert process_time() - begun < 5


def test_a_prize_may_be_quoted_by_an_entry_with_its_reason():
    text = "本茶荣获2026年茶博会“最佳绿茶”奖\uff0c也是最佳的选择"
    entry = Allowed(phrase="“最佳绿茶”奖", reason=LocalText({"zh": "证书编号 0217"}), rules=("absolute-term",))
    assert [f.start for f in check_wording(brand("food"), text)] == [13, 22]
    assert [f.start for f in check_wording(brand("food", allow=(entry,)), text)] == [22]
    other = entry.model_copy(update={"rules": ("ranking-claim",)})
    assert len(check_wording(brand("food", allow=(other,)), text)) == 2


def test_the_brand_file_sets_the_severity_and_turns_rules_off():
    text = "98%的客户选择续约"
    assert [f.severity for f in check_wording(brand("services"), text)] == ["warning"]
    assert [f.severity for f in check_wording(brand("services", rules={"unsourced-figure": "error"}), text)] == [
        "error"
    ]
    assert check_wording(brand("services", rules={"unsourced-figure": "off"}), text) == []


def test_trades_choose_the_rules():
    text = "步行5分钟到地铁口"
    assert [f.rule for f in check_wording(brand("property"), text)] == ["distance-in-time"]
    assert check_wording(brand("tourism"), text) == []
    assert [f.rule for f in check_wording(brand("tourism", "property"), text)] == ["distance-in-time"]


def problems(of, language="zh", *, sponsored=False, to_public=True, **parts):
    spoken = Spoken(parts=parts, language=language, sponsored=sponsored, to_public=to_public)
    return [(problem.rule, problem.part, problem.severity) for problem in DeliveryWords(of).check(spoken)]


def test_each_part_of_a_delivery_is_told_apart():
    told = problems(brand("retail"), title="好杯子", text="全网最低价", subtitle="", visual="顶级工艺")
    assert told == [("absolute-term", "text", "error"), ("absolute-term", "visual", "error")]


def test_a_source_in_the_picture_serves_the_text():
    assert problems(brand("services"), text="98%的客户选择续约", note="数据来源\uff1a2026年回访\uff0c样本412户") == []


def test_sponsored_content_says_so():
    of = brand("retail")
    assert problems(of, sponsored=True, text="好物推荐") == [("sponsored-missing", "text", "error")]
    assert problems(of, sponsored=True, text="好物推荐", badge="广告") == []
    assert problems(of, "en", sponsored=True, text="Ad: a good mug") == []
    assert problems(of, "en", sponsored=True, text="Add a good mug") == [("sponsored-missing", "text", "error")]


def test_what_the_brand_owes_is_said():
    rule = [{"text": {"zh": "原价为三十天内最低成交价", "en": "List price: lowest in thirty days"}, "when": ["原价"]}]
    of = brand("retail", disclosures=rule, required=["好物小铺"])
    assert problems(of, title="好物小铺", text="原价 99 元") == [("disclosure-missing", "text", "warning")]
    assert problems(of, title="好物小铺", text="原价 99 元", note="原价为三十天内最低成交价") == []
    assert problems(of, text="新品到店") == [("required-missing", "text", "warning")]
    assert problems(of, to_public=False, text="原价 99 元") == []


def test_notices_the_law_asks_for():
    assert problems(brand("health-food"), text="每日两粒") == [("health-food-notice", "text", "error")]
    assert problems(brand("health-food"), text="每日两粒", note="本品不能代替药物") == []
    assert problems(brand("investment"), text="新基金发行") == [("risk-notice", "text", "error")]
    assert problems(brand("investment", rules={"risk-notice": "off"}), text="新基金发行") == []


def example(tree, random):  # noqa: C901 - a case for each part of a pattern
    """Return a text that a parsed pattern matches, but for what it only looks at ahead and behind."""
    text = ""
    for op, argument in tree:
        match str(op):
            case "LITERAL":
                text += chr(argument)
            case "ANY":
                text += "□"
            case "IN":
                kind, value = random.choice(argument)
                classes = {"CATEGORY_DIGIT": "7", "CATEGORY_WORD": "w", "CATEGORY_SPACE": " "}
                match str(kind):
                    case "LITERAL":
                        text += chr(value)
                    case "RANGE":
                        text += chr(random.randint(*value))
                    case _:  # a class of characters, or any but these
                        text += classes.get(str(value), "□")
            case "BRANCH":
                text += example(random.choice(argument[1]), random)
            case "SUBPATTERN":
                text += example(argument[3], random)
            case "MAX_REPEAT":
                least, _most, repeated = argument
                text += "".join(example(repeated, random) for _time in range(least + (random.random() < 0.3)))
            case "ASSERT" | "ASSERT_NOT" | "AT":
                pass
            case other:
                raise AssertionError(other)
    return text


def test_no_pattern_finds_what_its_words_would_hide():
    """A pattern is tried only where one of its words occurs: whatever it matches must hold such a word."""
    random = Random(26)
    for rule in (rule for parts in wording_rules().values() for rule in parts):
        for clause in rule.find:
            if clause.as_ is not None:
                tree = _parser.parse(clause.as_)
                for text in {example(tree, random) for _time in range(400)}:
                    assert any(word in text for word in clause.at), f"{rule.id}: {clause.at} hides {text}"
