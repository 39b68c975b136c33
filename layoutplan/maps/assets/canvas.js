// Many shapes on one canvas: homes of pupils without a seat always; in a city too large for elements, areas and
// schools as well. There the search, the lists and the table give the keyboard what it can not reach on the map.
const MOST_ELEMENTS = 300;
const tooMany = (stage) => zonesOf[stage].length > MOST_ELEMENTS || schoolsOf.some((all) => all.filter((school) => school.stages[stage]).length > MOST_ELEMENTS);
const large = meta.stages.some(tooMany);

const Sheet = L.Canvas.extend({
  initialize(pane, paint) { L.Canvas.prototype.initialize.call(this, { pane, padding: 0.25 }); this._paint = paint; },
  _initContainer() { L.Canvas.prototype._initContainer.call(this); this._container.style.pointerEvents = "none"; },
  _updatePaths() { if (!this._postponeUpdatePaths) this.repaint(); },
  _draw() { this.repaint(); },
  repaint() {
    if (!this._map || !this._bounds) return;
    const { min, max } = this._bounds, origin = this._map.getPixelOrigin();
    this._clear();
    this._paint(this._ctx, { scale: this._map.getZoomScale(this._map.getZoom(), 0), x: origin.x, y: origin.y, min, max });
  },
});

// ---- places of the world at zoom 0: times the scale, less the origin, they are pixels of the map ----
const atZero = ([lat, lng]) => L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lng), 0);
const pixel = ({ scale, x, y }, spot) => [spot.x * scale - x, spot.y * scale - y];
const inView = ({ min, max }, [x, y], margin) => x > min.x - margin && x < max.x + margin && y > min.y - margin && y < max.y + margin;
const spots = new Map();
const spotOf = (school) => {
  if (!spots.has(school.id)) spots.set(school.id, atZero(place(school.at)));
  return spots.get(school.id);
};
const rings = new Map();
const ringsOf = (zone) => {
  if (!rings.has(zone.shape)) {
    const box = L.bounds([]), drawn = outline(zone).flat().map((ring) => Float64Array.from(ring.flatMap((at) => { const spot = atZero(at); box.extend(spot); return [spot.x, spot.y]; })));
    rings.set(zone.shape, { box, drawn });
  }
  return rings.get(zone.shape);
};
// A ring as pixels; a point less than a pixel from the last one is left out.
const traceRing = (ctx, ring, { scale, x, y }) => {
  let lastX = Infinity, lastY = Infinity;
  for (let i = 0; i < ring.length; i += 2) {
    const px = ring[i] * scale - x, py = ring[i + 1] * scale - y;
    if (i > 0 && Math.abs(px - lastX) + Math.abs(py - lastY) < 1) continue;
    if (i === 0) ctx.moveTo(px, py); else ctx.lineTo(px, py);
    lastX = px; lastY = py;
  }
  ctx.closePath();
};
const paintAreas = (layers) => (ctx, view) => {
  Object.assign(ctx, { lineWidth: EDGE.weight, strokeStyle: EDGE.color, lineJoin: "round" });
  for (const zone of zonesOf[state.stage]) {
    const { box, drawn } = ringsOf(zone), [left, top] = pixel(view, box.min), [right, bottom] = pixel(view, box.max);
    if (right < view.min.x || left > view.max.x || bottom < view.min.y || top > view.max.y) continue;
    ctx.beginPath();
    for (const ring of drawn) traceRing(ctx, ring, view);
    ctx.fillStyle = colour(zone, layers.side());
    ctx.globalAlpha = veil();
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
    ctx.stroke();
  }
};
const paintSign = (ctx, name, x, y, size) => {
  const { path, fill } = SIGNS[name], drawn = new Path2D(path);
  ctx.save();
  ctx.translate(x, y);
  ctx.scale(size / 28, size / 28);
  Object.assign(ctx, { fillStyle: fill, strokeStyle: "#111", lineWidth: 1.7, lineJoin: "round" });
  ctx.fill(drawn);
  ctx.stroke(drawn);
  ctx.restore();
};
const paintSchools = (layers) => (ctx, view) => {
  for (const { school, look, what, small } of layers.marked) {
    const at = pixel(view, spotOf(school));
    if (!inView(view, at, 20)) continue;
    Object.assign(ctx, { fillStyle: look.fillColor, strokeStyle: look.color, lineWidth: look.weight });
    ctx.beginPath();
    ctx.arc(...at, look.radius, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    if (what !== "none") paintSign(ctx, what, ...at, what === "opening" ? 15 : 12);
    else if (small) { ctx.fillStyle = "#111"; ctx.beginPath(); ctx.arc(...at, 2, 0, 2 * Math.PI); ctx.fill(); }
  }
};

// ---- homes of pupils without a seat ----
const running = (steps, wide = 1) => { for (let i = wide; i < steps.length; i += 1) steps[i] += steps[i - wide]; return steps; };
const homesRead = new Map();
const homesOf = (stage, scenario) => {
  const of = scenario.unserved[stage];
  if (of && !homesRead.has(of)) {
    const steps = running([...of.at], 2), at = [], pupils = { baseline: Float32Array.from(of.pupils) }, wide = meta.years.length;
    for (let i = 0; i < steps.length; i += 2) at.push(atZero(place([steps[i], steps[i + 1]])));
    for (const [variant, other] of Object.entries(of.others)) {
      pupils[variant] = pupils.baseline.slice();
      running([...other.homes]).forEach((home, row) => pupils[variant].set(other.pupils.slice(row * wide, (row + 1) * wide), home * wide));
    }
    homesRead.set(of, { at, pupils });
  }
  return homesRead.get(of) ?? { at: [], pupils: {} };
};
const needy = (side) => {
  const { at, pupils } = homesOf(state.stage, scenarioOf(side)), of = pupils[side.variant] ?? pupils.baseline, wide = meta.years.length, year = index();
  return switched(side) ? [] : at.map((spot, home) => ({ spot, pupils: of[home * wide + year] })).filter((home) => home.pupils > 0.5);
};
const drops = new Map();
const dropOf = (radius1) => {
  const size = Math.ceil(radius1 * 2) + 4, sharp = window.devicePixelRatio > 1 ? 2 : 1, key = `${radius1} ${sharp}`;
  if (!drops.has(key)) {
    const canvas = make("canvas", { width: size * sharp, height: size * sharp }), ctx = canvas.getContext("2d");
    ctx.scale(sharp, sharp);
    ctx.beginPath();
    ctx.arc(size / 2, size / 2, radius1, 0, 2 * Math.PI);
    Object.assign(ctx, { fillStyle: style.hotspot, strokeStyle: "#fff", lineWidth: 0.6, globalAlpha: 0.6 });
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.stroke();
    drops.set(key, { canvas, size });
  }
  return drops.get(key);
};
const paintHomes = (layers) => (ctx, view) => {
  const far = map.getZoom() < NAMES_FROM_ZOOM ? 0.6 : 1;
  for (const { spot, pupils } of layers.needy) {
    const [x, y] = pixel(view, spot);
    if (!inView(view, [x, y], 10)) continue;
    const { canvas, size } = dropOf(Math.round(Math.min(8, 1.2 + Math.sqrt(pupils) * 0.7) * far * 4) / 4);
    ctx.drawImage(canvas, x - size / 2, y - size / 2, size, size);
  }
};

// ---- what lies under the pointer, where areas and schools are no elements ----
const schoolUnder = (layers, point) => {
  const view = { scale: map.getZoomScale(map.getZoom(), 0), ...map.getPixelOrigin() };
  return layers.marked.findLast(({ school, look }) => { const [x, y] = pixel(view, spotOf(school)); return Math.hypot(x - point.x, y - point.y) <= look.radius + 2; })?.school;
};
const zoneUnder = (latlng) => {
  const spot = atZero([latlng.lat, latlng.lng]);
  return zonesOf[state.stage].find((zone) => ringsOf(zone).box.contains(spot) && holds(zone, [latlng.lat, latlng.lng]));
};
const isElement = (event) => event.originalEvent.target.closest?.("path.leaflet-interactive, .leaflet-marker-icon");
const under = (event) => {
  if (isElement(event)) return {};
  const layers = sideAt(event.layerPoint.x), school = schoolUnder(layers, event.layerPoint);
  return { layers, school, zone: school ? undefined : zoneUnder(event.latlng) };
};
let tip = null;
const showTip = (layers, { school, zone, at }) => {
  tip ??= L.tooltip({ direction: "top", offset: [0, -8] });
  tip.setContent(school ? tooltip(school.name, schoolRows(school, layers.side())) : tooltip(zone.name, zoneRows(zone, layers.side())));
  tip.setLatLng(school ? place(school.at) : at).openOn(map);
};
const hideTip = () => { tip?.remove(); tip = null; };
const hover = (event) => {
  const { layers, school, zone } = under(event);
  map.getContainer().style.cursor = school || zone ? "pointer" : "";
  if (school || zone) showTip(layers, { school, zone, at: event.latlng }); else hideTip();
};
const watchPointer = () => {
  let waiting = null;
  map.on("mousemove", (event) => { if (!waiting) requestAnimationFrame(() => { hover(waiting); waiting = null; }); waiting = event; });
  map.on("mouseout", hideTip);
};
