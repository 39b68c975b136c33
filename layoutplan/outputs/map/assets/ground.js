// The ground: boundary, streets with casing, river, railway with ticks, district borders and names.
// By rank: width far out and near, fill, casing. Zero: not drawn so far out.
import { BEYOND } from "./canvas.js";
import { pathsOf, points, polygon } from "./elements.js";
import { map } from "./state.js";
import { onTiles } from "./tiles.js";

const ROADS = {
  motorway: [3.6, 6, "#e8a33d", "#8a5a12"],
  expressway: [3.6, 6, "#e8a33d", "#8a5a12"],
  trunk: [2.8, 5, "#f3cf85", "#a98235"],
  primary: [1.8, 3.2, "#ffffff", "#7d838b"],
  secondary: [0.9, 1.9, "#ffffff", "#8f959d"],
  tertiary: [0, 1.1, "#ffffff", "#a4a9b0"],
};
const NEAR_FROM_ZOOM = 13.5;
const MINOR_FROM_ZOOM = 15;
export let drawStreets = null;
export const drawGround = () => {
  const under = L.canvas({ pane: "ground", padding: BEYOND });
  const line = (paths, look) =>
    L.polyline(paths.map(points), {
      renderer: under,
      pane: "ground",
      interactive: false,
      lineCap: "round",
      lineJoin: "round",
      smoothFactor: 1.5,
      ...look,
    });
  const { roads, barriers, districts, boundary } = data.ground;
  const over = [];
  const walls = [];
  const minor = () =>
    L.layerGroup(
      Object.entries(roads)
        .filter(([rank]) => !ROADS[rank])
        .map(([, paths]) => line(pathsOf(paths), { color: "#fff", weight: 1, opacity: 0.55 })),
    );
  const main = Object.keys(ROADS)
    .filter((rank) => roads[rank])
    .reverse();
  const streets = (near) =>
    L.layerGroup(
      [
        ...main.map((rank) => {
          const [far, close, , casing] = ROADS[rank];
          const weight = near ? close : far;
          return (
            (near || weight > 1) &&
            line(pathsOf(roads[rank]), { color: casing, weight: weight + 1.3, opacity: 0.75 })
          );
        }),
        ...main.map((rank) => {
          const [far, close, fill] = ROADS[rank];
          const weight = near ? close : far;
          return (
            weight &&
            line(pathsOf(roads[rank]), { color: fill, weight, opacity: near || weight > 1 ? 1 : 0.8 })
          );
        }),
      ].filter(Boolean),
    );
  // Made when first needed: most readers never come as near as the lanes.
  const made = {};
  const makers = { minor, far: () => streets(false), near: () => streets(true) };
  const swap = (name, shown) => {
    if (shown) {
      made[name] ??= makers[name]();
      made[name].addTo(map);
    } else {
      made[name]?.remove();
    }
  };
  for (const barrier of barriers) {
    walls.push(...drawBarrier(barrier, line));
  }
  for (const area of districts) {
    over.push(
      L.polygon(polygon(area.shape), {
        renderer: under,
        pane: "ground",
        interactive: false,
        fill: false,
        color: "#5d4a7a",
        weight: 1.8,
        dashArray: "8 4 2 4",
        opacity: 0.8,
      }).addTo(map),
    );
  }
  if (boundary.length) {
    over.push(line(boundary, { color: "#3c3350", weight: 2.6, opacity: 0.9 }).addTo(map));
  }
  // A basemap has streets, water and railways of its own.
  drawStreets = () => {
    const zoom = map.getZoom();
    const own = !onTiles();
    swap("minor", own && zoom >= MINOR_FROM_ZOOM);
    swap("far", own && zoom < NEAR_FROM_ZOOM);
    swap("near", own && zoom >= NEAR_FROM_ZOOM);
    for (const layer of walls) {
      if (own) {
        layer.addTo(map).bringToFront();
      } else {
        layer.remove();
      }
    }
    for (const layer of over) {
      layer.bringToFront();
    }
  };
  map.on("zoomend", drawStreets);
  drawStreets();
};
const BARRIERS = {
  river: [
    ["#4f94cd", 7],
    ["#a6d0f0", 4.6],
  ],
  railway: [
    ["#3d3d3d", 3.4],
    ["#ffffff", 1.8, "8 8"],
  ],
  trunk_road: [
    ["#b5652c", 4.2],
    ["#f3c9a5", 2.6],
  ],
  other: [
    ["#8a5a12", 5.4],
    ["#e8a33d", 3.4],
  ],
};
const drawBarrier = ({ kind, lines }, line) =>
  (BARRIERS[kind] ?? BARRIERS.other).map(([color, weight, dashArray]) =>
    line(lines, { color, weight, dashArray, ...(dashArray ? { lineCap: "butt" } : {}) }),
  );
