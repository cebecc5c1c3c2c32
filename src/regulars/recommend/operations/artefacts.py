"""Files of trained models, in the data directory, named by what is in them.

A file is written whole under another name, flushed, and then renamed: a process that is killed leaves no half
a model. One whose content does not fit its name was damaged, and is not used.
"""

import hashlib
import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import lightgbm
from django.conf import settings

from regulars.recommend.errors import ModelUnreadable
from regulars.recommend.learning.models.twostage.features import FEATURES

FORMAT = 2
SUFFIX = ".model.json"


@dataclass(frozen=True, slots=True)
class Artefact:
    """A ranker twice: `tested` learnt nothing of the last look, `final` learnt of it too, and serves.

    `source` names what the scores that it reads come from.
    """

    source: str
    tested: lightgbm.Booster
    final: lightgbm.Booster


def get_folder() -> Path:
    """Where the files are."""
    return Path(settings.DATA_DIR) / "models"


def write_artefact(artefact: Artefact) -> str:
    """Keep a ranker; gives the name of its file. The same ranker has the same name."""
    content = json.dumps(
        {
            "format": FORMAT,
            "source": artefact.source,
            "features": list(FEATURES),
            "tested": artefact.tested.model_to_string(),
            "final": artefact.final.model_to_string(),
        }
    ).encode()
    name = hashlib.sha256(content).hexdigest() + SUFFIX
    folder = get_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".", suffix=SUFFIX, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(folder / name)
    return name


def read_artefact(name: str, *, source: str) -> Artefact:
    """The ranker of a file. Raises ModelUnreadable, with a sentence, where it is gone, damaged or too old, or
    where it reads scores of another source.
    """
    path = get_folder() / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelUnreadable(f"The model's file {name} is not in {path.parent}.") from error
    if hashlib.sha256(content).hexdigest() + SUFFIX != name:
        raise ModelUnreadable(f"The model's file {name} is damaged: its content is not what was written.")
    other = ModelUnreadable(f"The model's file {name} was written by another version.")
    told = json.loads(content)
    if told.get("format") != FORMAT or told.get("features") != list(FEATURES):
        raise other
    if told["source"] != source:
        raise ModelUnreadable(
            f"The model's file {name} reads scores of {told['source']}; now it is {source}."
        )
    try:
        tested, final = (lightgbm.Booster(model_str=told[part]) for part in ("tested", "final"))
    except (KeyError, lightgbm.basic.LightGBMError) as error:
        raise other from error
    return Artefact(told["source"], tested, final)


def drop_artefacts(kept: Collection[str]) -> int:
    """Drop files that no model needs any more, unfinished ones too; how many. Callers hold the lock of
    learning.
    """
    dropped = 0
    for path in get_folder().glob(f"*{SUFFIX}"):
        if path.name not in kept:
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped
