"""Whether traces are wanted, as OpenTelemetry's variables say."""

import pytest

from promo.delivery.observer import Observer
from promo.watch.tracing import tracing, wanted

SOMEWHERE = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("environment", "answer"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "promo"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (SOMEWHERE, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        (SOMEWHERE | {"OTEL_TRACES_EXPORTER": "none"}, False),
        (SOMEWHERE | {"OTEL_SDK_DISABLED": "TRUE"}, False),
        (SOMEWHERE | {"OTEL_SDK_DISABLED": "false"}, True),
    ],
)
def test_the_environment_decides(monkeypatch, environment, answer):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wanted() is answer
    if not answer:
        assert type(tracing(lambda: pytest.fail("nobody asks the ledger"))) is Observer
