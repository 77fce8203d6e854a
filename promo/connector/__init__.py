"""The connector API: everything a connector author imports, and nothing else.

    from promo.connector import Capabilities, Connector, Receipt, Settings

A connector is a class on the entry point group `promo.connectors`; `connectors/README.md` walks through one.
"""

from promo.connector.base import ChannelContext, Connector, Settings
from promo.connector.capabilities import (
    Ability,
    Capabilities,
    Idempotency,
    MediaLimit,
    RateLimit,
    TextLimit,
    TextUnit,
)
from promo.connector.cause import causes, raise_bare
from promo.connector.count import count_text
from promo.connector.delivery_folder import delivery_name, find_delivery
from promo.connector.file import child, create_file, create_folder, remove_file, remove_folder, replace_file, safe_name
from promo.connector.http import check_address, http_errors, is_loopback, new_session, raise_for_answer, retry_after
from promo.connector.journal import Journal, Sendings, Step, mail_sender, send_each
from promo.connector.limit import enforce_limits, find_breaches
from promo.connector.mail import Mail, MailAddress, build_message, first_line, one_line, parse_address
from promo.connector.markdown import markdown_to_html, text_to_html
from promo.connector.payload import request_payload
from promo.connector.request import (
    Handle,
    Handover,
    Measurement,
    Media,
    Outlet,
    Pending,
    Placement,
    PublishRequest,
    Receipt,
    Task,
)
from promo.connector.smtp import MailServer, Sent, open_server, send_mail
from promo.errors import (
    AccessLost,
    ChannelError,
    NotSupported,
    OutcomeUnknown,
    Rejected,
    SecretMissing,
    TryAgain,
    UserMistake,
)
from promo.language import _
from promo.secret import Secret

METRICS = (
    "impressions",  # times shown
    "reach",  # distinct people
    "likes",
    "shares",
    "comments",
    "clicks",
    "views",  # of a page or video
    "headcount",  # people who came
    "coverage",  # published pieces
    "spend",  # money, in the campaign's currency
    "scans",  # of a QR code
    "opens",
    "replies",
)

__all__ = [
    "METRICS",
    "Ability",
    "AccessLost",
    "Capabilities",
    "ChannelContext",
    "ChannelError",
    "Connector",
    "Handle",
    "Handover",
    "Idempotency",
    "Journal",
    "Mail",
    "MailAddress",
    "MailServer",
    "Measurement",
    "Media",
    "MediaLimit",
    "NotSupported",
    "OutcomeUnknown",
    "Outlet",
    "Pending",
    "Placement",
    "PublishRequest",
    "RateLimit",
    "Receipt",
    "Rejected",
    "Secret",
    "SecretMissing",
    "Sendings",
    "Sent",
    "Settings",
    "Step",
    "Task",
    "TextLimit",
    "TextUnit",
    "TryAgain",
    "UserMistake",
    "_",
    "build_message",
    "causes",
    "check_address",
    "child",
    "count_text",
    "create_file",
    "create_folder",
    "delivery_name",
    "enforce_limits",
    "find_breaches",
    "find_delivery",
    "first_line",
    "http_errors",
    "is_loopback",
    "mail_sender",
    "markdown_to_html",
    "new_session",
    "one_line",
    "open_server",
    "parse_address",
    "raise_bare",
    "raise_for_answer",
    "remove_file",
    "remove_folder",
    "replace_file",
    "request_payload",
    "retry_after",
    "safe_name",
    "send_each",
    "send_mail",
    "text_to_html",
]
