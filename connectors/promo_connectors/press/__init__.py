"""Press releases to a list of outlets, one mail each."""

from promo_connectors.press.connector import PressConnector
from promo_connectors.press.settings import PressSettings

__all__ = ["PressConnector", "PressSettings"]
