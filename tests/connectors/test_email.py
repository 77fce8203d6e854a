"""The email connector keeps the contract; its mails are well-formed, safe and counted by every kind of answer."""

from dataclasses import replace
from typing import ClassVar

import pytest
from pydantic import ValidationError

from promo.connector import AccessLost, OutcomeUnknown, Rejected, TryAgain
from promo.testing.example import example_picture
from promo.testing.mail import MailContract
from promo.testing.servers import MailAnswer, mail_server, make_certificate
from promo_connectors.email import EmailConnector, EmailSettings


class TestEmail(MailContract):
    connector = EmailConnector

    recipients = ("owners@jinxiu.example",)
    changes: ClassVar = {}

    def settings(self):
        return {
            **super().settings(),
            "to": list(self.recipients),
            "list_unsubscribe": "https://jinxiu.example/unsubscribe",
            "reply_to": "desk@jinxiu.example",
            **self.changes,
        }

    def the_mail(self):
        [mail] = self.server.mails
        return mail.message

    def test_text_and_html_say_the_same(self):
        self.publish(
            self.request("both", body="# 春天\n\n**欢迎** https://jinxiu.example/l/abc?x=1&y=2\n\n<script>x</script>")
        )
        message = self.the_mail()
        assert message.get_content_type() == "multipart/alternative"
        text = message.get_body(("plain",)).get_content()
        page = message.get_body(("html",)).get_content()
        assert "**欢迎** https://jinxiu.example/l/abc?x=1&y=2" in text
        assert "<strong>欢迎</strong>" in page
        assert '<a href="https://jinxiu.example/l/abc?x=1&amp;y=2">' in page
        assert "<script>" not in page
        assert '<html lang="zh">' in page

    def test_headers_are_those_the_brief_promises(self):
        request = self.request("headers", title="锦绣社区开放日")
        receipt = self.publish(request)
        message = self.the_mail()
        assert str(message["Subject"]) == "锦绣社区开放日"
        assert str(message["From"]) == "锦绣社区 <news@jinxiu.example>"
        assert str(message["To"]) == "owners@jinxiu.example"
        assert str(message["Reply-To"]) == "desk@jinxiu.example"
        assert str(message["Message-ID"]) == receipt.remote_id == f"<{request.key}@jinxiu.example>"
        assert message["Date"].datetime == self.clock.now()
        assert str(message["List-Unsubscribe"]) == "<https://jinxiu.example/unsubscribe>"
        assert str(message["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
        assert str(message["Content-Language"]) == "zh"
        raw = self.server.mails[0].content
        assert raw.isascii()
        assert max(len(line) for line in raw.split(b"\r\n")) <= 998

    def test_pictures_stand_inside_the_html_and_files_behind(self):
        picture = example_picture(self.tmp_path / "pictures", alt='院子里的"春花"<b>')
        flyer = self.tmp_path / "传单.pdf"
        flyer.write_bytes(b"%PDF-1.7")
        attached = replace(picture, path=flyer, mime="application/pdf", alt="")
        self.publish(self.request("pictures", media=(picture,), attachments=(attached,)))
        message = self.the_mail()
        page = message.get_body(("related", "html"))
        [inline] = [part for part in message.walk() if part.get_content_type() == "image/png"]
        assert inline.get_content_disposition() == "inline"
        assert inline.get_content() == picture.path.read_bytes()
        cid = inline["Content-ID"].strip("<>")
        html = page.get_body(("html",)).get_content()
        assert f'src="cid:{cid}"' in html
        assert 'alt="院子里的&quot;春花&quot;&lt;b&gt;"' in html
        [file] = list(message.iter_attachments())
        assert (file.get_filename(), file.get_content()) == ("传单.pdf", b"%PDF-1.7")

    @pytest.mark.parametrize("evil", ["a\r\nBcc: x@evil.example", "a\nX: y", "a\u2028b\x85c\x0bd"])
    def test_no_text_can_add_a_header(self, evil):
        self.publish(self.request("evil", title=evil, language="zh"))
        mail = self.server.mails[0]
        assert mail.recipients == ("owners@jinxiu.example",)
        assert mail.message["Bcc"] is None
        assert mail.message["X"] is None
        assert str(mail.message["Subject"]) == " ".join(evil.split())

    def test_a_subject_is_found_where_there_is_no_title(self):
        self.publish(self.request("untitled", title="", body="\n# 把花园还给邻居\n\n四月三日"))
        assert str(self.the_mail()["Subject"]) == "把花园还给邻居"

    def test_many_recipients_get_one_message_and_see_nobody(self):
        self.recipients = ("a@one.example", "b@two.example", "a@one.example")
        receipt = self.publish(self.request("many"))
        [mail] = self.server.mails
        assert mail.recipients == ("a@one.example", "b@two.example")
        assert b"one.example" not in mail.content
        assert receipt.detail["accepted"] == 2

    def test_a_post_may_name_its_own_recipients(self):
        self.publish(self.request("own", options={"to": "board@jinxiu.example"}))
        assert self.server.mails[0].recipients == ("board@jinxiu.example",)
        for wrong in (["no address"], [], ["a@b.example\r\nRCPT TO:<c@d.example>"], 5):
            self.assert_refused_unsent(self.request(f"wrong {wrong}", options={"to": wrong}))
        self.assert_refused_unsent(self.request("typo", options={"too": "a@b.example"}))

    def test_refused_recipients_stand_in_the_receipt(self):
        self.recipients = ("a@one.example", "gone@two.example")
        self.server.refused["gone@two.example"] = "550 5.1.1 no such user"
        receipt = self.publish(self.request("partly"))
        assert self.server.mails[0].recipients == ("a@one.example",)
        assert receipt.detail == {"accepted": 1, "refused": {"gone@two.example": "550 5.1.1 no such user"}}

    def test_all_recipients_refused_is_rejected_and_a_greylist_is_try_again(self):
        self.server.refused["owners@jinxiu.example"] = "550 5.1.1 no such user"
        with pytest.raises(Rejected, match="no such user"):
            self.publish(self.request("nobody"))
        self.server.refused["owners@jinxiu.example"] = "451 4.7.1 greylisted"
        with pytest.raises(TryAgain):
            self.publish(self.request("later"))
        assert self.server.mails == []

    @pytest.mark.parametrize(
        ("answer", "error"),
        [
            (MailAnswer(at="mail", reply="552 5.3.4 too big"), Rejected),
            (MailAnswer(at="mail", reply="530 5.7.0 log in first"), AccessLost),
            (MailAnswer(at="mail", cut=True), TryAgain),
            (MailAnswer(at="rcpt", cut=True), TryAgain),
            (MailAnswer(at="rcpt", reply="421 4.3.2 shutting down"), TryAgain),
            (MailAnswer(at="data", reply="554 5.7.1 looks like spam"), Rejected),
            (MailAnswer(at="data", reply="452 4.3.1 disk full"), TryAgain),
            (MailAnswer(at="data", reply="354 nonsense"), OutcomeUnknown),
            (MailAnswer(at="data", cut=True), OutcomeUnknown),
        ],
    )
    def test_each_answer_says_what_happens_next(self, answer, error):
        self.server.queue(answer)
        with pytest.raises(error) as caught:
            self.publish(self.request("answered"))
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
        assert self.server.mails == []

    def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(self):
        with mail_server() as plain:
            self.port = plain.port
            with pytest.raises(AccessLost, match="STARTTLS"):
                self.publish(self.request("downgrade"))
            assert plain.commands == []

    def test_tls_from_the_first_byte(self):
        with mail_server(certificate=self.server.certificate, implicit_tls=True) as server:
            self.port = server.port
            self.changes = {"security": "tls", "username": None, "password": None}
            self.publish(self.request("implicit"))
            assert len(server.mails) == 1
        self.port = self.server.port
        with pytest.raises(TryAgain, match="no TLS"):
            self.publish(self.request("plain there"))

    def test_lines_that_begin_with_a_dot_arrive(self):
        text = ".first\n.\n..two\n" + "x" * 75 + ".\n" + "y" * 74 + "=.z\n.last"
        self.publish(self.request("dots", text=text, body=""))
        assert self.the_mail().get_body(("plain",)).get_content().splitlines() == text.splitlines()

    def test_a_certificate_nobody_signed_is_not_trusted(self):
        with mail_server(certificate=make_certificate(self.tmp_path / "other")) as foreign:
            self.port = foreign.port
            with pytest.raises(TryAgain, match="certificate"):
                self.publish(self.request("foreign"))
            assert foreign.commands == []

    def test_a_mail_larger_than_the_server_takes_is_not_sent(self):
        big = self.tmp_path / "big.pdf"
        big.write_bytes(b"x" * 30_000_000)  # base64 makes it larger than aiosmtpd's 32 MiB
        attached = replace(example_picture(self.tmp_path), path=big, mime="application/pdf")
        self.assert_refused_unsent(self.request("big", attachments=(attached,)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"security": "none"}, "only for a server on this machine"),
        ({"username": "promo"}, "go together"),
        ({"from": "nobody"}, "not a mail address"),
        ({"from": "a@b.example\r\nBcc: c@d.example"}, "not a mail address"),
        ({"from": "A\nB <a@b.example>"}, "not a mail address"),
        ({"to": []}, "at least 1"),
        ({"to": [f"p{n}@x.example" for n in range(101)]}, "at most 100"),
        ({"list_unsubscribe": "http://x.example"}, "mailto: or https:"),
        ({"list_unsubscribe": "https://x.example/>, <evil"}, "mailto: or https:"),
    ],
)
def test_unsafe_settings_are_refused(change, reason):
    settings = {"host": "smtp.x.example", "from": "a@x.example", "to": ["b@x.example"], **change}
    with pytest.raises(ValidationError, match=reason):
        EmailSettings.model_validate(settings)


def test_chinese_domains_are_written_in_ascii():
    settings = EmailSettings.model_validate({"host": "h", "from": "news@锦绣.example", "to": ["业主 <o@x.example>"]})
    assert settings.sender == "news@锦绣.example"
    assert settings.port is None
