// The basemap, where the plan has one: pictures from one host under everything. Without a network, or with
// none that answers, the map is as it is without a basemap, on its own streets.
import { byId, make } from "./elements.js";
import { drawStreets } from "./ground.js";
import { render } from "./start.js";
import { map, meta, state } from "./state.js";
import { t } from "./words.js";

const DATUMS = { wgs84: "WGS 84", cgcs2000: "CGCS2000", gcj02: "GCJ-02" };
const DEEPEST_TILES = 18;
const MOST_LOST = 3;
const LONGEST_WAIT_MS = 5000;
const basemap = { layer: null, lost: false };
export const onTiles = () => Boolean(meta.tiles) && state.tiles && !basemap.lost;
export const areaOpacity = () => (onTiles() ? 0.55 : 0.78);
export const basemapSaid = () =>
  meta.tiles && t("basemap_said", { attribution: meta.tiles.attribution, datum: DATUMS[meta.tiles.datum] });
// Where places are not in WGS 84, a reader who copies coordinates is told.
export const coordinates = (lat, lng) =>
  `${lat.toFixed(5)}, ${lng.toFixed(5)}${meta.tiles?.datum === "gcj02" ? ` (${DATUMS.gcj02})` : ""}`;

const makeBasemap = () => {
  let came = 0;
  let failed = 0;
  const layer = L.tileLayer(meta.tiles.address, { maxNativeZoom: DEEPEST_TILES, maxZoom: 24 });
  layer.on("tileload", () => {
    came += 1;
  });
  layer.on("tileerror", () => {
    failed += 1;
    if (came === 0 && failed >= MOST_LOST) {
      loseBasemap(true);
    }
  });
  return layer;
};
const loseBasemap = (lost) => {
  basemap.lost = lost;
  render({ anew: true });
};
export const drawBasemap = () => {
  if (!meta.tiles) {
    return;
  }
  if (onTiles()) {
    basemap.layer ??= makeBasemap();
    basemap.layer.addTo(map);
  } else {
    basemap.layer?.remove();
    basemap.layer = null;
  }
  byId("tiles-on").checked = onTiles();
  byId("tiles-lost").hidden = !basemap.lost;
  byId("credit").hidden = !onTiles();
  drawStreets();
};
export const tilesSettled = () =>
  onTiles() && basemap.layer.isLoading()
    ? Promise.race([
        new Promise((done) => {
          basemap.layer.once("load", done);
        }),
        new Promise((done) => {
          setTimeout(done, LONGEST_WAIT_MS);
        }),
      ])
    : null;
const switchTiles = (event) => {
  state.tiles = event.target.checked;
  loseBasemap(state.tiles && !navigator.onLine);
};
export const addTileControls = () => {
  if (!meta.tiles) {
    return;
  }
  basemap.lost = !navigator.onLine;
  window.addEventListener("online", () => {
    if (basemap.lost) {
      loseBasemap(false);
    }
  });
  const control = (position, node) => {
    const one = new L.Control({ position });
    one.onAdd = () => {
      L.DomEvent.disableClickPropagation(node);
      return node;
    };
    one.addTo(map);
  };
  control(
    "topleft",
    make(
      "label",
      { id: "tiles" },
      make("input", { type: "checkbox", id: "tiles-on", onchange: switchTiles }),
      make("span", { "data-text": "basemap" }),
      make("span", { id: "tiles-lost", role: "status", "data-text": "basemap_lost" }),
    ),
  );
  control("bottomleft", make("div", { id: "credit" }, meta.tiles.attribution));
};
