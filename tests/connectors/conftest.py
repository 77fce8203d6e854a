"""Shared by the connector tests."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now():
    return datetime(2027, 3, 22, 1, 30, tzinfo=UTC)
