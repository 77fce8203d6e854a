"""Campaigns → deliveries: words and links."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from compiled import POST, notes, one

from promo.plan.links import with_utm


def test_texts_are_filled_with_what_they_may_name(place):
    place.campaign(
        """
        - id: hello
          kind: online
          channels: [micro, plain]
          schedule: {at: 2027-03-08 10:00}
          variables: {flower: tulips}
          content:
            title: "{{ campaign }}/{{ activity }}/{{ channel }}/{{ brand }}"
            text: "{{ days_until('2027-03-10') }} days, {{ flower }}, {{ occurrence.hour }}h, {{ where }}"
            variants:
              plain: {text: "plain {{ flower }}", visibility: "{{ where }}", ttl: 7}
        """,
        extra="variables: {flower: roses, where: court}",
    )
    compiled = place.compile()
    assert compiled.problems == ()
    micro, plain = one(compiled, channel="micro").content, one(compiled, channel="plain").content
    assert micro["title"] == "spring/hello/micro/acme"
    assert micro["text"] == "2 days, tulips, 10h, court"
    assert micro["options"] == {}
    assert plain["text"] == "plain tulips"
    assert plain["options"] == {"visibility": "court", "ttl": 7}


def test_content_is_plain_json_and_chinese_is_not_escaped(place):
    place.campaign(POST.replace("Come and see", "来看看院子 {{ 1 + 1 }} <b>&</b>"))
    content = one(place.compile()).content
    assert json.loads(json.dumps(content)) == content
    assert content["text"] == "来看看院子 2 <b>&</b>"


def test_a_table_makes_one_post_a_row_and_its_id_names_it_for_ever(place):
    activity = """
    - id: flat
      kind: online
      channels: [plain]
      each: data/flats.csv
      schedule: {slots: evenings}
      content: {text: "{{ row.name }}: {{ row.area }}"}
    """
    place.write("campaigns/data/flats.csv", "id,name,area\na,Ash,50\nb,Beech,60\n")
    place.campaign(activity)
    before = {d.activity: d.key for d in place.compile().deliveries}
    assert set(before) == {"flat/a", "flat/b"}
    place.write("campaigns/data/flats.csv", "id,name,area\nc,Cedar,70\nb,Beech,66\na,Ash,50\n")
    after = {d.activity: d.key for d in place.compile().deliveries}
    assert after.items() >= before.items()
    assert one(place.compile(), activity="flat/b").content["text"] == "Beech: 66"


def test_the_body_may_be_a_file_beside_the_campaign(place):
    place.write("campaigns/press/letter.md", "# Dear {{ channel }}\n\nWelcome.\n")
    place.campaign(
        """
        - id: letter
          kind: online
          channels: [letter]
          schedule: {at: 2027-03-08 10:00}
          content: {title: Hello, body: press/letter.md}
        """
    )
    assert one(place.compile()).content["body"] == "# Dear letter\n\nWelcome."


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("micro", "Come #spring\n\n#open #garden"),
        ("weibo", "Come #spring\n\n#open# #garden#"),
        ("letter", "Come #spring"),
    ],
)
def test_hashtags_stand_below_the_text_unless_they_are_in_it_already(place, channel, expected):
    place.campaign(
        f"""
        - id: hello
          kind: online
          channels: [{channel}]
          schedule: {{at: 2027-03-08 10:00}}
          content: {{title: Hi, text: "Come #spring", hashtags: [open, "#garden", spring]}}
        """
    )
    content = one(place.compile()).content
    assert content["text"] == expected
    assert content["hashtags"] == ["open", "garden", "spring"]


LINKED = """
- id: hello
  kind: online
  channels: [micro]
  schedule: {at: 2027-03-08 10:00}
  content:
    text: "See {{ link }}"
    link: {url: "https://acme.example/garden?x=1#map", utm: {medium: "{{ channel }} post", term: ""}}
    first_comment: {text: "Once more {{ link }}", after: 30m}
"""


def test_links_are_tracked_and_lead_to_the_target_with_its_utm_fields(place):
    place.campaign(LINKED)
    compiled = place.compile()
    post, comment = one(compiled, part="main"), one(compiled, part="first-comment")
    assert post.content["link"] == f"https://go.brand.example/l/{post.content['token']}"
    assert post.content["text"] == f"See {post.content['link']}"
    assert len(post.content["token"]) >= 10
    target = urlsplit(post.content["target"])
    assert target.fragment == "map"
    assert parse_qs(target.query) == {
        "x": ["1"],
        "utm_source": ["micro"],
        "utm_medium": ["micro post"],
        "utm_campaign": ["spring"],
        "utm_content": [post.id],
    }
    assert comment.content["token"] != post.content["token"]
    assert comment.parent == post.id
    assert comment.content["delay"] == 1800
    assert comment.due_at == post.due_at + timedelta(minutes=30)


def test_without_a_public_address_links_go_out_untracked(place):
    place.write("promo.yaml", "channels:\n  micro: {connector: micro}\n")
    place.campaign(LINKED)
    content = one(place.compile(), part="main").content
    assert content["token"] is None
    assert content["link"] == content["target"]
    assert content["link"].startswith("https://acme.example/garden?x=1&utm_source=micro")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example", "https://a.example?utm_source=s%20%26"),
        ("https://a.example/?utm_source=mine", "https://a.example/?utm_source=mine"),
        ("https://a.example/?q", "https://a.example/?q&utm_source=s%20%26"),
        ("mailto:lee@a.example", "mailto:lee@a.example"),
    ],
)
def test_utm_fields_never_overwrite(url, expected):
    assert with_utm(url, {"source": "s &", "medium": ""}) == expected


def test_each_placement_has_a_link_of_its_own(place):
    place.campaign(
        """
        - id: poster
          kind: offline
          type: poster
          channels: [plain]
          schedule: {at: 2027-03-08 10:00, lasts: 2h}
          place: Court
          content: {title: Open day, link: "https://acme.example/"}
          placements:
            - {id: lobby, name: {en: Lobby, zh: 大堂}, copies: 2}
            - {id: gate, name: East gate}
          tasks:
            - {what: "Hang at {{ place }}", owner: kim@acme.example, due: 2027-03-09 18:00, proof: photo}
        """
    )
    content = one(place.compile()).content
    lobby, gate = content["placements"]
    assert (lobby["name"], lobby["copies"], gate["copies"]) == ("Lobby", 2, 1)
    assert len({lobby["token"], gate["token"], content["token"]}) == 3
    assert lobby["link"].endswith(f"/l/{lobby['token']}")
    assert content["tasks"] == [
        {
            "id": "task-1",
            "what": "Hang at Court",
            "owner": "kim@acme.example",
            "due": "2027-03-09T17:00:00+00:00",
            "proof": "photo",
        }
    ]
    assert content["lasts"] == 7200


PRESS = """
- id: release
  kind: media
  type: press_release
  channels: [letter]
  outlets: data/outlets.csv
  embargo: 2027-03-15 08:00
  schedule: {at: 2027-03-12 15:00}
  content: {title: News, text: Read on, contact: lee@acme.example}
"""


def test_a_release_carries_its_outlets_and_its_embargo(place):
    place.write(
        "campaigns/data/outlets.csv", 'name,email,editor,monthly_visits\nEcho,desk@echo.example,Ms Roe,"64,000"\n'
    )
    place.campaign(PRESS)
    compiled = place.compile()
    release = one(compiled)
    assert release.type == "press_release"
    assert release.content["embargo"] == "2027-03-15T07:00:00+00:00"
    assert release.content["outlets"] == [
        {"name": "Echo", "email": "desk@echo.example", "editor": "Ms Roe", "monthly_visits": 64000}
    ]
    assert notes(compiled, release) == "due before its embargo ends at 2027-03-15 08:00"
