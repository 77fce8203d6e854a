"""Addresses of servers in promo.yaml: never with a password, which belongs into a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from promo.errors import UserMistake
from promo.language import _
from promo.secret import Secret
from promo.source.value import BadValueError

SERVERS = ("postgresql://", "postgresql+psycopg://")
DATABASES = ("sqlite:///", "sqlite+pysqlite:///", *SERVERS)
BROKERS = ("amqp://", "amqps://")
REDIS = ("redis:", "rediss:", "redis+", "sentinel:", "valkey")


def is_server(database: str | Secret) -> bool:
    """Whether a database's address is PostgreSQL's, as far as it can be seen: a secret is taken at its word."""
    return isinstance(database, Secret) or database.startswith(SERVERS)


def broker_address(value: str) -> str:
    """Return the address of a broker where it is one that promo works with. Raises UserMistake, which hides it."""
    if value.startswith(REDIS):
        raise UserMistake(
            _("Redis is no broker for promo: it hands a task out again while the first worker still holds it"),
            hint=_("use RabbitMQ, broker: amqp://user@host/vhost, or engine: procrastinate without any broker"),
        )
    if not value.startswith(BROKERS) or value in BROKERS:
        raise UserMistake(_("a broker is written as amqp://user@host/vhost (RabbitMQ)"))
    return value


def _database(value: Any) -> str | Secret:
    if _is_secret(value):
        return Secret.parse(value)
    if not isinstance(value, str) or not value.startswith(DATABASES) or value in DATABASES:
        raise BadValueError(
            _("a database is written as sqlite:///.promo/promo.db or postgresql://host/name"), code="bad-database"
        )
    _refuse_password(value, _("put the whole address into an environment variable: database: {{env: PROMO_DATABASE}}"))
    if value.startswith("sqlite:///") and ".." in Path(value.removeprefix("sqlite:///")).parts:
        raise BadValueError(_("the database's path leaves the workspace"), code="path-leaves")
    return value


def _broker(value: Any) -> str | Secret:
    if _is_secret(value):
        return Secret.parse(value)
    try:
        address = broker_address(value if isinstance(value, str) else "")
    except UserMistake as error:
        raise BadValueError(error.message, hint=error.hint, code="bad-broker") from None
    _refuse_password(address, _("put the whole address into an environment variable: broker: {{env: PROMO_BROKER}}"))
    return address


def parse_address(words: str) -> str | Secret:
    """Read a database's address from the command line: as in promo.yaml, or `env:NAME`, `keyring:NAME`.

    Raises UserMistake, also for a password: every process of the machine can read another's command line.
    """
    source, _colon, name = words.partition(":")
    try:
        return _database({source: name} if source in ("env", "keyring") else words)
    except BadValueError as error:
        if error.code == "password-in-clear":
            raise UserMistake(
                _("a password does not belong on the command line"),
                hint=_("put the whole address into an environment variable, and write env:NAME"),
            ) from None
        raise UserMistake(str(error), hint=error.hint) from None
    except ValueError as error:
        raise UserMistake(str(error)) from None


def _is_secret(value: Any) -> bool:
    return isinstance(value, Secret) or (isinstance(value, dict) and bool(set(value) & {"env", "keyring"}))


def _refuse_password(address: str, hint: str) -> None:
    authority = address.partition("://")[2].partition("/")[0]
    if ":" in authority.rpartition("@")[0] or "password=" in address.lower():
        raise BadValueError(_("a password does not belong into promo.yaml"), hint=hint, code="password-in-clear")


def _plain(value: str | Secret) -> str | dict[str, str]:
    return {value.source: value.name} if isinstance(value, Secret) else value


def _schema(pattern: str, example: str) -> WithJsonSchema:
    secrets = [
        {
            "type": "object",
            "required": [source],
            "properties": {source: {"type": "string", "minLength": 1}},
            "additionalProperties": False,
        }
        for source in ("env", "keyring")
    ]
    return WithJsonSchema({"anyOf": [{"type": "string", "pattern": pattern, "examples": [example]}, *secrets]})


DatabaseAddress = Annotated[
    str | Secret,
    PlainValidator(_database),
    PlainSerializer(_plain),
    _schema("^(sqlite|postgresql)", "sqlite:///.promo/promo.db"),
]
BrokerAddress = Annotated[
    str | Secret,
    PlainValidator(_broker),
    PlainSerializer(_plain),
    _schema("^amqps?://", "amqp://promo@mq.example/promo"),
]
