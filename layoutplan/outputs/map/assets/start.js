// Draw everything that follows from the state; anew where other shapes are shown.
import { findUnderPointer, large, watchPointer } from "./canvas.js";
import { drawControls, wire } from "./controls.js";
import { boundsOf, byId, place } from "./elements.js";
import { drawGround } from "./ground.js";
import { drawLabels, startLabels } from "./labels.js";
import { drawLegend } from "./legend.js";
import { drawPanel, drawTabs } from "./panel.js";
import { markPlace } from "./search.js";
import { clipSides, drawSides, startSides } from "./sides.js";
import { map, readAddress, setMap, state, writeAddress } from "./state.js";
import { drawPatterns } from "./symbols.js";
import { choose, chooseZoneAt } from "./things.js";
import { addTileControls, drawBasemap } from "./tiles.js";
import { t } from "./words.js";

export const render = ({ anew = false } = {}) => {
  document.documentElement.dataset.view = state.parents ? "parents" : "planners";
  drawControls();
  drawBasemap();
  drawSides(anew);
  markPlace(state.spot);
  drawLabels();
  drawLegend();
  drawTabs();
  drawPanel();
  writeAddress();
};
export let cityBounds = null;
const boundsOfCity = () => {
  const bounds = L.latLngBounds([]);
  for (const zone of data.zones) {
    bounds.extend(boundsOf(zone));
  }
  if (!bounds.isValid()) {
    for (const school of data.schools.filter(({ at }) => at.length)) {
      bounds.extend(place(school.at));
    }
  }
  return bounds;
};
export const start = (leafletMap) => {
  setMap(leafletMap);
  for (const [name, order] of [
    ["ground", 415],
    ["labels", large ? 457 : 446],
    ["pin", 640],
  ]) {
    const pane = map.createPane(name);
    pane.style.zIndex = order;
    pane.style.pointerEvents = "none";
  }
  drawPatterns();
  startSides();
  startLabels();
  L.control.zoom({ position: "topleft", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  addTileControls();
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  if (innerWidth <= 800) {
    byId("legend").open = false;
  }
  const seen = readAddress();
  cityBounds = boundsOfCity();
  if (seen.length === 3 && seen.every(Number.isFinite)) {
    map.setView([seen[0], seen[1]], seen[2], { animate: false });
  } else {
    map.fitBounds(cityBounds, {
      ...(innerWidth > 800
        ? { paddingTopLeft: [226, 14], paddingBottomRight: [14, 14] }
        : { padding: [8, 8] }),
      animate: false,
    });
  }
  map.setMaxBounds(cityBounds.pad(1.5));
  drawGround();
  wire();
  render({ anew: true });
  map.on("move zoom viewreset resize", clipSides);
  map.on("moveend", () => {
    drawLabels();
    writeAddress();
  });
  if (large) {
    watchPointer();
  }
  map.on("click", (event) => {
    const { school, spot, zone } = large ? findUnderPointer(event) : {};
    if (school) {
      choose("school", school.id);
    } else if (spot) {
      choose("hotspot", spot.hotspot_id);
    } else if (zone) {
      chooseZoneAt(event.latlng, zone);
    } else {
      choose("place", `${event.latlng.lat.toFixed(5)},${event.latlng.lng.toFixed(5)}`);
    }
  });
  document.documentElement.dataset.ready = "yes";
};
