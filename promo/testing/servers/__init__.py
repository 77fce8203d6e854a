"""Real receivers on free loopback ports, for tests, connector authors and the demo.

    with http_receiver() as web, mail_server(folder=inbox) as mail, calendar_server() as calendar:
        ...

Each stops by itself; with `folder` what arrived stays there to be looked at. aiosmtpd and Radicale are the
`demo` extra: without them `mail_server` and `calendar_server` raise ServerMissing, naming the cure.
"""

from promo.testing.servers.calendar import CalendarServer, calendar_server
from promo.testing.servers.certificate import Certificate, make_certificate
from promo.testing.servers.mail import MailAnswer, MailServer, ReceivedMail, mail_server
from promo.testing.servers.mastodon import MastodonServer, mastodon_server
from promo.testing.servers.missing import ServerMissing
from promo.testing.servers.port import closed_port
from promo.testing.servers.snac2 import Snac2Server, snac2_server
from promo.testing.servers.web import Answer, HttpReceiver, Received, http_receiver

__all__ = [
    "Answer",
    "CalendarServer",
    "Certificate",
    "HttpReceiver",
    "MailAnswer",
    "MailServer",
    "MastodonServer",
    "Received",
    "ReceivedMail",
    "ServerMissing",
    "Snac2Server",
    "calendar_server",
    "closed_port",
    "http_receiver",
    "mail_server",
    "make_certificate",
    "mastodon_server",
    "snac2_server",
]
