"""A small workspace on disk, and a campaign in it that has no problem."""

import pytest

from promo.campaign.load import load_campaigns
from promo.workspace import open_workspace

SETTINGS = """\
timezone: Asia/Shanghai
slots:
  evenings: {days: [mon, thu], times: ["19:30"]}
channels:
  mastodon: {connector: folder, slots: evenings}
  owners-mail: {connector: folder}
  print-shop: {connector: folder}
  press-desk: {connector: folder}
"""

CAMPAIGN = """\
campaign: open-day
name: {zh: 开放日, en: Open day}
brand: jinxiu
owner: wang.li@jinxiu.example
period: {from: 2027-03-01, until: 2027-04-15}
goals: {reach: 50000, spend: 20000 CNY}
budget: {total: 20000 CNY, lines: {print: 6000, media: 8000}}
approval: {stages: [brand, legal], deadline: 24h}
variables: {day: 2027-04-03}
defaults:
  link: {url: https://jinxiu.example/open-day, utm: {source: "{{ channel }}"}}
activities:
  - id: countdown
    kind: online
    channels: [mastodon, owners-mail]
    schedule: {cron: "30 9 * * MON-FRI", from: 2027-03-22, until: 2027-04-02, skip: [holidays CN], late: 2h}
    content:
      text: 还有 {{ days_until(day) }} 天 {{ link }}
      hashtags: [锦绣]
      variants:
        mastodon: {visibility: public}
  - id: flats
    kind: online
    channels: [mastodon]
    each: data/flats.csv
    schedule: {slots: evenings}
    content: {text: "{{ row.name }} {{ row.area }}"}
    visual: {layout: event-card, photo: "photos/{{ row.photo }}"}
  - id: poster
    kind: offline
    type: poster
    channels: [print-shop]
    budget_line: print
    schedule: {at: 2027-03-08 10:00}
    placements:
      - {id: lobby, name: 大堂, copies: 2}
      - {id: gate, name: {zh: 东门, en: Gate}}
    tasks:
      - {what: 张贴, owner: zhang@jinxiu.example, due: 2027-03-10 18:00, proof: photo}
  - id: release
    kind: media
    type: press_release
    channels: [press-desk]
    outlets: data/outlets.csv
    embargo: 2027-03-15 08:00
    schedule: {at: 2027-03-12 15:00}
    content: {title: 开放日, body: press/release.md, contact: wang.li@jinxiu.example}
"""

FILES = {
    "promo.yaml": SETTINGS,
    "campaigns/open-day.yaml": CAMPAIGN,
    "campaigns/data/flats.csv": "id,name,area,photo\na1,甲,89,a.jpg\nb2,乙,120,a.jpg\n",
    "campaigns/data/outlets.csv": "name,editor,email,monthly_visits\n晨报,Li,li@paper.example,120000\n",
    "campaigns/press/release.md": "# {{ name }}\n\n欢迎 {{ date(day, 'M月d日') }}\n",
    "assets/brands/jinxiu/brand.yaml": "brand: jinxiu\n",
    "assets/layouts/event-card.yaml": "layout: event-card\n",
    "assets/photos/a.jpg": "not really a picture",
}


class Desk:
    """The workspace's folder, with ways to change files and to check them."""

    def __init__(self, root):
        self.root = root

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8") if isinstance(text, str) else path.write_bytes(text)
        return path

    def change(self, old, new, name="campaigns/open-day.yaml"):
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def load(self):
        return load_campaigns(open_workspace(self.root))

    def problems(self):
        return self.load().problems


@pytest.fixture
def desk(tmp_path):
    found = Desk(tmp_path)
    for name, text in FILES.items():
        found.write(name, text)
    return found
