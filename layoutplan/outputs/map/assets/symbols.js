// Signs of the map and its legend: one drawing each.
import { svg } from "./elements.js";
import { style } from "./state.js";

export const SIGNS = {
  new: {
    path: "M0-13 3.6-4.4 12.6-3.9 5.6 1.9 7.9 10.7 0 5.8-7.9 10.7-5.6 1.9-12.6-3.9-3.6-4.4Z",
    fill: "#ffd400",
  },
  enlarge: { path: "M-4-11H4V-4H11V4H4V11H-4V4H-11V-4H-4Z", fill: "#ffd400" },
  convert: { path: "M-4-11H4V-4H11V4H4V11H-4V4H-11V-4H-4Z", fill: "#ffd400" },
  reopen: { path: "M0-12 11 0 0 12-11 0Z", fill: "#ffd400" },
  temporary: { path: "M-9-11H9V-8L2.5 0 9 8V11H-9V8L-2.5 0-9-8Z", fill: "#9fd8ff" },
  purchase: { path: "M-12-7.5H4L12.5 0 4 7.5H-12Z", fill: "#9fd8ff" },
  opening: { path: "M0-11 11 0 0 11-11 0Z", fill: "#fff" },
  added: { path: "M0-11 11 0 0 11-11 0Z", fill: "#ff9f1c" },
  closing: { path: "M-8-10-10-8-2 0-10 8-8 10 0 2 8 10 10 8 2 0 10-8 8-10 0-2Z", fill: "#111" },
  growing: { path: "M0-9 9 6H-9Z", fill: "#fff" },
  shrinking: { path: "M0 9 9-6H-9Z", fill: "#fff" },
};
export const isNew = (what) => what === "opening" || what === "added";
export const sign = (name, size = 28, extra = {}) => {
  const { path, fill } = SIGNS[name] ?? SIGNS.new;
  return svg(
    "svg",
    { width: size, height: size, viewBox: "-14 -14 28 28", "aria-hidden": "true" },
    svg("path", { d: path, fill, stroke: "#111", "stroke-width": 1.7, "stroke-linejoin": "round", ...extra }),
  );
};
// A place that the program generated is hollow within a broken ring: land must be found near it first.
const indicativeSign = (size) =>
  svg(
    "svg",
    { width: size, height: size, viewBox: "-14 -14 28 28", "aria-hidden": "true" },
    svg("circle", { r: 12.6, fill: "#fff", stroke: "#111", "stroke-width": 2, "stroke-dasharray": "5 2.9" }),
    svg("path", {
      d: SIGNS.new.path,
      fill: "#fff",
      stroke: "#111",
      "stroke-width": 2.4,
      transform: "scale(0.68)",
    }),
  );
const SIGN_OF = { build: "new", convert: "reopen", shrink: "shrinking", close: "closing" };
export const signName = (kind) => SIGN_OF[kind] ?? kind;
export const measureSign = (kind, size) =>
  kind === "build_indicative" ? indicativeSign(size) : sign(signName(kind), size);
// Measures that pass stand beside their school, those that last in its place.
export const MEASURE_SIZE = { lasting: 28, passing: 17, ahead: 21 };
export const dot = (attributes, size = 18) =>
  svg(
    "svg",
    { width: size, height: size, viewBox: "-9 -9 18 18", "aria-hidden": "true" },
    svg("circle", { r: 6, ...attributes }),
  );
const hatch = () =>
  svg(
    "pattern",
    { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 7, height: 7, fill: style.hotspot, "fill-opacity": 0.06 }),
    svg("line", {
      x1: 0,
      y1: 0,
      x2: 0,
      y2: 7,
      stroke: style.hotspot,
      "stroke-width": 1.3,
      "stroke-opacity": 0.5,
    }),
  );
const hatchMoved = () =>
  svg(
    "pattern",
    {
      id: "hatch-moved",
      width: 6,
      height: 6,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(-45)",
    },
    svg("line", {
      x1: 0,
      y1: 0,
      x2: 0,
      y2: 6,
      stroke: style.fixed.moved,
      "stroke-width": 2.2,
      "stroke-opacity": 0.75,
    }),
  );
export const drawPatterns = () =>
  document.body.append(
    svg(
      "svg",
      { width: 0, height: 0, class: "patterns", "aria-hidden": "true" },
      svg("defs", {}, hatch(), hatchMoved()),
    ),
  );
export const schoolColour = (school) => style.schools[school.type] ?? "#666666";
export const radius = (seats) => Math.max(4.5, Math.min(15, Math.sqrt(seats || 0) / 3.2));
