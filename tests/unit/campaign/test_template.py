"""Templates: what they fill in, and what they refuse."""

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promo.campaign.template import TemplateProblem, Templates

VARIABLES = {
    "link": "https://promo.example/l/abc",
    "row": {"name": "甲", "price": "1234.5", "items": "3"},
    "occurrence": datetime(2027, 3, 8, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai")),
    "language": "zh",
    "number": 3,
    "words": ["a", "b"],
    "nothing": None,
}


@pytest.fixture
def templates():
    return Templates()


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("no template { at all }", "no template { at all }"),
        ("看 {{ link }} 吧", "看 https://promo.example/l/abc 吧"),
        ("{{row.name}} {{ row['name'] }} {{ row.items }}", "甲 甲 3"),
        ("{{ days_until('2027-04-03') }}", "26"),
        ("{{ days_until('2027-03-01') }}", "-7"),
        ("{{ date('M月d日') }} {{ date() }}", "3月8日 2027年3月8日"),
        ("{{ date('2027-04-03', 'full') }}", "2027年4月3日星期六"),
        ("{{ date(occurrence, 'yyyy') }} {{ occurrence.month }}", "2027 3"),
        ("{{ '2027-04-03'|date('MM/dd') }} {{ occurrence|time }}", "04/03 09:30"),
        ("{{ row.price|number }} {{ row.price|number(0) }}", "1,234.5 1,234"),
        ("{{ row.price|money('CNY') }} {{ '99 CNY'|money }}", "¥1,234.50 ¥99.00"),
        ("{{ 0.25|percent }}", "25%"),
        ("{{ missing|default('x') }}", "x"),
        ("{{ nothing }}|", "|"),
        ("{{ 2.345|round(2) }} {{ row.price|round }}", "2.35 1235"),
        ("{{ number + 1 }} {{ number * 2 }} {{ 'a' + 'b' }} {{ 'a' ~ number }}", "4 6 ab a3"),
        ("{% for w in words %}{{ w }}{% if not loop.last %}-{% endif %}{% endfor %}", "a-b"),
        ("{{ 'many' if number > 2 else missing }}", "many"),
        ("{% set x = number %}{{ x }}", "3"),
        ("{{ '}}' }} {{ '{{' }}", "}} {{"),
        ("{%- raw %}{{ x }}{% endraw %}{# note #}", "{{ x }}"),
        ("a\n{{- ' b' }}\n", "a b\n"),
        ("{{ words|join('、') }} {{ 'a-b'|replace('-', '+') }} {{ 'x'|upper }}", "a、b a+b X"),
    ],
)
def test_filled(templates, source, text):
    assert templates.render(source, VARIABLES) == text


def test_dates_and_numbers_follow_the_language(templates):
    english = {**VARIABLES, "language": "en"}
    assert templates.render("{{ date('long') }} {{ 1234.5|money('EUR') }}", english) == "March 8, 2027 €1,234.50"


@pytest.mark.parametrize(
    "source",
    [
        "{{ missing }}",
        "{{ row.missing }}",
        "{{ link",
        "{{ }}",
        "{% if %}",
        "{{ link.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ ''['__class__'] }}",
        "{{ row.pop('name') }}",
        "{{ words.append(1) }}",
        "{{ 'x'.format(1) }}",
        "{{ link.upper }}",
        "{{ self }}",
        "{{ cycler }}",
        "{{ lipsum() }}",
        "{{ range.__globals__ }}",
        "{{ link|attr('upper') }}",
        "{{ words|map('upper')|list }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ 'a' * 10 }}",
        "{{ 1|round(1000000000) }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ 1e200 * 1e200 }}",
        "{{ [1] * 100000 }}",
        "{{ '%s' % 1 }}",
        "{{ 1 / 0 }}",
        "{{ number + 'a' }}",
        "{{ range(1000000000) }}",
        "{{ range('a') }}",
        "{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}",
        "{% for i in range(1000) %}{{ 'x' * 1 }}" + "y" * 200 + "{% endfor %}",
        "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
        "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x + x %}" * 40 + "{{ x }}",
        "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x|replace('a', 'aaaaaaaaaa') %}" * 9 + "{{ x }}",
        "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x|join(x) %}" * 9 + "{{ x }}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as x %}",
        "{% extends 'x' %}",
        "{{ __budget }}",
        "{{ words|__budget }}",
        "{{ days_until('soon') }}",
        "{{ days_until(missing) }}",
        "{{ 'x'|number }}",
        "{{ 'x'|money }}",
        "{{ date('" + "y" * 100 + "') }}",
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "x" * 20_000 + "{{ link }}",
    ],
)
def test_refused_in_one_line_and_at_once(templates, source):
    start = time.process_time()
    with pytest.raises(TemplateProblem) as error:
        templates.render(source, VARIABLES)
    assert time.process_time() - start < 5
    assert error.value.message
    assert "\n" not in error.value.message
    assert "Traceback" not in error.value.message


def test_what_a_template_names(templates):
    loop = "{% for i in words %}{{ i }}{{ loop.index }}{% endfor %}"
    found = templates.analyse("{{ row.name }} {{ days_until(day) }} {{ x|default(y) }}" + loop)
    assert found.names == {"row", "day", "y", "words"}
    assert found.attributes == {("row", "name")}
    assert templates.analyse("plain").names == frozenset()


def test_a_problem_is_told_in_the_language_in_force(templates):
    from promo.language import use

    use("zh")
    try:
        with pytest.raises(TemplateProblem, match="没有过滤器"):
            templates.render("{{ link|nothing }}", VARIABLES)
    finally:
        use("en")
    with pytest.raises(TemplateProblem, match="there is no filter"):
        templates.render("{{ link|nothing }}", VARIABLES)


@settings(max_examples=200, deadline=None)
@given(source=st.text(alphabet="{}%#|.()[]'\"+-*/~ abx1,=_\n", max_size=40))
def test_any_text_is_filled_or_refused(source):
    try:
        text = Templates().render("{{" + source, {"a": "A", "b": ["x"], "x": {"a": 1}})
    except TemplateProblem as problem:
        text = problem.message
    assert isinstance(text, str)
