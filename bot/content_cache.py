"""Has this very content been read before? Then what came of it is taken from a file, for a tenth of the CPU.

What is kept is known by everything it was made of: each file of the content, the code that reads it, Python and the
libraries that have a say in it. Only content without a mistake is kept, so a mistake is told as it always was.

The file is a pickle, whose usual danger is that loading one may run any code. This one may not: a file that somebody
else owns or may write is not touched, its bytes must have the sum that stands before them, and a name in it must be
that of a class of `corpus` or `intents`, or of a container. Whatever is wrong with the file, the content is read.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import pickle
import stat
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.assemble import CORPUS, INTENTS, ROOT, Content, collecting_later, read_content
from corpus.originals import read_originals

if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger(__name__)

_SUM: Final = hashlib.sha256().digest_size
_OUR_ROOMS: Final = ("corpus", "intents")
_CONTAINERS: Final[Mapping[tuple[str, str], type]] = {
    (kind.__module__, kind.__name__): kind for kind in (list, set, frozenset, defaultdict, Counter)
}
_LIBRARIES: Final = ("PyStemmer", "PyYAML", "tzdata")
"""They have a say in what comes of the content."""
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def content_for(settings: Settings) -> Content:
    """All content, from the folders of these settings. Raises as `content_of`."""
    return content_of(
        corpus=settings.corpus_dir,
        rules_overlay=settings.rules_dir,
        sources=settings.sources_dir,
        cache=settings.cache_dir,
    )


def content_of(
    *,
    corpus: Path | None = None,
    rules_overlay: Path | None = None,
    sources: Path | None = None,
    cache: Path | None = None,
) -> Content:
    """All content: what `cache` keeps of it, else read afresh and kept there.

    Args:
        corpus: the pages, where they are not the shipped ones.
        rules_overlay: rules of the host's own.
        sources: the originals; they are read and checked each time.
        cache: the folder of the file; by default one in the user's folder for caches.

    Raises:
        ContentError: with all mistakes.
        WrongOriginal: an original is missing or changed.
    """
    corpus = corpus or CORPUS
    folders = [ROOT / "corpus", INTENTS, corpus] + ([rules_overlay] if rules_overlay else [])
    made_of = partial(_sum_of, [*folders, ROOT / "bot" / "assemble.py"])
    try:
        path = (cache or _usual_folder()) / f"content-{_sum_of_texts(map(str, folders)).hex()[:16]}"
        before = made_of()
        content = _kept(path, before)
    except (OSError, RuntimeError) as error:  # a file that cannot be read is the reader's to tell; or nobody's home
        log.info("content is not kept: %s", error)
        return read_content(corpus=corpus, rules_overlay=rules_overlay, sources=sources)
    if content is None:
        content = read_content(corpus=corpus, rules_overlay=rules_overlay)
        _keep(content, path, before, made_of)
    return replace(content, originals=read_originals(sources, content.library.documents)) if sources else content


def _usual_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "massage-bot"


def _sum_of(places: Iterable[Path]) -> bytes:
    """The sum of all that the content is made of."""
    whole = hashlib.sha256(_sum_of_texts([sys.version, *map(version, _LIBRARIES)]))
    for place in dict.fromkeys(places):
        for file in _files(place):
            whole.update(_sum_of_texts([file.name, str(file.parent)]))
            whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.digest()


def _sum_of_texts(texts: Iterable[str]) -> bytes:
    return hashlib.sha256("\0".join(texts).encode(errors="surrogateescape")).digest()


def _files(place: Path) -> Iterator[Path]:
    """The file itself, or all files below a folder, but for hidden folders and what Python makes."""
    if place.is_file():
        yield place
        return
    for folder, inner, names in os.walk(place, followlinks=True):
        inner[:] = sorted(name for name in inner if not name.startswith((".", "__pycache__")))
        yield from (Path(folder, name) for name in sorted(names))


def _kept(path: Path, made_of: bytes) -> Content | None:
    """What was kept of content that was made of the same; None when there is none that can be trusted."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & _WRITABLE_BY_OTHERS:
                log.info("%s belongs to somebody else or may be written by others; it is not used", path)
                return None
            if file.read(_SUM) != made_of:
                return None
            checked, kept = file.read(_SUM), file.read()
    except FileNotFoundError:
        return None
    if hashlib.sha256(made_of + kept).digest() != checked:
        log.info("%s is damaged; it is not used", path)
        return None
    try:
        with collecting_later():
            content = _Loader(io.BytesIO(kept)).load()
    except Exception as error:  # noqa: BLE001  whatever it is, the content can be read
        log.info("%s cannot be used: %s", path, error)
        return None
    return content if isinstance(content, Content) else None


def _keep(content: Content, path: Path, made_of: bytes, made_of_now: Callable[[], bytes]) -> None:
    """Writes the content where `_kept` finds it, unless a file changed meanwhile; where nothing can be written, not."""
    try:
        if made_of_now() != made_of:
            return
        kept = pickle.dumps(content, protocol=5)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
            try:
                file.write(made_of + hashlib.sha256(made_of + kept).digest() + kept)
                file.close()
                Path(file.name).replace(path)
            except OSError:
                Path(file.name).unlink()
                raise
    except (OSError, pickle.PicklingError, TypeError, AttributeError) as error:
        log.info("content is not kept: %s", error)


class _Loader(pickle.Unpickler):
    """Loads objects of our own classes and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """A class that the file names; raises UnpicklingError for any other thing."""
        if (module, name) == ("builtins", "getattr"):
            return _method_of
        if (module, name) in _CONTAINERS:
            return _CONTAINERS[module, name]
        if (module, name) == (Content.__module__, Content.__name__):
            return Content
        if module.partition(".")[0] in _OUR_ROOMS:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in kept content")


def _method_of(owner: object, name: str) -> Callable[..., Any]:
    """A method that an object of ours holds as an attribute of another; pickle asks for it by `getattr`."""
    if type(owner).__module__.partition(".")[0] not in _OUR_ROOMS or name.startswith("_"):
        raise pickle.UnpicklingError(f"{name} has no place in kept content")
    method: Callable[..., Any] = getattr(owner, name)
    return method
