"""The frame of the small HTML pages: offline, both languages in one file, with a language button."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from layoutplan.outputs.content_policy import content_policy
from layoutplan.texts import LANGUAGES, Language, Said, text

_STYLE = """
body { font: 15px/1.5 system-ui, "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC",
    "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif;
  margin: 2rem auto; max-width: 1200px; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.4rem; }
table { border-collapse: collapse; width: 100%; font-layout-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid #d8dee4; text-align: right; }
thead th { background: #1f4e79; color: #fff; }
a { color: #0b5cad; } thead a { color: #fff; }
button { font: inherit; padding: .3rem .8rem; }
html[lang=zh] [data-in=en], html[lang=en] [data-in=zh] { display: none; }
.scroll { overflow-x: auto; }
@media print { button { display: none; } }
"""
_SCRIPT = (
    "document.querySelector('button').onclick=()=>{const h=document.documentElement;"
    "h.lang=h.lang==='zh'?'en':'zh'}"
)


def both(key: str, **params: object) -> str:
    """Return a text of the catalogue in both languages, escaped; the page shows one of them.

    Parameters
    ----------
    key
        Key of the text.
    **params
        Values for its placeholders.

    Returns
    -------
    str
        HTML.
    """
    return bilingual_html({lang: text(key, lang, **params) for lang in LANGUAGES})


def bilingual_html(words: Said) -> str:
    """Return words given in both languages, escaped; the page shows one of them.

    Parameters
    ----------
    words
        Text by language.

    Returns
    -------
    str
        HTML.
    """
    return "".join(
        f'<span data-in="{lang}" lang="{lang}">{escape(words[lang])}</span>' for lang in ("zh", "en")
    )


def link_to(address: str, label: str) -> str:
    """Return a link to a file next to the page.

    Scheme and host are made impossible by percent-encoding, and the attribute cannot be ended.

    Parameters
    ----------
    address
        Relative address, percent-encoded or plain.
    label
        HTML, already escaped.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> link_to("base/map.html", "Map"), link_to("javascript:alert(1)", "x")
    ('<a href="base/map.html">Map</a>', '<a href="javascript%3Aalert%281%29">x</a>')
    """
    near = quote(address, safe="/%~").lstrip("/")
    return f'<a href="{escape(near, quote=True)}">{label}</a>'


def offline_page(title: str, body: str, *, lang: Language, style: str = "") -> str:
    """Return a whole page that loads nothing from anywhere.

    Parameters
    ----------
    title
        Key of the title's text.
    body
        HTML, already escaped; it holds one ``<button>``, which switches the language.
    lang
        Language shown first.
    style
        CSS after the shell's own.

    Returns
    -------
    str
        The HTML document.
    """
    sheet = f"{_STYLE}{style}"
    policy = content_policy(scripts=[_SCRIPT], styles=[sheet], tiles=None)
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy, quote=True)}">'
        f"<title>{escape(text(title, lang))}</title><style>{sheet}</style></head><body>"
        f"{body}<script>{_SCRIPT}</script></body></html>\n"
    )
