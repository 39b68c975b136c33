// Names on the map: districts, catchments with their figure, main streets when near; none over another.
import { make, place } from "./elements.js";
import { format, hotspots, value, zonesIn } from "./figures.js";
import { divider, layersA, layersB } from "./sides.js";
import { map, state } from "./state.js";
import { onTiles } from "./tiles.js";

export const NAMES_FROM_ZOOM = 12.5;
const STREETS_FROM_ZOOM = 14;
const BADGE = 12;
const GAP = 4;
const LATIN_SHARE = 0.58;
let labelLayer = null;
export const startLabels = () => {
  labelLayer = L.layerGroup().addTo(map);
};
// The zones of each side where that side is seen.
const zonesShown = () => {
  const first = zonesIn(state.stage, layersA.side());
  if (!state.other) {
    return first;
  }
  const on = (layers) => (zone) => sideAt(map.latLngToLayerPoint(place(zone.label)).x) === layers;
  return [...first.filter(on(layersA)), ...zonesIn(state.stage, layersB.side()).filter(on(layersB))];
};
const shortName = (zone) =>
  zone.kind === "catchment" ? zone.name.replace(/片区$/, "").replace(/ catchment$/i, "") : zone.name;
const widthOf = (text, size) =>
  [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 255 ? size : size * LATIN_SHARE), 0);
export const sideAt = (x) =>
  state.other && map.layerPointToContainerPoint([x, 0]).x > divider * map.getSize().x ? layersB : layersA;

// What may be written, first things first: place, look, size in pixels, words, turn.
const wantedLabels = (seen) => {
  const wanted = data.ground.districts.map((area) => ({
    at: area.label,
    look: "district",
    size: [widthOf(area.name, 17), 20],
    words: [area.name],
  }));
  for (const zone of zonesShown()) {
    if ((zone.kind === "catchment" && map.getZoom() < NAMES_FROM_ZOOM) || !seen.contains(place(zone.label))) {
      continue;
    }
    const spot = map.latLngToLayerPoint(place(zone.label));
    const shown = format(value(zone, sideAt(spot.x).side()));
    if (zone.kind === "district" && !state.parents) {
      wanted.push({ at: zone.label, look: "zone", size: [44, 16], words: [make("b", {}, shown)] });
      continue;
    }
    const bounds = sideAt(spot.x).shapes.get(zone.id).getBounds();
    const name = shortName(zone);
    const wide = widthOf(name, 11.5);
    const room =
      map.latLngToLayerPoint(bounds.getNorthEast()).x - map.latLngToLayerPoint(bounds.getSouthWest()).x;
    if (room > wide) {
      wanted.push({
        at: zone.label,
        look: "zone",
        size: [wide, 28],
        words: state.parents ? [name] : [name, make("b", {}, shown)],
      });
    }
  }
  if (map.getZoom() >= STREETS_FROM_ZOOM && !onTiles()) {
    for (const street of data.ground.names) {
      if (!seen.contains(place(street.at))) {
        continue;
      }
      const wide = widthOf(street.name, 12);
      const lean = Math.abs(Math.sin((street.turn * Math.PI) / 180));
      wanted.push({
        at: street.at,
        look: "street",
        size: [Math.max(16, wide * (1 - lean)), Math.max(14, wide * lean)],
        words: [street.name],
        turn: street.turn,
      });
    }
  }
  return wanted;
};
export const drawLabels = () => {
  labelLayer.clearLayers();
  const seen = map.getBounds().pad(0.05);
  const taken = [...layersA.schools.values(), ...(state.other ? layersB.schools.values() : [])]
    .filter((mark) => seen.contains(mark.getLatLng()))
    .map((mark) => {
      const { x, y } = map.latLngToLayerPoint(mark.getLatLng());
      const r = mark.getRadius();
      return [x - r, y - r, x + r, y + r];
    });
  for (const { label } of hotspots(layersA.side())) {
    const { x, y } = map.latLngToLayerPoint(place(label));
    taken.push([x - BADGE, y - BADGE, x + BADGE, y + BADGE]);
  }
  for (const {
    at,
    look,
    size: [wide, high],
    words,
    turn,
  } of wantedLabels(seen)) {
    if (!seen.contains(place(at))) {
      continue;
    }
    const spot = map.latLngToLayerPoint(place(at));
    for (const shift of turn === undefined ? [0, 1, -1, 2] : [0]) {
      const y = spot.y + shift * (high / 2 + 9);
      const box = [spot.x - wide / 2 - GAP, y - high / 2, spot.x + wide / 2 + GAP, y + high / 2];
      if (
        taken.some(
          (other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1],
        )
      ) {
        continue;
      }
      taken.push(box);
      const text = make("span", {}, ...words);
      const mark = L.marker(place(at), {
        pane: "labels",
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ className: `label ${look}`, iconSize: [0, 0], html: text }),
      });
      text.style.top = `${y - spot.y}px`;
      if (turn) {
        text.style.rotate = `${turn}deg`;
      }
      labelLayer.addLayer(mark);
      break;
    }
  }
};
