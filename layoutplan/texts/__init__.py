"""Every text a user sees, in both languages. 文字目录.

The texts are data: one TOML file a subject in this folder, each entry with an ``en`` and a ``zh``.
"""

from layoutplan.texts.catalogue import (
    LANGUAGES,
    Language,
    Said,
    filled,
    in_both,
    keys,
    money,
    number,
    other_language,
    text,
)

__all__ = [
    "LANGUAGES",
    "Language",
    "Said",
    "filled",
    "in_both",
    "keys",
    "money",
    "number",
    "other_language",
    "text",
]
