"""All texts shown to users, in both languages. 文字目录.

The texts are data: one TOML file per subject in this folder, each entry with ``en`` and ``zh``.
"""

from layoutplan.texts.catalogue import (
    LANGUAGES,
    Language,
    Said,
    filled,
    give_name,
    has_text,
    in_both,
    is_shipped,
    keys,
    money,
    number,
    other_language,
    rounded,
    text,
)

__all__ = [
    "LANGUAGES",
    "Language",
    "Said",
    "filled",
    "give_name",
    "has_text",
    "in_both",
    "is_shipped",
    "keys",
    "money",
    "number",
    "other_language",
    "rounded",
    "text",
]
