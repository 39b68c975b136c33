// Seats (steps) against demand (line) by year, with the demand's band where the run gives one.
import { make, svg } from "./elements.js";
import { index } from "./figures.js";
import { meta } from "./state.js";
import { missing, t, whole } from "./words.js";

const CHART = { wide: 340, high: 168, left: 46, right: 8, top: 12, bottom: 22 };
const niceSteps = (most) => {
  const raw = most / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= raw) * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
};
export const chart = (lines, seats, { band = null, title = t("chart_label") } = {}) => {
  const { wide, high, left, right, top, bottom } = CHART;
  const years = meta.years;
  const all = [...lines.flatMap((line) => line.values), ...seats, ...(band?.high ?? [])].filter(
    (v) => !missing(v),
  );
  const most = Math.max(10, ...all) * 1.06;
  const gap = (wide - left - right) / years.length;
  const x = (i) => left + (i + 0.5) * gap;
  const y = (v) => high - bottom - (v / most) * (high - bottom - top);
  const at = index();
  const said = (year, i) =>
    `${year} ${t("demand")} ${whole(lines[0].values[i])} ${t("seats")} ${whole(seats[i])}`;
  const node = svg("svg", {
    viewBox: `0 0 ${wide} ${high}`,
    class: "chart",
    role: "img",
    "aria-label": `${title}: ${years.map(said).join("; ")}`,
  });
  node.append(
    svg("rect", {
      x: x(at) - gap / 2,
      y: top - 8,
      width: gap,
      height: high - bottom - top + 8,
      fill: "#fff3cd",
    }),
  );
  for (const v of niceSteps(most)) {
    node.append(
      svg("line", { x1: left, x2: wide - right, y1: y(v), y2: y(v), stroke: "#e3e6ea" }),
      svg("text", { x: left - 5, y: y(v) + 3.5, "text-anchor": "end" }, whole(v)),
    );
  }
  seats.forEach((v, i) => {
    if (!missing(v)) {
      node.append(
        svg("rect", {
          x: x(i) - gap * 0.34,
          width: gap * 0.68,
          y: y(v),
          height: Math.max(0, y(0) - y(v)),
          fill: i === at ? "#6baed6" : "#b9d7ea",
        }),
      );
    }
  });
  if (band) {
    node.append(
      svg("path", {
        d: `M${years.map((_, i) => `${x(i)},${y(band.high[i] ?? 0)}`).join("L")}L${years
          .map((_, i) => `${x(i)},${y(band.low[i] ?? 0)}`)
          .reverse()
          .join("L")}Z`,
        fill: "#b2182b",
        "fill-opacity": 0.16,
      }),
    );
  }
  for (const { values, dash } of lines) {
    node.append(
      svg("polyline", {
        points: values.map((v, i) => (missing(v) ? "" : `${x(i)},${y(v)}`)).join(" "),
        fill: "none",
        stroke: "#b2182b",
        "stroke-width": 2.4,
        ...(dash ? { "stroke-dasharray": dash } : {}),
      }),
    );
    if (!missing(values[at])) {
      node.append(
        svg("circle", {
          cx: x(at),
          cy: y(values[at]),
          r: 3.6,
          fill: "#b2182b",
          stroke: "#fff",
          "stroke-width": 1.4,
        }),
      );
    }
  }
  const every = Math.ceil(years.length / 8);
  // The year shown is always named; a neighbour that would touch it is not.
  years.forEach((year, i) => {
    if (i === at || (i % every === 0 && Math.abs(i - at) >= every)) {
      node.append(
        svg(
          "text",
          { x: x(i), y: high - 7, "text-anchor": "middle", class: i === at ? "now" : "" },
          String(year),
        ),
      );
    }
  });
  return make(
    "figure",
    { class: "plot" },
    node,
    make("figcaption", { class: "soft" }, t(band ? "chart_key_band" : "chart_key")),
  );
};
