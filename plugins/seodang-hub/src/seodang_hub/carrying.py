"""Brings models and data sets of the Hugging Face hub, at one commit, file by file, through huggingface_hub."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import seodang

HUB = "https://huggingface.co"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
NEVER = (".gitattributes", "*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle", "*.h5", "*.msgpack", "*.onnx")
"""Of a piece that names no files these are left out: what runs when it is opened, and other libraries' copies of the weights."""


class Forbidden(seodang.SeodangError):
    exit_code = 5


class Unreached(seodang.SeodangError):
    exit_code = 6


class Hub(seodang.Carrier):
    """Brings models and data sets of the Hugging Face hub (`HF_ENDPOINT`), with the token of `HF_TOKEN` where there is one.

    A download that was broken off goes on where it stopped. Nothing goes into the hub's cache.
    """

    name = "hub"
    revision = 1
    network = ("huggingface.co",)
    offline = {"HF_HUB_OFFLINE": "1"}

    def listing(self, piece: seodang.Piece) -> seodang.Listing:
        from huggingface_hub import HfApi

        def asked() -> Any:
            api = HfApi(endpoint=_endpoint(), token=_token())
            return api.repo_info(piece.name, repo_type=piece.holds, revision=piece.revision or None, files_metadata=True)

        about = _told(asked, piece)
        wanted = [one for one in about.siblings or () if _is_wanted(one.rfilename, piece)]
        return seodang.Listing(
            revision=str(about.sha),
            files={one.rfilename: int(one.size or 0) for one in sorted(wanted, key=lambda one: one.rfilename)},
            sha256={one.rfilename: str(one.lfs.sha256) for one in wanted if one.lfs},
            terms=_terms(getattr(about, "card_data", None)),
        )

    def bring(self, piece: seodang.Piece, listing: seodang.Listing, place: Path) -> None:
        from huggingface_hub import hf_hub_download
        from huggingface_hub.utils import disable_progress_bars

        disable_progress_bars()

        def brought(file: str) -> Any:
            return hf_hub_download(
                piece.name, file, repo_type=piece.holds, revision=listing.revision, local_dir=place, endpoint=_endpoint(),
                token=_token() or False,
            )  # fmt: skip

        for file in listing.files:
            _told(lambda file=file: brought(file), piece)


def _is_wanted(file: str, piece: seodang.Piece) -> bool:
    if piece.files:
        return any(fnmatch.fnmatch(file, pattern) for pattern in piece.files)
    return not any(fnmatch.fnmatch(Path(file).name, pattern) for pattern in NEVER)


def _terms(card: Any) -> tuple[str, ...]:
    """The licence of the card as the hub spells it; the owner's own name for one that the hub has none for."""
    if card is None:
        return ()
    said = getattr(card, "license", None)
    licences = [said] if isinstance(said, str) else list(said or ())
    name = getattr(card, "license_name", None)
    return tuple(str(name) if one == "other" and name else str(one) for one in licences)


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT") or HUB


def _token() -> str | None:
    from huggingface_hub import get_token

    return os.environ.get("HF_TOKEN") or get_token()


def _told(asked: Any, piece: seodang.Piece) -> Any:
    """What the library answers, or what a person has to do so that it does."""
    host = urlsplit(_endpoint()).hostname or _endpoint()
    offline = os.environ.get("SEODANG_OFFLINE") == "1" and host not in LOOPBACK
    if offline or os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
        variable = "SEODANG_OFFLINE" if offline else "HF_HUB_OFFLINE"
        raise Unreached("seodang_hub:fetch-offline", host=host, name=piece.name, variable=variable)
    from huggingface_hub import constants
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    # Else the library tells the hub by which program it is used, and asks it for a list of such programs first.
    constants.HF_HUB_DISABLE_TELEMETRY = True
    try:
        return asked()
    except GatedRepoError as error:
        raise Forbidden("seodang_hub:fetch-gated", host=host, name=piece.name) from error
    except RevisionNotFoundError as error:
        raise Unreached("seodang_hub:fetch-no-revision", host=host, name=piece.name, revision=piece.revision) from error
    except RepositoryNotFoundError as error:
        raise Unreached("seodang_hub:fetch-no-repository", host=host, name=piece.name, holds=piece.holds) from error
    except (HfHubHTTPError, OSError, ValueError, RuntimeError) as error:  # the hub's answers, the network's and the library's own
        text = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Unreached("seodang_hub:fetch-failed", host=host, name=piece.name, error=text) from error
    except Exception as error:
        # httpx's own errors are no OSErrors; which library speaks HTTP here changes with the library's version.
        if type(error).__module__.partition(".")[0] not in ("httpx", "httpcore", "requests", "urllib3"):
            raise
        raise Unreached(
            "seodang_hub:fetch-failed", host=host, name=piece.name, error=str(error) or type(error).__name__
        ) from error
