"""The map page: folium makes the document, and every asset is embedded in it."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import folium
import pandas as pd
from branca.element import Element, Figure, MacroElement
from jinja2 import Template
from xstatic.pkg import leaflet

from layoutplan.errors import DefectError
from layoutplan.outputs.content_policy import content_policy, scripts_and_styles
from layoutplan.outputs.map.meta import MapMeta
from layoutplan.outputs.map.packing import pack
from layoutplan.outputs.map.payload import make_payload
from layoutplan.outputs.map.script import asset, page_script
from layoutplan.texts import LANGUAGES, Language, text

_GAP: Final = re.compile(r"<!--layoutplan:(\w+)-->")
_NO_ZOOM: Final = re.compile(r'<meta name="viewport"[^>]*user-scalable=no[^>]*>')
_STYLES = ("page.css", "panel.css", "map.css", "phone.css", "print.css")


def render_map(tables: Mapping[str, pd.DataFrame], *, meta: MapMeta, lang: Language) -> str:
    """Return one HTML page that works from a file with no network.

    Parameters
    ----------
    tables
        Result tables by name (as ``runs.results.result_frames`` gives them), and the layers ``schools``,
        ``units``, ``areas``, ``catchments``, ``catchment_schools``, ``districts``, ``roads``, ``barriers``,
        ``sites`` in the city's projected CRS.
    meta
        Facts for the title, the legend and the small print.
    lang
        Language shown first; the reader can switch in the page.

    Returns
    -------
    str
        The document. Equal arguments give equal bytes. Text from the tables is only ever shown as text.
        With ``meta.tiles`` it asks their host for pictures, where there is a network, and for nothing else.
    """
    return render_payload(make_payload(tables, meta=meta, lang=lang), lang=lang)


def render_payload(payload: dict[str, Any], *, lang: Language) -> str:
    """Return the HTML document of a payload.

    Parameters
    ----------
    payload
        As :func:`~layoutplan.outputs.map.payload.make_payload` returns it.
    lang
        Language the page opens in.

    Returns
    -------
    str
        The document, complete and offline.
    """
    markup, policy_of = _shell()
    meta = payload["scenarios"][0]["meta"]
    title = meta["title"] if lang == "zh" else meta["title_en"]
    said = {
        "lang": html.escape(lang),
        "policy": html.escape(policy_of(tiles=meta["tiles"])),
        "title": html.escape(title),
        "payload": pack(payload),
    }
    return "".join(said.get(part, part) if at % 2 else part for at, part in enumerate(markup))


@cache
def _shell() -> tuple[list[str], Callable[..., str]]:
    """Return the page without any data, and what makes its policy of the tiles.

    The markup is cut where data go: every other part is the name of a gap. Scripts and style sheets are
    counted here, before there is anything in the page that we did not write.
    """
    figure = Figure(title=None)
    page = folium.Map(
        tiles=None, control_scale=False, zoom_control=False, attribution_control=False, zoom_snap=0.25
    )
    # folium would load ten files from four hosts and draw random ids: the page carries its own, in order.
    page.default_js, page.default_css = [], []
    figure.add_child(page)
    page.add_child(_Atlas())
    _name_by_order(figure)
    for part in _head():
        figure.header.add_child(_Verbatim(part), name=f"layoutplan_{len(figure.header._children)}")  # noqa: SLF001
    figure.html.add_child(Element(_body()), name="layoutplan_page")
    document: str = figure.render().replace("<html>", f'<html lang="{_gap("lang")}">', 1)
    # folium forbids readers to zoom: the page's own viewport lets them.
    document = _NO_ZOOM.sub("", document)
    scripts, styles = scripts_and_styles(document)
    markup = _GAP.split(document)
    if markup[1::2] != ["lang", "policy", "title", "payload"]:
        raise DefectError("the page's gaps are not where they belong")
    return markup, partial(content_policy, scripts=scripts, styles=styles)


class _Atlas(MacroElement):
    """Element that passes the folium map to the page's own script."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no types

    _template = Template(
        "{% macro script(this, kwargs) %}layoutplan.start({{ this._parent.get_name() }});{% endmacro %}"
    )


def _head() -> list[str]:
    folder = Path(leaflet.BASE_DIR)
    return [
        f'<meta http-equiv="Content-Security-Policy" content="{_gap("policy")}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_gap('title')}</title>",
        f"<style>{_leaflet_style(folder)}</style>",
        *(f"<style>{asset(name)}</style>" for name in _STYLES),
        f"<script>{_leaflet_script(folder)}</script>",
        _gap("payload"),
        f"<script>{page_script()}</script>",
    ]


def _gap(name: str) -> str:
    return f"<!--layoutplan:{name}-->"


class _Verbatim(Element):
    """Markup that is no template: braces in scripts and data stay as they are."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self._markup = markup

    def render(self, **_kwargs: object) -> str:
        """Return the markup."""
        return self._markup


def _name_by_order(figure: Figure) -> None:
    """Give every element an id by its place, so that two renders of the same data are equal."""
    waiting: list[Element] = [figure]
    order = 0
    while waiting:
        element = waiting.pop(0)
        element._id = f"n{order}"  # noqa: SLF001  branca offers no other way to set an id
        order += 1
        waiting.extend(element._children.values())  # noqa: SLF001


def _body() -> str:
    """Return the page's own elements; what an old browser shows instead stands in both languages."""
    said = " · ".join(html.escape(text("map.old_browser", lang)) for lang in LANGUAGES)
    return asset("page.html").replace('id="old-browser" hidden></p>', f'id="old-browser" hidden>{said}</p>')


def _leaflet_script(folder: Path) -> str:
    """Return Leaflet's script without the address of its source map."""
    return (folder / "leaflet.js").read_text(encoding="utf-8").split("//# sourceMappingURL")[0]


def _leaflet_style(folder: Path) -> str:
    """Return Leaflet's style sheet with its pictures inside it."""
    style = (folder / "leaflet.css").read_text(encoding="utf-8")
    for picture in sorted((folder / "images").glob("*.png")):
        data = base64.b64encode(picture.read_bytes()).decode("ascii")
        style = style.replace(f"images/{picture.name}", f"data:image/png;base64,{data}")
    return style
