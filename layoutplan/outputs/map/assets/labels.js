// Names on the map: districts, catchments with their figure, main streets when near; none over another.
import { large } from "./canvas.js";
import { holds, make, place } from "./elements.js";
import { format, hotspots, measuresDrawn, proposalOf, value, zonesIn } from "./figures.js";
import { divider, layersA, layersB } from "./sides.js";
import { map, state } from "./state.js";
import { onTiles } from "./tiles.js";
import { named } from "./words.js";

export const NAMES_FROM_ZOOM = 12.5;
const STREETS_FROM_ZOOM = 14;
const BADGE = 12;
const STAR = 14;
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
  zone.kind === "catchment"
    ? named(zone.name)
        .replace(/片区$/, "")
        .replace(/ catchment$/i, "")
    : named(zone.name);
const widthOf = (text, size) =>
  [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 255 ? size : size * LATIN_SHARE), 0);
export const sideAt = (x) =>
  state.other && map.layerPointToContainerPoint([x, 0]).x > divider * map.getSize().x ? layersB : layersA;

// What may be written, first things first: place, look, and what to try: size in pixels and words; a turn; and
// the area that the words must stay in.
const zoneLabel = (zone, shown) => {
  const name = shortName(zone);
  const figure = () => make("b", {}, shown);
  const [whole, brief] = [
    { size: [widthOf(name, 11.5), 28], words: () => [name, figure()] },
    { size: [widthOf(shown, 12), 15], words: () => [figure()] },
  ];
  if (state.parents) {
    return { tries: [{ size: [widthOf(name, 11.5), 15], words: () => [name] }], within: zone };
  }
  return zone.kind === "district" ? { tries: [brief] } : { tries: [whole, brief], within: zone };
};
const streetLabel = (street) => {
  const name = named(street.name);
  const wide = widthOf(name, 12);
  const lean = Math.abs(Math.sin((street.turn * Math.PI) / 180));
  const size = [Math.max(16, wide * (1 - lean)), Math.max(14, wide * lean)];
  return { at: street.at, look: "street", tries: [{ size, words: () => [name] }], turn: street.turn };
};
const districtLabel = (area) => {
  const name = named(area.name);
  return {
    at: area.label,
    look: "district",
    tries: [{ size: [widthOf(name, 17), 20], words: () => [name] }],
  };
};
const wantedLabels = (seen) => {
  const wanted = data.ground.districts.map(districtLabel);
  for (const zone of zonesShown()) {
    if ((zone.kind === "catchment" && map.getZoom() < NAMES_FROM_ZOOM) || !seen.contains(place(zone.label))) {
      continue;
    }
    const { x } = map.latLngToLayerPoint(place(zone.label));
    const shown = format(value(zone, sideAt(x).side()));
    wanted.push({ at: zone.label, look: "zone", ...zoneLabel(zone, shown) });
  }
  if (map.getZoom() >= STREETS_FROM_ZOOM && !onTiles()) {
    wanted.push(...data.ground.names.filter(({ at }) => seen.contains(place(at))).map(streetLabel));
  }
  return wanted;
};
const overlaps = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
// Whether the ends and the middle of the words lie in the area.
const isWithin = (zone, [left, top, right, bottom]) => {
  const y = (top + bottom) / 2;
  return [left + GAP, (left + right) / 2, right - GAP].every((x) => {
    const { lat, lng } = map.layerPointToLatLng([x, y]);
    return holds(zone, [lat, lng]);
  });
};
// A place for one of the tries that covers nothing; null where there is none.
const roomFor = ({ at, tries, turn, within }, taken) => {
  const spot = map.latLngToLayerPoint(place(at));
  for (const { size, words } of tries) {
    const [wide, high] = size;
    for (const shift of turn === undefined ? [0, 1, -1, 2] : [0]) {
      const y = spot.y + shift * (high / 2 + 9);
      const box = [spot.x - wide / 2 - GAP, y - high / 2, spot.x + wide / 2 + GAP, y + high / 2];
      if (!taken.some((other) => overlaps(box, other)) && (!within || isWithin(within, box))) {
        return { box, words, dy: y - spot.y };
      }
    }
  }
  return null;
};
const boxAround = ({ x, y }, r) => [x - r, y - r, x + r, y + r];
const AROUND = [0, 45, 90, 135, 180, 225, 270, 315];
// A hotspot's number stands beside a school or another number, not over it.
const placeRanks = (layers, taken) => {
  if (large) {
    taken.push(
      ...hotspots(layers.side()).map(({ label }) => boxAround(map.latLngToLayerPoint(place(label)), BADGE)),
    );
    return;
  }
  for (const mark of layers.ranks) {
    const spot = map.latLngToLayerPoint(mark.getLatLng());
    const steps = [0, 20, 28, 40].flatMap((far) =>
      AROUND.map((turn) => [
        Math.round(far * Math.cos((turn * Math.PI) / 180)),
        Math.round(far * Math.sin((turn * Math.PI) / 180)),
      ]),
    );
    const boxAt = ([dx, dy]) => boxAround({ x: spot.x + dx, y: spot.y + dy }, BADGE);
    const step = steps.find((one) => !taken.some((other) => overlaps(boxAt(one), other))) ?? steps[0];
    mark.getElement().style.translate = step.map((one) => `${one}px`).join(" ");
    taken.push(boxAt(step));
  }
};
export const drawLabels = () => {
  labelLayer.clearLayers();
  const seen = map.getBounds().pad(0.05);
  const shownSides = state.other ? [layersA, layersB] : [layersA];
  const taken = shownSides
    .flatMap((layers) => [...layers.schools.values()])
    .filter((mark) => seen.contains(mark.getLatLng()))
    .map((mark) => boxAround(map.latLngToLayerPoint(mark.getLatLng()), mark.getRadius()));
  for (const layers of shownSides) {
    for (const { one } of measuresDrawn(layers.side())) {
      const at = proposalOf(one, layers.side())?.at;
      if (at?.length) {
        taken.push(boxAround(map.latLngToLayerPoint(place(at)), STAR));
      }
    }
    placeRanks(layers, taken);
  }
  for (const wanted of wantedLabels(seen)) {
    const room = seen.contains(place(wanted.at)) ? roomFor(wanted, taken) : null;
    if (!room) {
      continue;
    }
    taken.push(room.box);
    const text = make("span", {}, ...room.words());
    text.style.top = `${room.dy}px`;
    if (wanted.turn) {
      text.style.rotate = `${wanted.turn}deg`;
    }
    labelLayer.addLayer(
      L.marker(place(wanted.at), {
        pane: "labels",
        interactive: false,
        keyboard: false,
        icon: L.divIcon({ className: `label ${wanted.look}`, iconSize: [0, 0], html: text }),
      }),
    );
  }
};
