"""Credits of photos: `assets/photos/credits.yaml` says whose each is, what it shows, and whether a machine drew it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from promo.brand.model import Share
from promo.errors import UserMistake
from promo.language import _
from promo.source.document import Loaded, load_model
from promo.source.path import inside
from promo.source.problem import Problem
from promo.source.suggest import did_you_mean
from promo.source.value import LocalText, WebAddress
from promo.visual.file.metadata import Aigc, Metadata, Origin, read_metadata
from promo.visual.file.metadata_model import shortened
from promo.workspace import Frozen, Workspace

FOLDER, FILE = "photos", "credits.yaml"
PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")
_HEAD = 1_000_000  # bytes of a JPEG that are read: its metadata stands before its pixels
_WHOLE = 60_000_000  # bytes of any other file: a WebP says it at its end
_LONGEST, _MOST = 500, 8  # characters of a text, and languages or names, taken over from a photo

Line = Annotated[str, Field(min_length=1, max_length=400)]


class Generated(Frozen):
    """What made a picture: `by` is the provider's name or code, `id` its own number of the picture."""

    by: Annotated[str, Field(max_length=200)] = ""
    id: Annotated[str, Field(max_length=200)] = ""


def _generated(value: Any) -> Any:
    return Generated() if value is True else None if value is False else value


class Credit(Frozen):
    """What is known of one photo. Without `generated` the photo's own metadata tells whether a machine drew it."""

    creator: Line | None = None
    credit: Line | None = None  # the line to be printed; default: the creator
    rights: LocalText | None = None  # the copyright notice
    licence: Line | None = None
    licence_url: WebAddress | None = None
    source: Line | None = None
    generated: Annotated[Generated | None, BeforeValidator(_generated)] = None
    alt: LocalText | None = None
    keywords: tuple[Line, ...] = ()
    focal: tuple[Share, Share] | None = None  # the point that stays in sight: across, down


class CreditFile(Frozen):
    """All that `credits.yaml` may say. `default` fills what a photo's own entry leaves open."""

    default: Credit = Credit()
    photos: dict[str, Credit] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Credits:
    """The credits of a workspace. Paths are relative to assets/, as campaigns write them."""

    assets: Path
    by_photo: Mapping[str, Credit]
    problems: tuple[Problem, ...]

    def alt(self, photo: str, language: str) -> str:
        """Return what a photo shows, in this language or the one without a name; empty where nobody says."""
        credit = self.by_photo.get(_plain(photo))
        try:
            said = _texts(credit.alt if credit else None) or self.of(photo, inside(self.assets, photo)).alt
        except UserMistake:
            return ""  # rendering tells what is wrong with the path
        return said.get(language) or said.get("x-default", "")

    def focal(self, photo: str) -> tuple[float, float] | None:
        """Return the point of a photo that must stay in sight when it is cropped, as shares; None: nobody says."""
        credit = self.by_photo.get(_plain(photo))
        return credit.focal if credit else None

    def of(self, photo: str, file: Path) -> Metadata:
        """Return what is known of a photo: its entry, and where that is silent the file's own metadata.

        `file` is where the photo lies. What cannot be read says nothing: loading the photo tells what is wrong.
        """
        credit, own = self.by_photo.get(_plain(photo), Credit()), _own(file)
        made = credit.generated
        if made is None and "generated" not in credit.model_fields_set and own.origin is not None:
            origin, aigc = own.origin, own.aigc or Aigc()
        elif made is not None:
            origin = Origin.GENERATED
            aigc = own.aigc or Aigc(producer=made.by, produce_id=made.id)
        else:
            origin, aigc = None, None
        return Metadata(
            alt=_texts(credit.alt) or own.alt,
            rights=_texts(credit.rights) or own.rights,
            creators=(credit.creator,) if credit.creator else own.creators,
            credit=credit.credit or own.credit,
            source=credit.source or own.source,
            licence=credit.licence or own.licence,
            web_statement=credit.licence_url or own.web_statement,
            keywords=credit.keywords or own.keywords,
            origin=origin,
            aigc=aigc,
        )


def load_credits(workspace: Workspace) -> Credits:
    """Read the credits; without the file there are none. Never raises: each mistake is a problem with its position.

    A photo that lies beside the file and is not in it is a warning: whoever keeps credits wants them complete.
    """
    folder = workspace.asset_folder / FOLDER
    if not (folder / FILE).exists():
        return Credits(assets=workspace.asset_folder, by_photo={}, problems=())
    loaded = load_model(folder / FILE, CreditFile, root=workspace.root)
    if loaded.value is None:
        return Credits(assets=workspace.asset_folder, by_photo={}, problems=loaded.problems)
    given, default = loaded.value.photos, loaded.value.default
    there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    problems = [*loaded.problems, *_unknown(folder, there, loaded)]
    for name in there:
        if name not in given:
            message = _("{file} has no credit", file=f"`{name}`")
            hint = _("say below `photos:` whose it is")
            problems.append(loaded.problem("no-credit", message, ("photos",), value=False, hint=hint, warning=True))
    filled = {name: _filled(given.get(name, Credit()), default) for name in {*there, *given}}
    by_photo = {f"{FOLDER}/{name}": credit for name, credit in filled.items()}
    return Credits(assets=workspace.asset_folder, by_photo=by_photo, problems=tuple(problems))


def _unknown(folder: Path, there: list[str], loaded: Loaded[CreditFile]) -> list[Problem]:
    """Find entries for photos that do not exist: a misspelt one would lose its label."""
    found = []
    for name in loaded.value.photos if loaded.value else ():
        keys = ("photos", name)
        try:
            known = inside(folder, name).is_file()
        except UserMistake as mistake:
            found.append(loaded.problem("path-escape", mistake.message, keys, value=False, hint=mistake.hint))
            continue
        if not known:
            message = _("there is no photo {file}", file=f"`{name}`")
            hint = did_you_mean(name, there)
            found.append(loaded.problem("no-such-photo", message, keys, value=False, hint=hint))
    return found


def _filled(credit: Credit, default: Credit) -> Credit:
    own = {name: getattr(credit, name) for name in credit.model_fields_set}
    return default.model_copy(update=own)


def _texts(text: LocalText | None) -> Mapping[str, str]:
    return {language or "x-default": words for language, words in text.items()} if text else {}


def _own(file: Path) -> Metadata:
    """Return what a picture file says of itself, bounded: it comes from anywhere and goes into every picture."""
    try:
        if not file.is_file():
            return Metadata()
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
            said = read_metadata(head if head.startswith(b"\xff\xd8") else head + stream.read(_WHOLE))
    except OSError:
        return Metadata()
    return replace(
        said,
        alt={language: shortened(text, _LONGEST) for language, text in list(said.alt.items())[:_MOST]},
        rights={language: shortened(text, _LONGEST) for language, text in list(said.rights.items())[:_MOST]},
        creators=tuple(shortened(name, _LONGEST) for name in said.creators[:_MOST]),
        keywords=tuple(shortened(word, 64) for word in said.keywords),
    )


def _plain(photo: str) -> str:
    parts = [part for part in photo.replace("\\", "/").split("/") if part not in ("", ".")]
    return "/".join(parts)
