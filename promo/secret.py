"""A secret: named in YAML, read from the environment or the system keyring, never shown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from pydantic_core import CoreSchema, core_schema

from promo.errors import SecretMissing
from promo.language import _

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


class Secret:
    """Where a secret lives, not the secret. `{env: NAME}` or `{keyring: NAME}` in YAML.

    `reveal()` reads the value at the moment of use, so a checked file needs no secret to be set,
    and neither repr, str, pickle nor JSON of this object can leak it.
    """

    __slots__ = ("name", "source")

    def __init__(self, *, source: Literal["env", "keyring"], name: str) -> None:
        self.source = source
        self.name = name

    def reveal(self, *, setting: str = "") -> str:
        """Return the value. Raises SecretMissing naming the variable or entry, and the `setting` that names it."""
        if self.source == "env":
            value = os.environ.get(self.name)
        else:
            import keyring  # slow to import, and rarely wanted
            from keyring.errors import KeyringError

            try:
                value = keyring.get_password("promo", self.name)
            except KeyringError:
                value = None
        if not value:
            raise SecretMissing(
                _("the secret {name} of {setting} has no value", name=self.name, setting=setting)
                if setting
                else _("the secret {name} has no value", name=self.name),
                hint=_("set the environment variable {name}", name=self.name)
                if self.source == "env"
                else _("store it with: keyring set promo {name}", name=self.name),
            )
        return value

    def __repr__(self) -> str:
        return f"Secret({self.source}: {self.name})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self.source, self.name) == (other.source, other.name)

    def __hash__(self) -> int:
        return hash((self.source, self.name))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda s: {s.source: s.name}),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "oneOf": [
                {
                    "type": "object",
                    "required": [source],
                    "properties": {source: {"type": "string", "minLength": 1}},
                    "additionalProperties": False,
                }
                for source in ("env", "keyring")
            ],
            "description": "Where the secret is kept: an environment variable or an entry of the system keyring.",
        }

    @classmethod
    def parse(cls, value: Any) -> Secret:
        """Read `{env: NAME}` or `{keyring: NAME}`. Raises ValueError, which never repeats the value."""
        if isinstance(value, Secret):
            return value
        if (
            isinstance(value, dict)
            and len(value) == 1
            and next(iter(value)) in ("env", "keyring")
            and isinstance(next(iter(value.values())), str)
            and next(iter(value.values()))
        ):
            [(source, name)] = value.items()
            return cls(source=source, name=name)
        # The value itself is not repeated: a person may have pasted the secret here.
        raise ValueError(_("a secret is written as {{env: NAME}} or {{keyring: NAME}}, never as its value"))
