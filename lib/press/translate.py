"""A gettext catalogue (.po) applied to a notebook's Markdown, block by block."""

import copy
import re
from pathlib import Path
from typing import Any

from press.job import CollectionError, one_line, read_text

BLOCKS = re.compile(r"(\n[ \t]*\n\s*)")  # what parts one block of Markdown from the next


def messages(path: Path) -> dict[str, str]:
    """The translations of a catalogue; fuzzy and empty ones are left out."""
    from babel.messages.pofile import read_po

    text = read_text(path)
    try:
        # Where messages stand is half of a catalogue, and most of the time that it takes to read.
        lines = text.splitlines(keepends=True)
        catalogue = read_po([line for line in lines if not line.startswith("#:")])
    except Exception as error:  # Babel names none
        raise CollectionError(f"{path}: not a catalogue: {one_line(error)}") from error
    single = [message for message in catalogue if message.id and isinstance(message.id, str)]
    return {each.id: each.string for each in single if each.string and not each.fuzzy}


def translate(notebook: Any, known: dict[str, str]) -> Any:
    """A copy of a notebook with its Markdown in the other language, where the catalogue has it."""
    other = copy.deepcopy(notebook)
    for cell in other.cells:
        if cell.cell_type == "markdown":
            cell.source = "".join(known.get(block, block) for block in BLOCKS.split(cell.source))
    return other
