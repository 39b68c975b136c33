"""The language of the system: that of new folders, which no plan decides yet."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping

from layoutplan.texts import Language

_NAMED = ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")


def system_language(environment: Mapping[str, str] | None = None) -> Language:
    """Return Chinese on a system that speaks Chinese, else English.

    Parameters
    ----------
    environment
        Variables of the process; ``None`` for the actual ones.

    Returns
    -------
    Language
        By the first of LC_ALL, LC_MESSAGES, LANG and LANGUAGE that is set; without any, by the locale of the
        user (as on Windows).

    Examples
    --------
    >>> [system_language({"LANG": name}) for name in ("zh_CN.UTF-8", "de_DE", "C")]
    ['zh', 'en', 'en']
    """
    known = os.environ if environment is None else environment
    named = next((known[name] for name in _NAMED if known.get(name)), None)
    if named is None:
        named = locale.getlocale()[0] or ""
    return "zh" if named.casefold().startswith(("zh", "chinese")) else "en"
