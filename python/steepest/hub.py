"""torch.hub: files from the net, into a folder of their own."""

import hashlib
import os
import re
import shutil
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urlparse

from ._lazy import absent_names

try:
    from tqdm import tqdm
except ImportError:

    class tqdm:  # noqa: N801
        """Stands for the package's bar, where it is not installed: shows nothing."""

        def __init__(self, iterable=None, **options):
            self.iterable = iterable

        def __iter__(self):
            return iter(self.iterable)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return False

        def update(self, n=1):
            """Nothing."""


HASH_REGEX = re.compile(r"-([a-f0-9]*)\.")
_folder = None

globals().update(absent_names(__name__, "load list help", "fetch the repository and import its model"))


def _get_torch_home():
    """TORCH_HOME, or the folder ``torch`` in the user's cache."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return str(Path(os.environ.get("TORCH_HOME", f"{cache}/torch")).expanduser())


def get_dir():
    """Where downloads go: what set_dir has set, else ``hub`` in TORCH_HOME or ``~/.cache/torch``."""
    return os.path.join(_get_torch_home(), "hub") if _folder is None else _folder


def set_dir(d):
    """Sets the folder of downloads."""
    global _folder
    _folder = os.path.expanduser(d)


def download_url_to_file(url, dst, hash_prefix=None, progress=True):
    """Downloads `url` to the path `dst`, whole or not at all; RuntimeError where its SHA-256 does not start with `hash_prefix`."""
    dst = Path(dst).expanduser()
    request = urllib.request.Request(url, headers={"User-Agent": "steepest.hub"})
    digest = hashlib.sha256()
    partial = tempfile.NamedTemporaryFile(dir=dst.parent, delete=False)  # noqa: SIM115
    try:
        with partial, urllib.request.urlopen(request) as answer, tqdm(
            total=int(answer.headers.get("Content-Length") or 0) or None, disable=not progress, unit="B", unit_scale=True, unit_divisor=1024
        ) as bar:
            while block := answer.read(1 << 17):
                partial.write(block)
                digest.update(block)
                bar.update(len(block))
        if hash_prefix is not None and not digest.hexdigest().startswith(hash_prefix):
            raise RuntimeError(f'invalid hash value (expected "{hash_prefix}", got "{digest.hexdigest()}")')
        shutil.move(partial.name, dst)
    finally:
        Path(partial.name).unlink(missing_ok=True)


def load_state_dict_from_url(
    url, model_dir=None, map_location=None, progress=True, check_hash=False, file_name=None, weights_only=False
):
    """What ``torch.load`` reads from `url`, kept in `model_dir` for the next time."""
    from . import load as load_file

    folder = Path(model_dir or Path(get_dir()) / "checkpoints")
    folder.mkdir(parents=True, exist_ok=True)
    name = file_name or os.path.basename(urlparse(url).path)
    path = folder / name
    if not path.exists():
        sys.stderr.write(f'Downloading: "{url}" to {path}\n')
        match = HASH_REGEX.search(name) if check_hash else None
        download_url_to_file(url, path, match and match.group(1), progress)
    return load_file(path, map_location=map_location, weights_only=weights_only)
