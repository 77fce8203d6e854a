"""The pytest plugin: readable assertions in the contract suite, and the rule that no test skips silently."""

from __future__ import annotations

import os

import pytest

pytest.register_assert_rewrite(*(f"promo.testing.{name}" for name in ("contract", "declaration", "limits", "suite")))


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker for tests that need a real server, for connector packages of other people too."""
    config.addinivalue_line("markers", "server(name): needs that real server; `make test` installs it")


def missing_server(name: str, cure: str) -> None:
    """Fail where servers must be there (CI, PROMO_TEST_STRICT), else skip by name: never silently."""
    message = f"the server {name} is not installed: {cure}"
    if os.environ.get("CI") or os.environ.get("PROMO_TEST_STRICT"):
        pytest.fail(message)
    pytest.skip(message)
