// The plan over the years: what answers the shortage of the year shown, what happens year by year, and the
// risks.
import { button, facts, head, make, row, smallPrint, svg, table } from "./elements.js";
import { amountNow, figure, figuresOfZone, index, measuresIn, proposalOf } from "./figures.js";
import { here, isToday, meta, scenarioOf, sideA, state, style } from "./state.js";
import { measureSign } from "./symbols.js";
import { choose } from "./things.js";
import {
  has,
  inReadersLanguage,
  missing,
  money,
  moneyCell,
  moneyTitle,
  named,
  t,
  unitPrice,
  whole,
} from "./words.js";

const STEPS = ["redraw", "bridge", "enlarge", "build"];
const WIDE = 340;
const ROW = 21;
const LABELS = 146;
const NUMBERS = 46;
// One row: its words, the bar from low to high, its number beside it.
const bar = ({ name, low, high, number, fill }, at, scale) => [
  svg("text", { x: LABELS - 6, y: at * ROW + 15, "text-anchor": "end", class: "step" }, name),
  svg("rect", {
    x: LABELS + low * scale,
    y: at * ROW + 4,
    width: Math.max(1, (high - low) * scale),
    height: ROW - 7,
    fill,
  }),
  svg("text", { x: LABELS + high * scale + 4, y: at * ROW + 15, class: "step" }, number),
];
// The city's shortage has what lies in no catchment in it; the waterfall is of the catchments.
const outsideSaid = (side, gross) => {
  const outside = Math.round(
    (figure(scenarioOf(side).city[state.stage], "shortfall", side) ?? gross) - gross,
  );
  return outside >= 1 && isToday(side) && smallPrint(t("outside_said", { n: whole(outside) }));
};
export const waterfall = (side) => {
  const of = scenarioOf(side).waterfalls[state.stage];
  const at = index();
  if (!of || missing(of.shortfall[at])) {
    return [];
  }
  const gross = of.shortfall[at];
  const left = of.left[at];
  const { short: red, met: blue } = style.waterfall;
  const rows = [
    { name: t("step_shortfall"), low: 0, high: gross, number: whole(gross), fill: red },
    ...STEPS.map((step, place) => {
      const before = place ? of[STEPS[place - 1]][at] : gross;
      const after = of[step][at];
      return { name: t(`step_${step}`), low: after, high: before, number: whole(after - before), fill: blue };
    }),
    { name: t("step_left"), low: 0, high: left, number: whole(left), fill: red },
  ];
  const scale = (WIDE - LABELS - NUMBERS) / Math.max(gross, 1);
  const said = rows.map(({ name, number }) => `${name} ${number}`).join("; ");
  return [
    head(t("waterfall_title", { year: state.year })),
    svg(
      "svg",
      {
        viewBox: `0 0 ${WIDE} ${rows.length * ROW + 4}`,
        class: "waterfall",
        role: "img",
        "aria-label": said,
      },
      ...rows.flatMap((one, place) => bar(one, place, scale)),
    ),
    outsideSaid(side, gross),
    of.left_beyond?.[at] >= 1 && smallPrint(t("beyond_said", { n: whole(of.left_beyond[at]) })),
  ];
};
// What opens, what it costs, who is left, in every year of the plan: all stages together.
export const planByYear = () => {
  const years = here().plan_years;
  if (!years.length) {
    return [];
  }
  const { currency } = here().meta;
  const opening = ({ opens }) =>
    opens.map(({ name, seats }) => `${named(name)} (${whole(seats)})`).join(t("semicolon")) || "–";
  return [
    head(t("plan_years_title")),
    make(
      "div",
      { class: "years", tabindex: "0", role: "region", "aria-label": t("plan_years_title") },
      table(
        [
          [t("year")],
          [t("opens")],
          [t("temporary_classes"), "n"],
          [moneyTitle(currency), "n"],
          [t("left_without"), "n"],
        ],
        years.map((one) =>
          row([
            [String(one.year)],
            [opening(one)],
            [whole(one.temporary), "n"],
            [moneyCell(one.capital + one.running), "n"],
            [whole(one.unserved), "n"],
          ]),
        ),
      ),
    ),
    smallPrint(t("plan_years_explained")),
  ];
};
const MOST_RISKS = 3;
export const risks = () => {
  const told = here().risks.slice(0, MOST_RISKS);
  return told.length
    ? [
        head(t("risks_title")),
        make("ul", { class: "risks" }, ...told.map(({ risk }) => make("li", {}, inReadersLanguage(risk)))),
      ]
    : [];
};
// ---- measures ----
// What acts in the stage and year shown, kind by kind; a kind opened stays open from year to year.
const opened = new Set();
const kindBox = (kind, measures) => {
  const places = measures.filter(({ school_id: id }) => id);
  const given = measures.reduce((sum, one) => sum + amountNow(one), 0);
  const amount = t(places.length ? "seats_n" : "pupils_n", { n: whole(given) });
  const count = places.length ? t("places_n", { n: whole(places.length) }) : "";
  const box = make(
    "details",
    {
      class: "acting",
      open: opened.has(kind),
      ontoggle: () => (box.open ? opened.add(kind) : opened.delete(kind)),
    },
    make(
      "summary",
      {},
      places.length ? measureSign(kind, 15) : "",
      [t(`measure_kind_${kind}`), count, amount].filter(Boolean).join(" · "),
    ),
    ...measures.map((one) => {
      const item = proposalOf(one, sideA());
      const go = item ? ["proposal", item.proposal_id] : ["measure", one.measure_id];
      return button(`${named(one.name)} · ${whole(amountNow(one))}`, () => choose(...go), { class: "link" });
    }),
  );
  return box;
};
export const measuresOfYear = (side) => {
  const acting = measuresIn(side).filter((one) => !missing(amountNow(one)));
  const kinds = [...new Set(acting.map(({ kind }) => kind))];
  return kinds.length
    ? [
        head(t("measures_of_year", { year: state.year })),
        ...kinds.map((kind) =>
          kindBox(
            kind,
            acting.filter((one) => one.kind === kind),
          ),
        ),
      ]
    : [];
};
const measureById = data.scenarios.map(
  (scenario) => new Map(scenario.measures.map((one) => [one.measure_id, one])),
);
export const measureOf = (id, side) => measureById[side.scenario].get(id);
// A proposal is one measure of the plan: the new school, or the school enlarged.
export const measureOfProposal = (item, side) =>
  scenarioOf(side).measures.find((one) => one.lasts && one.school_id === item.school_id);
export const measuresAt = (school, stage, side) =>
  scenarioOf(side).measures.filter((one) => one.school_id === school.id && (!stage || one.amounts[stage]));
export const measureKind = (one) => t(`measure_kind_${one.kind}`);
export const measureName = (one) => `${measureKind(one)} · ${named(one.name)}`;
export const inForce = ({ first_year: first, last_year: last }) => {
  if (missing(last)) {
    return t("from_year", { year: first });
  }
  return first === last ? String(first) : `${first}–${last}`;
};
// What a measure is, costs and brings, and whether there is land for it.
export const measureFacts = (one, { seatsSaid = false } = {}) => [
  facts([
    [t("in_force"), inForce(one)],
    !missing(one.paid_from) && [t("paid_from"), String(one.paid_from)],
    one.classes > 0 && [t("classes"), whole(one.classes)],
    one.seats > 0 && !seatsSaid && [t("seats"), whole(one.seats)],
    [t("pupils_peak"), whole(one.pupils_peak)],
    [t("pupil_years"), whole(one.pupil_years)],
    one.kind !== "redraw" && [t("added_in_order"), whole(one.added)],
    one.capital > 0 && [t("capital"), money(one.capital, meta.currency)],
    one.running > 0 && [t("running_most"), money(one.running, meta.currency)],
    one.cost_per_pupil_year > 0 && [t("per_pupil_year"), unitPrice(one.cost_per_pupil_year, meta.currency)],
    has(`land_${one.kind}`) && [t("land_status"), t(`land_${one.kind}`)],
  ]),
];
// What a measure gives in each year in which it acts, all its stages together.
export const amountsByYear = (one) => [
  head(t(one.seats > 0 ? "seats_by_year" : "pupils_by_year")),
  facts(
    meta.years.flatMap((year, at) => {
      const given = Object.values(one.amounts)
        .map((of) => of[at])
        .filter((amount) => !missing(amount));
      return given.length ? [[String(year), whole(given.reduce((sum, amount) => sum + amount, 0))]] : [];
    }),
  ),
];
// Whose pupils have a seat there.
export const gains = (one) =>
  one.gains.length
    ? [
        head(t("who_gains", { year: meta.years.at(-1) })),
        facts(one.gains.map(([name, pupils]) => [named(name), whole(pupils)])),
      ]
    : [];
// What else was computed, and by how much it is worse.
export const nextBest = (one, said) =>
  missing(one?.alternative_cost)
    ? []
    : [
        head(t("next_best")),
        said && make("p", {}, said),
        facts([
          [t("dearer"), money(one.alternative_cost, meta.currency)],
          [t("leaves_more"), whole(one.alternative_unserved)],
        ]),
      ];
// What answers a catchment's shortage in the year shown.
export const zoneRemedies = (zone, side) => {
  const of = figuresOfZone(zone, side).remedies;
  const at = index();
  const main = of?.main[at];
  if (!main) {
    return [];
  }
  const said = ["shortfall", ...STEPS, "left"]
    .filter((step) => step === "shortfall" || of.figures[step][at] >= 0.5)
    .map((step) => [t(`step_${step}`), whole(of.figures[step][at])]);
  return [
    head(t("remedies_title", { year: state.year })),
    facts([...said, of.figures.cost[at] > 0 && [t("running"), money(of.figures.cost[at], meta.currency)]]),
    smallPrint(t(`siting.remedy.${main}`)),
  ];
};
