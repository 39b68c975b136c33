// The two sides of the map. B lies over A and is cut off at the divider.
import { large, paintAreas, paintHomes, paintOver, Sheet } from "./canvas.js";
import { byId, outline, polygon } from "./elements.js";
import { moveOf, unitOf, zoneOf, zonesIn } from "./figures.js";
import { drawMarks } from "./marks.js";
import { render } from "./start.js";
import { map, sideA, state } from "./state.js";
import { switched } from "./switches.js";
import { drawHomes, drawHotspots, drawMoves, drawZones, paintZones } from "./zones.js";

const PANES = {
  zones: 400,
  hot: 425,
  moved: 430,
  chosen: large ? 451 : 434,
  homes: 435,
  marks: 450,
  badges: 460,
  stars: 620,
};
export let layersA = null;
export let layersB = null;
export let divider = 0.5;
const CHOSEN_EDGES = [
  ["#fff", 6],
  ["#111", 3.2],
];
const makeLayers = (name, side) => {
  const pane = (kind) => (name === "A" ? kind : `${kind}B`);
  for (const [kind, order] of Object.entries(PANES)) {
    map.createPane(pane(kind)).style.zIndex = order + (name === "A" ? 0 : 5);
  }
  for (const kind of ["chosen", "homes", "badges"]) {
    map.getPane(pane(kind)).style.pointerEvents = "none";
  }
  const group = () => L.layerGroup().addTo(map);
  const layers = {
    name,
    side,
    pane,
    zones: group(),
    moved: group(),
    hot: group(),
    marks: group(),
    chosen: group(),
    shapes: new Map(),
    schools: new Map(),
    painted: new Map(),
    drawn: new Map(),
    marked: [],
    needy: [],
    ranks: [],
  };
  if (large) {
    layers.areas = new Sheet(pane("zones"), paintAreas(layers)).addTo(map);
  }
  layers.over = (
    large ? new Sheet(pane("marks"), paintOver(layers)) : new Sheet(pane("homes"), paintHomes(layers))
  ).addTo(map);
  return layers;
};
const sameZones = (layers, zones) =>
  layers.zonesDrawn?.length === zones.length && zones.every((zone, at) => zone === layers.zonesDrawn[at]);
const drawSide = (layers, anew) => {
  const zones = zonesIn(state.stage, layers.side());
  if (anew || !sameZones(layers, zones)) {
    drawZones(layers);
    layers.zonesDrawn = zones;
  }
  const { scenario, layout } = layers.side();
  const shown = `${state.stage} ${state.lang} ${scenario} ${layout} ${state.parents}`;
  if (layers.hotShown !== shown) {
    drawHotspots(layers);
    layers.hotShown = shown;
  }
  const moves = `${shown} ${switched(layers.side())}`;
  if (layers.movesShown !== moves) {
    drawMoves(layers);
    layers.movesShown = moves;
  }
  paintZones(layers);
  drawMarks(layers);
  drawHomes(layers);
  drawChosen(layers);
};
// The catchment or unit chosen, as this side's layout draws it.
const chosenOutline = ({ kind, id }, side) => {
  if (kind === "zone") {
    const zone = zoneOf(id, state.stage, side);
    return zone && outline(zone);
  }
  const move = kind === "move" && moveOf(id);
  return move && polygon(unitOf(move, id).shape);
};
const drawChosen = (layers) => {
  layers.chosen.clearLayers();
  const shape = state.chosen && chosenOutline(state.chosen, layers.side());
  for (const [color, weight] of shape ? CHOSEN_EDGES : []) {
    layers.chosen.addLayer(
      L.polygon(shape, {
        pane: layers.pane("chosen"),
        fill: false,
        interactive: false,
        smoothFactor: 0.5,
        color,
        weight,
      }),
    );
  }
};
const SHEETS_OF_SIDE = ["areas", "over"];
const clearSide = (layers) => {
  for (const kind of ["zones", "moved", "hot", "marks", "chosen"]) {
    layers[kind].clearLayers();
  }
  for (const kind of SHEETS_OF_SIDE) {
    layers[kind]?.remove();
  }
};
export const startSides = () => {
  layersA = makeLayers("A", sideA);
};
export const moveDivider = (share) => {
  divider = share;
  clipSides();
};
export const clipSides = () => {
  const size = map.getSize();
  const first = map.containerPointToLayerPoint([0, 0]);
  const last = map.containerPointToLayerPoint([size.x, size.y]);
  const x = first.x + size.x * divider;
  for (const kind of Object.keys(PANES)) {
    map.getPane(kind).style.clip = state.other ? `rect(${first.y}px, ${x}px, ${last.y}px, ${first.x}px)` : "";
    if (layersB) {
      map.getPane(`${kind}B`).style.clip = `rect(${first.y}px, ${last.x}px, ${last.y}px, ${x}px)`;
    }
  }
  byId("divider-line").style.left = `${divider * 100}%`;
};
export const drawSides = (anew) => {
  drawSide(layersA, anew);
  if (state.other) {
    const first = !layersB;
    layersB ??= makeLayers("B", () => state.other);
    for (const kind of SHEETS_OF_SIDE) {
      layersB[kind]?.addTo(map);
    }
    drawSide(layersB, anew || first || !layersB.shown);
    layersB.shown = true;
  } else if (layersB?.shown) {
    clearSide(layersB);
    Object.assign(layersB, {
      shown: false,
      hotShown: null,
      movesShown: null,
      zonesDrawn: null,
      drawn: new Map(),
    });
  }
  byId("swipe").hidden = !state.other;
  clipSides();
};
export const compareWith = (other) => {
  state.other = other;
  render({ anew: true });
};
