"""The print connector keeps the contract; its folders can go to the shop as they are."""

import csv
import hashlib
import io
import json
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pytest

from promo.connector import Media, Placement, Rejected, Task
from promo.testing.contract import ConnectorContract, Fault
from promo.testing.example import example_key, example_picture, example_request
from promo_connectors.print import PrintConnector
from promo_connectors.print.resolution import read_dpi

LOBBY = Placement(id="tower-1-lobby", name="1 号楼大堂", copies=2, link="https://jinxiu.example/l/aaa")
GATE = Placement(id="east-gate", name="小区<东门>", link="https://jinxiu.example/l/bbb", address="东街 1 号")
DUE = datetime(2027, 3, 10, 4, 0, tzinfo=UTC)


class TestPrint(ConnectorContract):
    connector = PrintConnector
    faults = frozenset({Fault.REFUSED})  # a disk has no lost answers, no passwords and no queue
    min_dpi = 0

    @property
    def folder(self):
        return self.tmp_path / "out" / "channels" / "example"

    def settings(self):
        return {"contact": "orders@print.example", "instructions": "A3, 157 g", "min_dpi": self.min_dpi}

    def request(self, key, **changes):
        if "media" not in changes:
            changes["media"] = (example_picture(self.tmp_path / "pictures"),)
        return example_request(example_key(key), kind="offline", type="poster", **changes)

    def posts(self, key):
        return sum(json.loads(p.read_text())["key"] == key for p in self.folder.glob("[!.]*/ticket.json"))

    def traffic(self):
        return len(list(self.tmp_path.rglob("out/**/*")))

    def arm(self, fault):
        assert fault is Fault.REFUSED
        (self.tmp_path / "out").write_text("a file where the output folder should be")

    def posters(self, *placements):
        return tuple(example_picture(self.tmp_path / "pictures", p.id, placement=p.id) for p in placements)

    def test_each_place_gets_its_own_picture(self):
        media = self.posters(LOBBY, GATE)
        task = Task(id="hang", what="张贴", owner="zhang@jinxiu.example", due=DUE, proof="photo")
        request = self.request("posters", media=media, placements=(LOBBY, GATE), tasks=(task,))
        answer = self.publish(request)
        assert (answer.to, answer.proof, answer.due) == ("orders@print.example", "photo", DUE)
        assert answer.detail["copies"] == 3
        folder = self.tmp_path / answer.detail["folder"]
        assert (folder / "1 tower-1-lobby.png").read_bytes() == media[0].path.read_bytes()
        assert (folder / "2 east-gate.png").read_bytes() == media[1].path.read_bytes()
        ticket = json.loads((folder / "ticket.json").read_text())
        assert [(i["placement"], i["copies"], i["link"], i["sha256"]) for i in ticket["items"]] == [
            ("tower-1-lobby", 2, "https://jinxiu.example/l/aaa", media[0].sha256),
            ("east-gate", 1, "https://jinxiu.example/l/bbb", media[1].sha256),
        ]
        text = (folder / "ticket.txt").read_text()
        assert "[2 ×] 1 号楼大堂" in text
        assert "Due 交付期限: 2027-03-10 12:00 (Asia/Shanghai)" in text
        assert "张贴 · zhang@jinxiu.example" in text
        page = (folder / "ticket.html").read_text()
        assert "小区&lt;东门&gt;" in page
        assert '<img src="2 east-gate.png"' in page
        rows = list(csv.DictReader(io.StringIO((folder / "packing-list.csv").read_text("utf-8-sig"))))
        assert [(row["name"], row["copies"]) for row in rows] == [("1 号楼大堂", "2"), ("小区<东门>", "1")]

    def test_one_picture_serves_all_places_that_have_none_of_their_own(self):
        request = self.request("shared", placements=(LOBBY, GATE))
        assert self.publish(request).detail["files"] == ["1 tower-1-lobby.png", "2 east-gate.png"]

    def print_file(self, pages):
        folder = self.tmp_path / "pictures"
        preview = example_picture(folder).path
        pdf = pikepdf.new()
        for _page in pages:
            pdf.add_blank_page(page_size=(898, 1247))
            pdf.pages[-1].trimbox = pikepdf.Array([28, 28, 870, 1219])
        pdf.save(folder / "k.pdf")
        digest = hashlib.sha256((folder / "k.pdf").read_bytes()).hexdigest()
        return Media(
            path=folder / "k.pdf",
            mime="application/pdf",
            sha256=digest,
            width=3508,
            height=4961,
            name="posters.pdf",
            previews=(preview,),
            pages=pages,
        )

    def test_a_print_file_says_which_pages_are_for_which_place(self):
        self.min_dpi = 300  # of pictures; a print file is vectors and photos of their own resolution
        medium = self.print_file((LOBBY.id, LOBBY.id, GATE.id, GATE.id))
        answer = self.publish(self.request("sides", media=(medium,), placements=(LOBBY, GATE)))
        folder = self.tmp_path / answer.detail["folder"]
        assert answer.detail["files"] == ["posters.pdf"]
        assert (folder / "posters.pdf").read_bytes() == medium.path.read_bytes()
        items = json.loads((folder / "ticket.json").read_text())["items"]
        assert [(item["placement"], item["pages"]) for item in items] == [(LOBBY.id, "1-2"), (GATE.id, "3-4")]
        assert (items[0]["width_mm"], items[0]["height_mm"], items[0]["dpi"]) == (297.0, 420.2, None)
        assert "posters.pdf, page 第 3-4 页" in (folder / "ticket.txt").read_text()
        assert '<img src="posters preview.png"' in (folder / "ticket.html").read_text()
        assert (folder / "posters preview.png").is_file()

    def test_a_place_without_a_picture_is_refused(self):
        request = self.request("bare", media=self.posters(LOBBY), placements=(LOBBY, GATE))
        with pytest.raises(Rejected, match="east-gate"):
            self.publish(request)
        assert self.traffic() == 0

    def test_nothing_to_print_is_refused(self):
        self.assert_refused_unsent(self.request("nothing", media=()))

    def test_a_picture_changed_after_its_approval_is_refused(self):
        request = self.request("changed")
        request.media[0].path.write_bytes(request.media[0].path.read_bytes() + b"\0")
        with pytest.raises(Rejected, match="changed"):
            self.publish(request)

    def test_too_coarse_a_picture_is_refused(self):
        self.min_dpi = 150
        self.assert_refused_unsent(self.request("coarse"))

    def test_formulas_in_names_stay_texts(self):
        place = replace(LOBBY, name="=1+1")
        answer = self.publish(self.request("formula", placements=(place,)))
        assert "'=1+1" in (self.tmp_path / answer.detail["folder"] / "packing-list.csv").read_text("utf-8-sig")

    def test_without_a_shop_the_job_goes_to_who_hangs_it(self):
        self.settings = dict
        task = Task(id="hang", what="张贴", owner="zhang@jinxiu.example")
        assert self.publish(self.request("own", tasks=(task,))).to == "zhang@jinxiu.example"


class TestResolution:
    def png(self, chunks):
        made = b"\x89PNG\r\n\x1a\n"
        for kind, content in chunks:
            made += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        return made

    @pytest.mark.parametrize(
        ("physical", "dpi"),
        [(struct.pack(">IIB", 11811, 11811, 1), 300.0), (struct.pack(">IIB", 1, 1, 0), None), (b"", None)],
    )
    def test_png(self, tmp_path, physical, dpi):
        path = tmp_path / "p.png"
        chunks = [(b"IHDR", b"\0" * 13), *([(b"pHYs", physical)] if physical else []), (b"IDAT", b"")]
        path.write_bytes(self.png(chunks))
        assert read_dpi(path) == dpi

    @pytest.mark.parametrize(("unit", "density", "dpi"), [(1, 300, 300.0), (2, 118, 299.72), (0, 1, None)])
    def test_jpeg(self, tmp_path, unit, density, dpi):
        path = tmp_path / "p.jpg"
        path.write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + struct.pack(">BHH", unit, density, density))
        assert read_dpi(path) == pytest.approx(dpi)

    @pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xd8\xff\xe0"])
    def test_other_files_say_nothing(self, tmp_path, content):
        path = tmp_path / "p"
        path.write_bytes(content)
        assert read_dpi(path) is None
