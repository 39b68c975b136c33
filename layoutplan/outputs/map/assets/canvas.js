// Many shapes on one canvas: homes of pupils without a seat always; in a city too large for elements, areas,
// hotspots and schools as well. There the search, the lists and the table give the keyboard what it can not
// reach on the map.
import { covers, holds, make, memoized, outline, place, polygon, tooltip } from "./elements.js";
import { colour, hotspots, index, schoolsOf, zonesIn } from "./figures.js";
import { NAMES_FROM_ZOOM, sideAt } from "./labels.js";
import { schoolRows } from "./marks.js";
import { isToday, map, meta, scenarioOf, state, style, todayOf } from "./state.js";
import { switched } from "./switches.js";
import { isNew, SIGNS } from "./symbols.js";
import { areaOpacity } from "./tiles.js";
import { named, t, whole } from "./words.js";
import { EDGE, zoneRows } from "./zones.js";

const MOST_ELEMENTS = 300;
const zoneCount = (stage) =>
  new Set(data.zones.filter((zone) => zone.stage === stage).map(({ id }) => id)).size;
const hasTooMany = (stage) =>
  zoneCount(stage) > MOST_ELEMENTS ||
  schoolsOf.some((all) => all.filter((school) => school.stages[stage]).length > MOST_ELEMENTS);
export const large = meta.stages.some(hasTooMany);

// Drawn beyond the edge of the view, in its sizes, for dragging; each sheet of a large city costs its memory.
export const BEYOND = large ? 0.1 : 0.25;
export const Sheet = L.Canvas.extend({
  initialize(pane, paint) {
    L.Canvas.prototype.initialize.call(this, { pane, padding: BEYOND });
    this._paint = paint;
  },
  _initContainer() {
    L.Canvas.prototype._initContainer.call(this);
    this._container.style.pointerEvents = "none";
  },
  _updatePaths() {
    if (!this._postponeUpdatePaths) {
      this.repaint();
    }
  },
  _draw() {
    this.repaint();
  },
  repaint() {
    if (!this._map || !this._bounds) {
      return;
    }
    const { min, max } = this._bounds;
    const origin = this._map.getPixelOrigin();
    this._clear();
    this._paint(this._ctx, {
      scale: this._map.getZoomScale(this._map.getZoom(), 0),
      x: origin.x,
      y: origin.y,
      min,
      max,
    });
  },
});

// ---- places of the world at zoom 0: times the scale, less the origin, they are pixels of the map ----
const atZero = ([lat, lng]) => L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lng), 0);
const pixel = ({ scale, x, y }, spot) => [spot.x * scale - x, spot.y * scale - y];
const inView = ({ min, max }, [x, y], margin) =>
  x > min.x - margin && x < max.x + margin && y > min.y - margin && y < max.y + margin;
const spots = new Map();
const spotOf = (school) => memoized(spots, school.id, () => atZero(place(school.at)));
const rings = new Map();
const ringsBy = (key, parts) =>
  memoized(rings, key, () => {
    const box = L.bounds([]);
    const drawn = parts()
      .flat()
      .map((ring) =>
        Float64Array.from(
          ring.flatMap((at) => {
            const spot = atZero(at);
            box.extend(spot);
            return [spot.x, spot.y];
          }),
        ),
      );
    return { box, drawn };
  });
const ringsOf = (zone) => ringsBy(zone.shape, () => outline(zone));
const ringsOfSpot = (spot) => ringsBy(spot, () => polygon(spot.shape));
const shows = (box, view) => {
  const [left, top] = pixel(view, box.min);
  const [right, bottom] = pixel(view, box.max);
  return right >= view.min.x && left <= view.max.x && bottom >= view.min.y && top <= view.max.y;
};
// A ring as pixels; a point less than a pixel from the last one is left out.
const traceRing = (ctx, ring, { scale, x, y }) => {
  let lastX = Infinity;
  let lastY = Infinity;
  for (let i = 0; i < ring.length; i += 2) {
    const px = ring[i] * scale - x;
    const py = ring[i + 1] * scale - y;
    if (i > 0 && Math.abs(px - lastX) + Math.abs(py - lastY) < 1) {
      continue;
    }
    if (i === 0) {
      ctx.moveTo(px, py);
    } else {
      ctx.lineTo(px, py);
    }
    lastX = px;
    lastY = py;
  }
  ctx.closePath();
};
export const paintAreas = (layers) => (ctx, view) => {
  Object.assign(ctx, { lineWidth: EDGE.weight, strokeStyle: EDGE.color, lineJoin: "round" });
  for (const zone of zonesIn(state.stage, layers.side())) {
    const { box, drawn } = ringsOf(zone);
    if (!shows(box, view)) {
      continue;
    }
    ctx.beginPath();
    for (const ring of drawn) {
      traceRing(ctx, ring, view);
    }
    ctx.fillStyle = colour(zone, layers.side());
    ctx.globalAlpha = areaOpacity();
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
    ctx.stroke();
  }
};
let hatchTile = null;
const hatchPaint = (ctx) => {
  if (!hatchTile) {
    hatchTile = make("canvas", { width: 10, height: 10 });
    const inner = hatchTile.getContext("2d");
    Object.assign(inner, {
      fillStyle: style.hotspot,
      strokeStyle: style.hotspot,
      lineWidth: 1.3,
      globalAlpha: 0.06,
    });
    inner.fillRect(0, 0, 10, 10);
    inner.globalAlpha = 0.5;
    for (const shift of [-10, 0, 10]) {
      inner.beginPath();
      inner.moveTo(shift, 10);
      inner.lineTo(shift + 10, 0);
      inner.stroke();
    }
  }
  return ctx.createPattern(hatchTile, "repeat");
};
const paintHotspots = (layers) => (ctx, view) => {
  const hatched = isToday(layers.side()) ? hatchPaint(ctx) : null;
  for (const spot of hotspots(layers.side())) {
    const { box, drawn } = ringsOfSpot(spot);
    if (!shows(box, view)) {
      continue;
    }
    ctx.beginPath();
    for (const ring of drawn) {
      traceRing(ctx, ring, view);
    }
    if (hatched) {
      ctx.fillStyle = hatched;
      ctx.fill("evenodd");
    }
    ctx.setLineDash([]);
    Object.assign(ctx, { strokeStyle: "#fff", lineWidth: 5.5, lineJoin: "round" });
    ctx.stroke();
    Object.assign(ctx, { strokeStyle: style.hotspot, lineWidth: 2.6, lineJoin: "round" });
    ctx.setLineDash(spot.significant ? [] : [6, 5]);
    ctx.stroke();
  }
  ctx.setLineDash([]);
};
// Ranks, the first first; one that would lie on another is left to a nearer view.
const RANK_WIDE = 20;
const paintRanks = (layers) => (ctx, view) => {
  const taken = [];
  Object.assign(ctx, { textAlign: "center", textBaseline: "middle", lineWidth: 1.5, strokeStyle: "#fff" });
  for (const { label, rank } of hotspots(layers.side()).toSorted((a, b) => a.rank - b.rank)) {
    const [x, y] = pixel(view, atZero(place(label)));
    if (
      !inView(view, [x, y], RANK_WIDE) ||
      taken.some((at) => Math.abs(at[0] - x) < RANK_WIDE && Math.abs(at[1] - y) < RANK_WIDE)
    ) {
      continue;
    }
    taken.push([x, y]);
    ctx.fillStyle = style.hotspot;
    ctx.beginPath();
    ctx.arc(x, y, RANK_WIDE / 2, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    Object.assign(ctx, {
      fillStyle: "#fff",
      font: ["700", `${rank < 100 ? 12 : 9}px`, "sans-serif"].join(" "),
    });
    ctx.fillText(String(rank), x, y);
  }
};
const signPaths = new Map();
const signPath = (name) => memoized(signPaths, name, () => new Path2D(SIGNS[name].path));
const paintSign = (ctx, name, x, y, size) => {
  const { fill } = SIGNS[name];
  const drawn = signPath(name);
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(size / 28, size / 28);
  Object.assign(ctx, { fillStyle: fill, strokeStyle: "#111", lineWidth: 1.7, lineJoin: "round" });
  ctx.fill(drawn);
  ctx.stroke(drawn);
  ctx.restore();
};
// Seen from afar schools are small, or they would hide the areas they stand in.
const markScale = () => Math.min(1, Math.max(0.25, 2 ** ((map.getZoom() - NAMES_FROM_ZOOM) * 0.75)));
const paintSchools = (layers) => (ctx, view) => {
  const size = markScale();
  for (const { school, look, what, small } of layers.marked) {
    const at = pixel(view, spotOf(school));
    if (!inView(view, at, 20)) {
      continue;
    }
    Object.assign(ctx, {
      fillStyle: look.fillColor,
      strokeStyle: look.color,
      lineWidth: Math.max(0.6, look.weight * size),
    });
    ctx.beginPath();
    ctx.arc(...at, look.radius * size, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    // A dark line around the light edge: the one stands out from dark areas, the other from light ones.
    ctx.beginPath();
    ctx.arc(...at, look.radius * size + ctx.lineWidth / 2, 0, 2 * Math.PI);
    Object.assign(ctx, { strokeStyle: style.fixed.casing, lineWidth: 0.6 });
    ctx.stroke();
    if (what !== "none") {
      paintSign(ctx, what, ...at, Math.max(8, (isNew(what) ? 15 : 12) * size));
    } else if (small && size === 1) {
      ctx.fillStyle = "#111";
      ctx.beginPath();
      ctx.arc(...at, 2, 0, 2 * Math.PI);
      ctx.fill();
    }
  }
};

// ---- homes of pupils without a seat ----
const runningSum = (steps, wide = 1) => {
  for (let i = wide; i < steps.length; i += 1) {
    steps[i] += steps[i - wide];
  }
  return steps;
};
const homesRead = new Map();
const homesOf = (stage, scenario) => {
  const of = scenario.unserved[stage];
  return of
    ? memoized(homesRead, of, () => {
        const steps = runningSum([...of.at], 2);
        const at = new Float64Array(steps.length);
        const today = todayOf(scenario);
        const pupils = { [today]: Float32Array.from(of.pupils) };
        const wide = meta.years.length;
        for (let i = 0; i < steps.length; i += 2) {
          const spot = atZero(place([steps[i], steps[i + 1]]));
          at[i] = spot.x;
          at[i + 1] = spot.y;
        }
        for (const [layout, other] of Object.entries(of.others)) {
          pupils[layout] = pupils[today].slice();
          for (const [row, home] of runningSum([...other.homes]).entries()) {
            pupils[layout].set(other.pupils.slice(row * wide, (row + 1) * wide), home * wide);
          }
        }
        Object.assign(of, { at: null, pupils: null, others: null });
        return { at, pupils };
      })
    : { at: new Float64Array(0), pupils: {} };
};
// Homes with a pupil without a seat, in flat rows: x, y, pupils.
export const homesWithoutSeats = (side) => {
  if (state.parents) {
    return new Float64Array(0);
  }
  const { at, pupils } = homesOf(state.stage, scenarioOf(side));
  const of = pupils[side.layout];
  const wide = meta.years.length;
  const year = index();
  const found = new Float64Array(switched(side) ? 0 : at.length * 1.5);
  let used = 0;
  for (let home = 0; 3 * home < found.length; home += 1) {
    const pupils = of[home * wide + year];
    if (pupils > 0.5) {
      found[used] = at[2 * home];
      found[used + 1] = at[2 * home + 1];
      found[used + 2] = pupils;
      used += 3;
    }
  }
  return found.subarray(0, used);
};
const dotImages = new Map();
const dotImage = (dotRadius) => {
  const size = Math.ceil(dotRadius * 2) + 4;
  const sharp = window.devicePixelRatio > 1 ? 2 : 1;
  const key = `${dotRadius} ${sharp}`;
  return memoized(dotImages, key, () => {
    const canvas = make("canvas", { width: size * sharp, height: size * sharp });
    const ctx = canvas.getContext("2d");
    ctx.scale(sharp, sharp);
    ctx.beginPath();
    ctx.arc(size / 2, size / 2, dotRadius, 0, 2 * Math.PI);
    Object.assign(ctx, { fillStyle: style.hotspot, strokeStyle: "#fff", lineWidth: 0.6, globalAlpha: 0.6 });
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.stroke();
    return { canvas, size };
  });
};
// Pixels: of drops that lie within one another only the largest is drawn.
const SAME_SPOT = 4;
// The home drawn in each cell of the view, counted from one; between two paintings all cells are empty.
let spotGrid = new Int32Array(0);
export const paintHomes = (layers) => (ctx, view) => {
  const far = map.getZoom() < NAMES_FROM_ZOOM ? 0.6 : 1;
  const { needy: homes } = layers;
  const { scale, min, max } = view;
  const cell = far < 1 ? SAME_SPOT : SAME_SPOT / 4;
  const wide = Math.ceil((max.x - min.x + 20) / cell);
  const cells = wide * Math.ceil((max.y - min.y + 20) / cell);
  const used = [];
  if (spotGrid.length < cells) {
    spotGrid = new Int32Array(cells);
  }
  for (let i = 0; i < homes.length; i += 3) {
    const x = homes[i] * scale - view.x;
    const y = homes[i + 1] * scale - view.y;
    if (x < min.x - 10 || x > max.x + 10 || y < min.y - 10 || y > max.y + 10) {
      continue;
    }
    const key = Math.floor((x - min.x + 10) / cell) + wide * Math.floor((y - min.y + 10) / cell);
    const held = spotGrid[key];
    if (held === 0) {
      used.push(key);
    }
    if (held === 0 || homes[i + 2] > homes[held + 1]) {
      spotGrid[key] = i + 1;
    }
  }
  for (const key of used) {
    const i = spotGrid[key] - 1;
    spotGrid[key] = 0;
    const { canvas, size } = dotImage(
      Math.round(Math.min(8, 1.2 + Math.sqrt(homes[i + 2]) * 0.7) * far * 4) / 4,
    );
    ctx.drawImage(
      canvas,
      Math.round(homes[i] * scale - view.x - size / 2),
      Math.round(homes[i + 1] * scale - view.y - size / 2),
      size,
      size,
    );
  }
};

// Over the areas of a large city, on one sheet.
export const paintOver = (layers) => {
  const painters = [paintHotspots, paintHomes, paintSchools, paintRanks].map((painter) => painter(layers));
  return (ctx, view) => {
    for (const paint of painters) {
      paint(ctx, view);
    }
  };
};

// ---- what lies under the pointer, where areas and schools are no elements ----
const schoolUnder = (layers, point) => {
  const view = { scale: map.getZoomScale(map.getZoom(), 0), ...map.getPixelOrigin() };
  return layers.marked.findLast(({ school, look }) => {
    const [x, y] = pixel(view, spotOf(school));
    return Math.hypot(x - point.x, y - point.y) <= look.radius * markScale() + 2;
  })?.school;
};
const zoneUnder = (layers, latlng) => {
  const spot = atZero([latlng.lat, latlng.lng]);
  return zonesIn(state.stage, layers.side()).find(
    (zone) => ringsOf(zone).box.contains(spot) && holds(zone, [latlng.lat, latlng.lng]),
  );
};
const hotspotUnder = (layers, latlng) => {
  const at = [latlng.lat, latlng.lng];
  const spot = atZero(at);
  return hotspots(layers.side()).find(
    (one) => ringsOfSpot(one).box.contains(spot) && covers(polygon(one.shape), at),
  );
};
const isElement = (event) =>
  event.originalEvent.target.closest?.("path.leaflet-interactive, .leaflet-marker-icon");
export const findUnderPointer = (event) => {
  if (isElement(event)) {
    return {};
  }
  const layers = sideAt(event.layerPoint.x);
  const school = schoolUnder(layers, event.layerPoint);
  const spot = school ? undefined : hotspotUnder(layers, event.latlng);
  return { layers, school, spot, zone: school || spot ? undefined : zoneUnder(layers, event.latlng) };
};
let tip = null;
export const spotTip = (spot) =>
  tooltip(`${spot.rank} · ${named(spot.name)}`, [
    [t("pupils_short"), whole(spot.pupils_short)],
    [t("first_year"), spot.first_year ?? "–"],
  ]);
const tipOf = (layers, { school, spot, zone }) => {
  if (school) {
    return tooltip(named(school.name), schoolRows(school, layers.side()));
  }
  return spot ? spotTip(spot) : tooltip(named(zone.name), zoneRows(zone, layers.side()));
};
export const showTip = (layers, { school, spot, zone, at }) => {
  tip ??= L.tooltip({ direction: "top", offset: [0, -8] });
  tip.setContent(tipOf(layers, { school, spot, zone }));
  tip.setLatLng(school ? place(school.at) : at).openOn(map);
};
const hideTip = () => {
  tip?.remove();
  tip = null;
};
const hover = (event) => {
  const { layers, school, spot, zone } = findUnderPointer(event);
  const any = school || spot || zone;
  map.getContainer().style.cursor = any ? "pointer" : "";
  if (any) {
    showTip(layers, { school, spot, zone, at: event.latlng });
  } else {
    hideTip();
  }
};
// The last move of the pointer, looked at before the next painting.
let waitingMove = null;
const showWaiting = () => {
  const event = waitingMove;
  waitingMove = null;
  if (event) {
    hover(event);
  }
};
// Over an element of its own the map hears of no move: what was waiting is out of date.
export const forgetPointer = () => {
  waitingMove = null;
  hideTip();
};
export const watchPointer = () => {
  map.on("mousemove", (event) => {
    if (!waitingMove) {
      requestAnimationFrame(showWaiting);
    }
    waitingMove = event;
  });
  map.on("mouseout", hideTip);
};
