// Catchments (districts where a stage has none) coloured by the measure, and the hotspots over them.
import { homesWithoutSeats, large, spotTip } from "./canvas.js";
import { boundsOf, covers, focusable, make, outline, place, polygon, tooltip } from "./elements.js";
import { colour, format, hotspots, movesOf, value, zoneFigure, zonesIn } from "./figures.js";
import { isToday, state, style } from "./state.js";
import { choose, chooseZoneAt } from "./things.js";
import { areaOpacity } from "./tiles.js";
import { metres, missing, named, sideName, t, whole } from "./words.js";

export const EDGE = { weight: 1.1, color: "#4d5560" };
export const zoneRows = (zone, side) =>
  state.parents
    ? []
    : [
        [t(`measure_${state.measure}`), format(value(zone, side))],
        [t("demand"), whole(zoneFigure(zone, "demand", side))],
        [t("seats"), whole(zoneFigure(zone, "seats", side))],
      ];
export const drawZones = (layers) => {
  layers.zones.clearLayers();
  layers.shapes = new Map();
  if (large) {
    for (const zone of zonesIn(state.stage, layers.side())) {
      layers.shapes.set(zone.id, { getBounds: () => boundsOf(zone) });
    }
    return;
  }
  for (const zone of zonesIn(state.stage, layers.side())) {
    const shape = L.polygon(outline(zone), {
      pane: layers.pane("zones"),
      fillOpacity: areaOpacity(),
      smoothFactor: 0.5,
      ...EDGE,
    });
    shape.bindTooltip(
      () =>
        tooltip(named(zone.name), [
          layers.name === "B" && [t("plan"), sideName(layers.side())],
          ...zoneRows(zone, layers.side()),
        ]),
      { sticky: true },
    );
    shape.on("click", (event) => chooseZoneAt(event.latlng, zone));
    focusable(shape, named(zone.name), () => choose("zone", zone.id));
    layers.zones.addLayer(shape);
    layers.shapes.set(zone.id, shape);
  }
  layers.painted = new Map();
};
export const paintZones = (layers) => {
  if (large) {
    layers.areas.repaint();
    return;
  }
  for (const zone of zonesIn(state.stage, layers.side())) {
    const fill = colour(zone, layers.side());
    if (layers.painted.get(zone.id) === fill) {
      continue;
    }
    layers.painted.set(zone.id, fill);
    layers.shapes.get(zone.id).setStyle({ fillColor: fill });
  }
};
export const drawHotspots = (layers) => {
  if (large) {
    return; // painted with the homes
  }
  layers.hot.clearLayers();
  layers.ranks = [];
  for (const spot of hotspots(layers.side())) {
    layers.hot.addLayer(
      L.polygon(polygon(spot.shape), {
        pane: layers.pane("hot"),
        interactive: false,
        fill: false,
        color: "#fff",
        weight: 5.5,
        opacity: 0.9,
      }),
    );
    const shape = L.polygon(polygon(spot.shape), {
      pane: layers.pane("hot"),
      color: style.hotspot,
      weight: 2.6,
      dashArray: spot.significant ? null : "6 5",
      ...(isToday(layers.side())
        ? { fillOpacity: 1, fillColor: "url(#hatch)" }
        : { fillOpacity: 0.02, fillColor: "#fff" }),
    });
    shape.bindTooltip(() => spotTip(spot), { sticky: true });
    shape.on("click", () => choose("hotspot", spot.hotspot_id));
    focusable(shape, `${t("hotspot")} ${spot.rank} ${named(spot.name)}`, () =>
      choose("hotspot", spot.hotspot_id),
    );
    layers.hot.addLayer(shape);
    const rank = L.marker(place(spot.label), {
      pane: layers.pane("badges"),
      interactive: false,
      keyboard: false,
      icon: L.divIcon({ className: "rank", iconSize: [22, 22], html: make("span", {}, String(spot.rank)) }),
    });
    layers.hot.addLayer(rank);
    layers.ranks.push(rank);
  }
};
// What changes catchment, hatched: from which to which, and how many pupils.
export const moveTitle = (one) =>
  `${one.from_name ? named(one.from_name) : t("no_catchment")} → ${named(one.to_name)}`;
export const drawMoves = (layers) => {
  layers.moved.clearLayers();
  for (const one of movesOf(layers.side())) {
    const shape = L.polygon(polygon(one.shape), {
      pane: layers.pane("moved"),
      color: style.fixed.moved,
      weight: 1.6,
      fillOpacity: 1,
      fillColor: "url(#hatch-moved)",
    });
    shape.bindTooltip(
      () =>
        tooltip(moveTitle(one), [
          [t("units"), whole(one.units)],
          [t("pupils_moved"), whole(one.pupils)],
          !missing(one.walk_before_m) && [t("walk_before"), metres(one.walk_before_m)],
          [t("walk_after"), metres(one.walk_m)],
        ]),
      { sticky: true },
    );
    shape.on("click", ({ latlng: { lat, lng } }) => {
      const unit = one.moved.find((of) => covers(polygon(of.shape), [lat, lng]));
      choose("move", (unit ?? one.moved[0]).id);
    });
    focusable(shape, moveTitle(one), () => choose("move", one.moved[0].id));
    layers.moved.addLayer(shape);
  }
};
export const drawHomes = (layers) => {
  layers.needy = homesWithoutSeats(layers.side());
  layers.over.repaint();
};
