"""The press connector keeps the contract, the embargo, and its word that no outlet is written to twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from promo.connector import AccessLost, Journal, OutcomeUnknown, Outlet, Rejected, Step, TryAgain
from promo.testing.example import example_picture
from promo.testing.mail import MailContract
from promo.testing.servers import MailAnswer
from promo_connectors.press import PressConnector

EVENING = Outlet(name="锦绣晚报", email="desk@evening.example", editor="李编辑")
MORNING = Outlet(name="Morning Post", email="news@morning.example")
WEEKLY = Outlet(name="Weekly", email="city@weekly.example")


class TestPress(MailContract):
    connector = PressConnector
    before_embargo = "hold"

    def settings(self):
        return {**super().settings(), "before_embargo": self.before_embargo}

    def request(self, key, **changes):
        return super().request(key, **{"kind": "media", "type": "press_release", "outlets": (EVENING,), **changes})

    def to_all(self, key, **changes):
        return self.request(key, outlets=(EVENING, MORNING, WEEKLY), **changes)

    def recipients(self):
        return [mail.recipients[0] for mail in self.server.mails]

    def test_each_outlet_gets_its_own_mail(self):
        picture = example_picture(self.tmp_path / "pictures")
        receipt = self.publish(self.to_all("all", media=(picture,), contact="wang@jinxiu.example"))
        assert self.recipients() == [EVENING.email, MORNING.email, WEEKLY.email]
        first, second, _third = (mail.message for mail in self.server.mails)
        assert str(first["To"]) == EVENING.email
        text = first.get_body(("plain",)).get_content()
        assert text.startswith("李编辑\uff0c您好\uff1a")
        assert "媒体联系人\uff1awang@jinxiu.example" in text
        assert "把花园还给邻居</h2>" in first.get_body(("html",)).get_content()
        assert "Morning Post\uff0c您好" in second.get_body(("plain",)).get_content()
        assert [part.get_filename() for part in first.iter_attachments()] == ["courtyard.png"]
        assert len({str(mail.message["Message-ID"]) for mail in self.server.mails}) == 3
        assert receipt.detail["sent"] == sorted(self.recipients())

    def test_an_address_listed_twice_gets_one_mail(self):
        self.publish(self.request("twice listed", outlets=(EVENING, replace(EVENING, email="Desk@evening.example"))))
        assert self.recipients() == [EVENING.email]

    def test_nothing_is_sent_when_one_outlet_has_no_address(self):
        self.assert_refused_unsent(self.request("wrong", outlets=(EVENING, Outlet(name="X", email="x\r\n@y.example"))))
        self.assert_refused_unsent(self.request("none", outlets=()))

    def test_an_embargo_holds_everything_back_until_it_ends(self):
        embargo = self.clock.now() + timedelta(days=3)
        request = self.to_all("embargo", embargo=embargo)
        with pytest.raises(TryAgain) as caught:
            self.publish(request)
        assert caught.value.wait == timedelta(days=3)
        assert self.traffic() == 0
        self.clock.move_to(embargo)
        self.publish(replace(request, attempt=2))
        assert len(self.server.mails) == 3
        assert "禁发" not in str(self.server.mails[0].message["Subject"])

    def test_a_marked_embargo_stands_in_the_subject_and_above_the_text(self):
        self.before_embargo = "marked"
        request = self.request("marked", embargo=self.clock.now() + timedelta(days=3))
        self.publish(request)
        self.publish(replace(request, key="other", language="en"))
        chinese, english = (mail.message for mail in self.server.mails)
        assert str(chinese["Subject"]) == "【禁发至 2027年3月25日 09:30（Asia/Shanghai）】锦绣社区开放日"
        assert chinese.get_body(("plain",)).get_content().startswith("**禁发至 2027年3月25日 09:30")
        assert str(english["Subject"]).startswith("[EMBARGOED UNTIL 2027-03-25 09:30 (Asia/Shanghai)]")

    def test_a_retry_writes_only_to_those_without_it(self):
        self.server.refused[MORNING.email] = "451 4.7.1 greylisted"
        request = self.to_all("greylist")
        with pytest.raises(TryAgain, match=MORNING.email):
            self.publish(request)
        assert self.recipients() == [EVENING.email, WEEKLY.email]
        del self.server.refused[MORNING.email]
        receipt = self.publish(replace(request, attempt=2))
        assert self.recipients() == [EVENING.email, WEEKLY.email, MORNING.email]
        assert len(receipt.parts) == 3

    def test_a_lost_answer_names_the_outlet_and_only_a_decision_sends_to_it_again(self):
        self.server.queue(MailAnswer(at="data", cut=True, keep=True))
        request = self.to_all("lost one")
        with pytest.raises(OutcomeUnknown, match=EVENING.email) as caught:
            self.publish(request)
        assert MORNING.email not in caught.value.message
        assert self.recipients() == [EVENING.email, MORNING.email, WEEKLY.email]
        # With `none` the publisher comes back only when a person has said “not published”.
        self.publish(replace(request, attempt=2))
        assert self.recipients() == [EVENING.email, MORNING.email, WEEKLY.email, EVENING.email]

    def test_a_process_that_died_while_sending_asks_before_it_sends_again(self):
        request = self.to_all("died")
        journal = Journal(self.make().context, request.key)
        journal.write(MORNING.email, Step.SENDING)
        with journal.path.open("a") as file:
            file.write('{"mail": "torn')
        with pytest.raises(OutcomeUnknown, match=MORNING.email):
            self.publish(request)
        assert self.recipients() == [EVENING.email, WEEKLY.email]
        receipt = self.publish(replace(request, attempt=3))
        assert self.recipients() == [EVENING.email, WEEKLY.email, MORNING.email]
        assert len(receipt.parts) == 3

    def test_refused_outlets_do_not_stop_the_others(self):
        self.server.refused[EVENING.email] = "550 5.1.1 no such user"
        receipt = self.publish(self.to_all("refused"))
        assert self.recipients() == [MORNING.email, WEEKLY.email]
        assert "no such user" in receipt.detail["refused"][EVENING.email]
        with pytest.raises(Rejected, match="no such user"):
            self.publish(self.request("all refused"))

    def test_lost_access_in_the_middle_loses_and_doubles_nobody(self):
        self.server.refused[MORNING.email] = "530 5.7.0 log in first"
        request = self.to_all("locked")
        with pytest.raises(AccessLost):
            self.publish(request)
        assert self.recipients() == [EVENING.email]
        self.server.refused.clear()
        self.publish(replace(request, attempt=2))
        assert sorted(self.recipients()) == sorted([EVENING.email, MORNING.email, WEEKLY.email])

    def test_a_server_that_is_down_is_not_asked_for_every_outlet(self):
        self.server.queue(*[MailAnswer(at="mail", reply="421 4.3.2 shutting down")] * 3)
        with pytest.raises(TryAgain, match=WEEKLY.email):
            self.publish(self.to_all("down"))
        assert self.server.commands == ["MAIL", "MAIL"]
