"""The task connector keeps the contract; everybody gets their own tasks, and how to close them."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import icalendar
import pytest

from promo.connector import Handover, OutcomeUnknown, Placement, Task
from promo.testing.mail import MailContract
from promo.testing.servers import MailAnswer
from promo.testing.suite import START
from promo_connectors.task import TaskConnector

HANG = Task(id="1", what="张贴海报", owner="zhang", due=START + timedelta(days=2), proof="photo")
COUNT = Task(
    id="2", what="签到与人数统计", owner="zhao@jinxiu.example", due=START + timedelta(days=1), proof="headcount"
)
CLEAN = Task(id="3", what="清场", owner="zhang")


class TestTask(MailContract):
    connector = TaskConnector
    extra: ClassVar = {}

    def settings(self):
        return {**super().settings(), "people": {"zhang": "zhang@jinxiu.example"}, **self.extra}

    def request(self, key, **changes):
        return super().request(key, **{"kind": "offline", "type": "event", "tasks": (HANG,), **changes})

    def test_everybody_gets_their_own_tasks_in_one_mail(self):
        handover = self.publish(self.request("shares", tasks=(HANG, COUNT, CLEAN)))
        to = {mail.recipients[0]: mail.message.get_body(("plain",)).get_content() for mail in self.server.mails}
        assert set(to) == {"zhang@jinxiu.example", "zhao@jinxiu.example"}
        assert "张贴海报" in to["zhang@jinxiu.example"]
        assert "清场" in to["zhang@jinxiu.example"]
        assert "签到" not in to["zhang@jinxiu.example"]
        assert isinstance(handover, Handover)
        assert handover.to == "zhang@jinxiu.example, zhao@jinxiu.example"
        assert (handover.proof, handover.due) == ("photo", COUNT.due)

    def test_the_mail_says_what_when_where_and_how_to_close_it(self):
        request = self.request(
            "letter",
            tasks=(HANG,),
            link="https://jinxiu.example/l/abc",
            placements=(Placement(id="t1", name="1 号楼大堂", copies=2, address="东侧"),),
        )
        self.publish(request)
        message = self.server.mails[0].message
        text = message.get_body(("plain",)).get_content()
        assert str(message["Subject"]) == "【任务】张贴海报，3月24日 09:30 前完成"
        for words in (
            "地点：中心花园",
            "活动时间：2027年3月22日 09:30（Asia/Shanghai）",
            "1 号楼大堂，东侧\uff1a2 份",
            "https://jinxiu.example/l/abc",
            "所需凭证：照片",
            f"promo log {request.delivery} --task 1 --proof FILE --by NAME",
        ):
            assert words in text

    def test_a_task_is_closed_on_a_page_where_there_is_one(self):
        self.extra = {"close_url": "https://promo.jinxiu.example/d/{delivery}/{task}"}
        request = self.request("page", language="en")
        self.publish(request)
        text = self.server.mails[0].message.get_body(("plain",)).get_content()
        assert f"Close it with: https://promo.jinxiu.example/d/{request.delivery}/1" in text

    def test_due_tasks_come_as_calendar_entries(self):
        self.publish(self.request("calendar", tasks=(HANG, CLEAN)))
        [attached] = list(self.server.mails[0].message.iter_attachments())
        assert attached.get_content_type() == "text/calendar"
        [entry] = icalendar.Calendar.from_ical(attached.get_content()).walk("VEVENT")
        assert (str(entry["SUMMARY"]), entry.end) == ("张贴海报", HANG.due)
        self.extra = {"calendar": False}
        self.publish(self.request("no calendar"))
        assert list(self.server.mails[1].message.iter_attachments()) == []

    def test_a_delivery_without_tasks_goes_to_the_channels_owner(self):
        self.assert_refused_unsent(self.request("nobody", tasks=()))
        self.extra = {"owner": "zhang"}
        handover = self.publish(self.request("owner", tasks=()))
        assert (handover.to, handover.proof) == ("zhang@jinxiu.example", "none")

    def test_an_unknown_name_is_refused_before_anybody_is_told(self):
        self.assert_refused_unsent(self.request("unknown", tasks=(HANG, replace(CLEAN, owner="nobody"))))

    def test_a_lost_answer_names_the_person(self):
        self.server.queue(MailAnswer(at="data", cut=True, keep=True))
        request = self.request("lost one", tasks=(HANG, COUNT))
        with pytest.raises(OutcomeUnknown, match=r"zhang@jinxiu\.example"):
            self.publish(request)
        assert [mail.recipients[0] for mail in self.server.mails] == ["zhang@jinxiu.example", "zhao@jinxiu.example"]
