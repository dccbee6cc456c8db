"""What the widgets say in other languages: one JSON file for each, from the English text to its translation.

To add one, copy `de.json`, name it by its ISO 639-1 code and translate the values. `{names}` in braces stay as they
are: figures go there. A text that is missing is shown in English.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from cartoonx_widgets._checks import one_of

ENGLISH = "en"


@cache
def languages() -> tuple[str, ...]:
    """Return the codes that the widgets' `language` may have; English is the first.

    >>> languages()[0]
    'en'
    """
    found = (file.name.removesuffix(".json") for file in files(__name__).iterdir() if file.name.endswith(".json"))
    return (ENGLISH, *sorted(found))


def texts(language: str) -> dict[str, str]:
    """Return the translation of each English text; an empty dictionary for English.

    Raises:
        ValueError: there is no such language.

    >>> texts("de")["Cartoon"]
    'Cartoon'
    """
    one_of("language", language, languages())
    if language == ENGLISH:
        return {}
    found: dict[str, str] = json.loads(files(__name__).joinpath(f"{language}.json").read_text("utf-8"))
    return found
