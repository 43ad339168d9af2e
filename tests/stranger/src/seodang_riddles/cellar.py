"""The cellar: where the sphinx keeps what is too heavy to be carried in a package."""

import shutil

import seodang


class Cellar(seodang.Carrier):
    """A folder `cellar` beside the recipe, each thing in a folder of its own, under the terms of its page TERMS."""

    name = "cellar"
    revision = 1

    def listing(self, piece):
        place = self.directory / "cellar" / piece.name
        if not place.is_dir():
            raise seodang.DataError("seodang_riddles:not-in-the-cellar", name=piece.name)
        files = {file.name: file.stat().st_size for file in sorted(place.iterdir()) if file.name != "TERMS"}
        terms = (place / "TERMS").read_text(encoding="utf-8").split() if (place / "TERMS").is_file() else []
        return seodang.Listing(revision="cellar-1", files=files, terms=tuple(terms))

    def bring(self, piece, listing, place):
        for name, size in listing.files.items():
            if not (place / name).is_file() or (place / name).stat().st_size != size:
                shutil.copyfile(self.directory / "cellar" / piece.name / name, place / name)
