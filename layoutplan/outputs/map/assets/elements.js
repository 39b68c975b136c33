// Elements of the page and of drawings. Text is only ever set as text.
import { large } from "./canvas.js";
import { missing, t, whole } from "./words.js";

export const byId = (id) => document.getElementById(id);
const applyAttributes = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) {
      node.addEventListener(name.slice(2), value);
    } else if (value !== false && !missing(value)) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.filter((child) => !missing(child) && child !== false));
  return node;
};
export const make = (tag, attributes = {}, ...children) =>
  applyAttributes(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) =>
  applyAttributes(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
export const button = (label, go, attributes = {}) =>
  make("button", { type: "button", onclick: go, ...attributes }, label);
export const smallPrint = (...children) => make("p", { class: "soft" }, ...children);
export const head = (text) => make("h3", {}, text);

// A row that opens something holds a button in its first cell: one stop for the keyboard, a name for a
// reader.
export const row = (cells, go) => {
  const node = make("tr", go ? { class: "go", onclick: go } : {});
  cells.forEach(([text, kind], place) => {
    const shown = go && place === 0 ? make("button", { type: "button", class: "link" }, text) : text;
    node.append(make("td", { class: kind }, shown));
  });
  return node;
};
export const table = (heads, rows) =>
  make(
    "table",
    {},
    make(
      "thead",
      {},
      make("tr", {}, ...heads.map(([name, kind]) => make("th", { class: kind, scope: "col" }, name))),
    ),
    make("tbody", {}, ...rows),
  );
export const facts = (rows) =>
  make(
    "table",
    { class: "facts" },
    make(
      "tbody",
      {},
      ...rows
        .filter(Boolean)
        .map(([name, text]) =>
          make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: "n" }, text)),
        ),
    ),
  );
export const card = (name, text, look = "", note = "") =>
  make("div", { class: `card ${look}` }, name, make("b", {}, text), note && make("small", {}, note));
export const tooltip = (title, rows) =>
  make(
    "div",
    {},
    make("b", {}, title),
    ...rows.filter(Boolean).map(([name, text]) => make("div", {}, `${name}: ${text}`)),
  );
// The page is drawn again after every choice; what says the same as before is left as it stands.
export const setText = (node, text) => {
  if (node.textContent !== text) {
    node.textContent = text;
  }
};
const saidBefore = new WeakMap();
export const refillIfChanged = (node, said, children) => {
  const now = JSON.stringify(said);
  if (saidBefore.get(node) === now) {
    return;
  }
  saidBefore.set(node, now);
  node.replaceChildren(...children());
};
// A list that does not change from year to year is made once, and stays opened out.
const listsMade = new Map();
export const cachedList = (name, said, list) => {
  const now = JSON.stringify(said);
  if (listsMade.get(name)?.now !== now) {
    listsMade.set(name, { now, node: list() });
  }
  return listsMade.get(name).node;
};
// As replaceChildren, but what stays is not taken out and laid out again.
export const updateChildren = (parent, nodes) => {
  const staying = new Set(nodes);
  for (const child of [...parent.childNodes]) {
    if (!staying.has(child)) {
      child.remove();
    }
  }
  nodes.forEach((node, at) => {
    if (parent.childNodes[at] !== node) {
      parent.insertBefore(node, parent.childNodes[at] ?? null);
    }
  });
};
// A long list shows its first rows and a button for the rest.
const FIRST_ROWS = 25;
export const longTable = (heads, items, toRow) => {
  const shown = table(heads, items.slice(0, FIRST_ROWS).map(toRow));
  if (items.length <= FIRST_ROWS) {
    return shown;
  }
  const rest = button(
    t("show_all", { n: whole(items.length) }),
    () => {
      const rows = items.slice(FIRST_ROWS).map(toRow);
      shown.tBodies[0].append(...rows);
      rest.remove();
      (rows[0].querySelector("button") ?? rows[0]).focus();
    },
    { class: "back" },
  );
  return make("div", {}, shown, rest);
};
export const say = (text) => {
  byId("said").textContent = text;
};

// A click on a shape is the shape's. Leaflet would hand it on to the map, which would show the place in its
// stead.
L.Path.mergeOptions({ bubblingMouseEvents: false });

// A path on the map that the keyboard reaches and a screen reader names.
export const focusable = (layer, name, go) =>
  layer.on("add", () => {
    const node = layer.getElement?.();
    if (!node) {
      return;
    }
    for (const [key, value] of [
      ["tabindex", "0"],
      ["role", "button"],
      ["aria-label", name],
    ]) {
      node.setAttribute(key, value);
    }
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        go();
      }
    });
  });

// ---- geometry: differences of whole steps to latitude and longitude ----
const STEP = 1e-5;
export const points = (path) => {
  const found = [];
  for (let i = 0, x = 0, y = 0; i < path.length; i += 2) {
    x += path[i];
    y += path[i + 1];
    found.push([y * STEP, x * STEP]);
  }
  return found;
};
export const polygon = (shape) => shape.map((part) => part.map(points));
export const place = (at) => [at[1] * STEP, at[0] * STEP];
// Many lines in one list of steps; points says how many points each has.
export const pathsOf = ({ steps, points: counts }) => {
  let end = 0;
  return counts.map((count) => {
    const start = end;
    end += 2 * count;
    return steps.slice(start, end);
  });
};
export const memoized = (made, key, create) => {
  if (!made.has(key)) {
    made.set(key, create());
  }
  return made.get(key);
};
// A large city has more corners than are worth keeping.
const outlines = new Map();
const boxes = new Map();
const decoded = (zone) => polygon(data.shapes[zone.shape]);
export const outline = (zone) =>
  large ? decoded(zone) : memoized(outlines, zone.shape, () => decoded(zone));
export const boundsOf = (zone) =>
  memoized(boxes, zone.shape, () => L.latLngBounds(outline(zone).flatMap((part) => part[0])));
const insideRing = (ring, [lat, lng]) => {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [yi, xi] = ring[i];
    const [yj, xj] = ring[j];
    if (yi > lat !== yj > lat && lng < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) {
      inside = !inside;
    }
  }
  return inside;
};
export const covers = (parts, at) =>
  parts.some((part) => insideRing(part[0], at) && !part.slice(1).some((hole) => insideRing(hole, at)));
export const holds = (zone, at) => covers(outline(zone), at);
