"""A picture that breaks the style guide: told by check, refused by plan and apply, shown to whoever approves."""

from __future__ import annotations

LONG = "开放日" * 40


def test_a_broken_picture_stops_what_would_send_it_out(person, workspace, tmp_path):
    file = workspace / "campaigns" / "first.yaml"
    good = file.read_text("utf-8")
    broken = good.replace("title: 开放日, subtitle: Open day", f"title: {LONG}, subtitle: Open day")
    assert broken != good
    file.write_text(broken, "utf-8")
    checked = person("check", ok=False)
    assert checked.code == 1
    [line] = [line for line in checked.out.splitlines() if "[text-overflow]" in line]
    assert line.startswith("campaigns/first.yaml:34:")
    assert "promo render --explain first/posters" in checked.out
    planned = person("plan", ok=False)
    assert planned.code == 1
    assert line in planned.err
    assert "nothing was planned" in planned.err
    rehearsed = person("rehearse", "--until", "2026-12-10", ok=False)
    assert rehearsed.code == 1
    assert line in rehearsed.err
    settings = workspace / "promo.yaml"
    whole = settings.read_text("utf-8")
    settings.write_text(whole.replace("horizon: 35d", "horizon: 1d"), "utf-8")  # then it comes into view later
    assert "[text-overflow]" in person("rehearse", "--until", "2026-12-10", ok=False).err
    settings.write_text(whole, "utf-8")
    assert person("check", "--no-pictures").code == 0
    saved = tmp_path / "plan.json"
    person("plan", "--no-pictures", "--out", saved)
    applied = person("apply", saved, ok=False)
    assert applied.code == 1
    assert "text-overflow" in applied.err
    file.write_text(good, "utf-8")
    person("apply", "--yes", "--by", "me")
    assert "scheduled          11" in person("status").out


def test_who_approves_hears_what_is_wrong_with_the_picture(person, workspace):
    [brand] = workspace.glob("assets/brands/*/brand.yaml")
    brand.write_text(brand.read_text("utf-8").replace("print-rgb: off", "print-rgb: warning"), "utf-8")
    person("apply", "--yes", "--by", "me")
    said = person("approve", "--campaign", "first", "--by", "me")
    assert "warning: the print file is in RGB" in said.err


def test_a_print_file_for_a_channel_that_takes_none_is_told_where_it_is_asked_for(person, workspace):
    settings, file = workspace / "promo.yaml", workspace / "campaigns" / "first.yaml"
    mail = """\
  newsletter:
    connector: email
    settings: {host: smtp.example.com, from: news@example.com, to: [list@example.com]}
"""
    settings.write_text(settings.read_text("utf-8") + mail, "utf-8")
    asked = file.read_text("utf-8").replace("channels: [print-shop]", "channels: [print-shop, newsletter]")
    file.write_text(asked, "utf-8")
    at = next(number for number, line in enumerate(asked.splitlines(), 1) if "visual: {layout: poster" in line)
    checked = person("check", "--no-pictures", ok=False)
    [line] = [line for line in checked.out.splitlines() if "[wrong-medium]" in line]
    assert line.startswith(f"campaigns/first.yaml:{at}:5: error: newsletter takes no PDF, which poster a3 makes")
    assert line in person("plan", "--no-pictures", ok=False).err
    file.write_text(asked.replace("visual: {layout: poster", "visual: {layout: event-card"), "utf-8")
    assert "[wrong-medium]" not in person("check", "--no-pictures", ok=None).out


def test_while_a_layout_of_ones_own_is_broken_the_built_in_one_does_not_stand_in(person, workspace):
    file = workspace / "assets" / "layouts" / "poster.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(
        "name: Poster\nformats: {a4: {size: A4}}\nlayers: [{kind: text, bind: title, colour: ink}]\n", "utf-8"
    )
    for words in (("plan",), ("render", "--layout", "poster")):
        said = person(*words, ok=False)
        assert said.err.startswith("assets/layouts/poster.yaml:3:")
        assert "`colour`" in said.err
    drawn = person("render", "first/posters", ok=False)
    assert drawn.code == 1
    assert "the layout poster has errors" in drawn.all


def test_a_layout_is_not_drawn_in_a_brand_with_errors(person, workspace):
    [brand] = workspace.glob("assets/brands/*/brand.yaml")
    brand.write_text(brand.read_text("utf-8").replace("on_primary: white", "on_primary: whit"), "utf-8")
    said = person("render", "--layout", "poster", "--brand", brand.parent.name, ok=False)
    assert said.err.startswith(f"assets/brands/{brand.parent.name}/brand.yaml:")
