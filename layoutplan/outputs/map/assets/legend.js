// The legend says only what the map shows now.
import { homesWithoutSeats } from "./canvas.js";
import { byId, make, smallPrint, svg } from "./elements.js";
import {
  changeKind,
  colour,
  flagsOf,
  hasFlag,
  hasRing,
  hotspots,
  measuresDrawn,
  movesOf,
  schools,
  schoolsWithMeasures,
  zonesIn,
} from "./figures.js";
import { reviewNumber } from "./print.js";
import { here, sides, state, style } from "./state.js";
import { dot, measureSign, radius, SIGNS, sign } from "./symbols.js";
import { areaOpacity } from "./tiles.js";
import { FORMATS, t, typeName } from "./words.js";

const legendRow = (node, text) => make("div", { class: "row" }, node, make("span", {}, text));
// As the map shows it: the colour is laid over the ground, not quite opaque.
const swatch = (fill) => {
  const box = make("span", { class: "swatch" });
  box.style.background = `${fill}${Math.round(areaOpacity() * 255).toString(16)}`;
  return box;
};
const classSaid = (at, { breaks, format: kind }) => {
  const show = FORMATS[kind];
  if (at === 0) {
    return t("below", { n: show(breaks[0]) });
  }
  if (at === breaks.length) {
    return t("from", { n: show(breaks[at - 1]) });
  }
  return `${show(breaks[at - 1])} – ${show(breaks[at])}`;
};
// What is built first; then what passes.
const MEASURE_ORDER = [
  "build",
  "build_indicative",
  "convert",
  "enlarge",
  "temporary",
  "purchase",
  "shrink",
  "close",
];
const onAnySide = (is) => sides().some(is);
// What the fill of the areas means.
const areaScale = (measure) => [
  make("h2", {}, `${t(`measure_${state.measure}`)}${t(`unit_${state.measure}`)}`),
  make(
    "div",
    { class: "scale" },
    ...measure.colours.map((fill, at) => legendRow(swatch(fill), classSaid(at, measure))),
  ),
  ...(state.measure === "utilisation" ? [legendRow(swatch(style.fixed.no_seats), t("no_seats"))] : []),
  ...(onAnySide((side) =>
    zonesIn(state.stage, side).some((zone) => colour(zone, side) === style.fixed.no_value),
  )
    ? [legendRow(swatch(style.fixed.no_value), t("no_value"))]
    : []),
];
export const drawLegend = () => {
  const measure = style.measures[state.measure];
  const explained = state.parents ? [] : areaScale(measure);
  const shown = sides().flatMap(schools);
  const types = [
    ...new Set(shown.filter((school) => school.counts && !school.proposed).map((school) => school.type)),
  ];
  const changes = [
    ...new Set(
      sides().flatMap((one) => {
        const busy = schoolsWithMeasures(one);
        return schools(one)
          .filter((of) => !busy.has(of.id))
          .map((of) => changeKind(of, state.stage, one));
      }),
    ),
  ].filter((what) => SIGNS[what]);
  const measures = sides().flatMap(measuresDrawn);
  const kinds = MEASURE_ORDER.filter((kind) => measures.some(({ one }) => one.kind === kind));
  const flags = sides().flatMap((one) => schools(one).map((school) => flagsOf(school, one)));
  const bubbles = svg(
    "svg",
    { width: 62, height: 22, viewBox: "0 0 62 22", "aria-hidden": "true" },
    ...[
      [500, 8],
      [1000, 26],
      [2000, 49],
    ].map(([seats, x]) =>
      svg("circle", { cx: x, cy: 11, r: radius(seats) * 0.75, fill: "#c9ced6", stroke: "#777" }),
    ),
  );
  byId("legend-body").replaceChildren(
    ...explained,
    make("h2", {}, t("schools_by_seats")),
    legendRow(bubbles, "500 · 1,000 · 2,000"),
    ...types.map((type) =>
      legendRow(dot({ fill: style.schools[type] ?? "#666", stroke: "#fff" }), typeName(type)),
    ),
    ...(shown.some((school) => !school.counts)
      ? [legendRow(dot({ fill: "#fff", stroke: "#666", "stroke-width": 2 }), t("not_counted"))]
      : []),
    ...(flags.some(hasRing)
      ? [legendRow(dot({ fill: "#ddd", stroke: style.schools.flag, "stroke-width": 3 }), t("flagged"))]
      : []),
    ...(flags.some((of) => hasFlag(of) && !hasRing(of))
      ? [legendRow(dot({ r: 3.4, fill: "#111", stroke: "#fff", "stroke-width": 1.5 }), t("flag_small"))]
      : []),
    ...changes.map((what) => legendRow(sign(what, 17), t(`change_${what}`))),
    ...(kinds.length ? [make("h2", {}, t("measures_of_year", { year: state.year }))] : []),
    ...kinds.map((kind) => legendRow(measureSign(kind, 18), t(`measure_kind_${kind}`))),
    ...measures
      .filter(({ ahead }) => ahead)
      .slice(0, 1)
      .map(({ one }) =>
        legendRow(make("span", { class: "mark ahead" }, measureSign(one.kind, 18)), t("sign_ahead")),
      ),
    ...[true, false]
      .filter((sure) => onAnySide((one) => hotspots(one).some((spot) => Boolean(spot.significant) === sure)))
      .map((sure) =>
        legendRow(
          svg(
            "svg",
            { width: 18, height: 14 },
            svg("rect", {
              x: 1,
              y: 1,
              width: 16,
              height: 12,
              fill: "url(#hatch)",
              stroke: style.hotspot,
              "stroke-width": 2,
              "stroke-dasharray": sure ? null : "4 3",
            }),
          ),
          t(sure ? "hotspot_target" : "hotspot_unsure", { year: here().meta.target_year }),
        ),
      ),
    ...(onAnySide((one) => movesOf(one).length)
      ? [
          legendRow(
            svg(
              "svg",
              { width: 18, height: 14 },
              svg("rect", {
                x: 1,
                y: 1,
                width: 16,
                height: 12,
                fill: "url(#hatch-moved)",
                stroke: style.fixed.moved,
                "stroke-width": 1.6,
              }),
            ),
            t("moved_legend"),
          ),
        ]
      : []),
    ...(onAnySide((one) => homesWithoutSeats(one).length)
      ? [legendRow(dot({ r: 3.5, fill: style.hotspot, stroke: "#fff" }), t("unserved_dot"))]
      : []),
    here().meta.review_number ? smallPrint(reviewNumber(here().meta.review_number)) : "",
  );
  byId("legend-title").textContent = t("legend");
};
