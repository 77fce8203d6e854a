"""The folder connector keeps the contract, and its folders are whole and readable."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from promo.connector import Rejected
from promo.testing.contract import ConnectorContract, Fault
from promo.testing.example import example_picture
from promo_connectors.folder import FolderConnector


class TestFolder(ConnectorContract):
    connector = FolderConnector
    faults = frozenset({Fault.REFUSED})  # a disk has no lost answers, no passwords and no queue

    @property
    def folder(self) -> Path:
        return self.tmp_path / "out" / "channels" / "example" / "to-post"

    def settings(self):
        return {"folder": "to-post"}

    def posts(self, key):
        if not self.folder.is_dir():
            return 0
        return sum(json.loads(p.read_text())["key"] == key for p in self.folder.glob("[!.]*/post.json"))

    def traffic(self):
        return len(list(self.tmp_path.rglob("out/**/*")))

    def arm(self, fault):
        assert fault is Fault.REFUSED
        self.folder.parent.parent.parent.write_text("a file where the output folder should be")

    def test_a_picture_has_its_own_name_not_that_of_its_file_in_a_cache(self):
        picture = example_picture(self.tmp_path / "pictures", "0f" * 32, name="countdown.png")
        receipt = self.publish(self.request("named", media=(picture,)))
        assert receipt.detail["files"] == ["1 countdown.png"]

    def test_the_folder_can_be_read_by_a_person(self):
        picture = example_picture(self.tmp_path / "pictures")
        request = self.request("readable", media=(picture,), link="https://jinxiu.example/open-day")
        receipt = self.publish(request)
        assert receipt.remote_id == f"2027-03-22 0930 countdown {request.key[:16]}"
        folder = self.folder / receipt.remote_id
        assert sorted(p.name for p in folder.iterdir()) == ["1 courtyard.png", "post.json", "text.md"]
        text = (folder / "text.md").read_text()
        assert text.startswith("# 锦绣社区开放日\n\n距离开放日还有 12 天")
        assert "https://jinxiu.example/open-day" in text
        assert text.endswith("![社区庭院里的春花](<1 courtyard.png>)\n")
        assert (folder / "1 courtyard.png").read_bytes() == picture.path.read_bytes()
        assert str(self.tmp_path) not in (folder / "post.json").read_text()

    def test_a_failed_copy_leaves_nothing(self):
        gone = example_picture(self.tmp_path / "pictures")
        gone.path.unlink()
        request = self.request("failed", attachments=(gone,))
        with pytest.raises(Rejected):
            self.publish(request)
        assert self.posts(request.key) == 0
        assert list(self.folder.iterdir()) == []

    @pytest.mark.parametrize("name", ["../out", "a/b", "", "..", ".in-progress-x"])
    def test_delete_stays_in_its_folder(self, name):
        with pytest.raises(Rejected):
            self.make().delete(name)

    @pytest.mark.parametrize("folder", ["..", "../other", "/etc", "a/b", "a\\b", "C:", ".hidden"])
    def test_the_setting_stays_inside_the_output_folder(self, folder):
        with pytest.raises(ValidationError):
            FolderConnector.Settings.model_validate({"folder": folder})

    def test_a_folder_emptied_by_hand_is_written_again(self):
        request = self.request("emptied")
        receipt = self.publish(request)
        for file in (self.folder / receipt.remote_id).iterdir():
            file.unlink()
        self.publish(request)
        assert self.posts(request.key) == 1
