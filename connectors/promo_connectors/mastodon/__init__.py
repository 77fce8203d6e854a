"""Posts on Mastodon and on servers that speak its API."""

from promo_connectors.mastodon.connector import MastodonConnector
from promo_connectors.mastodon.settings import MastodonSettings

__all__ = ["MastodonConnector", "MastodonSettings"]
