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
from promo.connector.file import child, create_folder, remove_folder, safe_name
from promo.connector.http import http_errors, new_session, raise_for_answer, retry_after
from promo.connector.limit import enforce_limits, find_breaches
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
    "Settings",
    "Task",
    "TextLimit",
    "TextUnit",
    "TryAgain",
    "UserMistake",
    "_",
    "causes",
    "child",
    "count_text",
    "create_folder",
    "enforce_limits",
    "find_breaches",
    "http_errors",
    "new_session",
    "raise_bare",
    "raise_for_answer",
    "remove_folder",
    "request_payload",
    "retry_after",
    "safe_name",
]
