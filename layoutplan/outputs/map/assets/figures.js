// Figures of a side, in the year chosen. Zones and schools are drawn once; each scenario says its own of
// them.
import { isToday, meta, scenarioOf, showsProposals, sides, state, style, todayOf } from "./state.js";
import { switched, switchedSchoolSeats, switchedSeats } from "./switches.js";
import { FORMATS, missing, named, t, typeName } from "./words.js";

const figuresByPlace = (kind) => data.scenarios.map((scenario) => new Map(scenario[kind]));
const zoneSayings = figuresByPlace("zones");
const zonePlaces = new Map(data.zones.map((zone, at) => [zone, at]));
export const figuresOfZone = (zone, side) =>
  zoneSayings[side.scenario].get(zonePlaces.get(zone)) ?? { figures: {}, schools: [] };
// Whether a layout has a school: then it has figures of it.
export const standsIn = (school, layout) =>
  Object.values(school.stages).some((of) => of.figures[layout] !== undefined);
// A new school of the proposals is drawn as its proposal, and called by its type and its site in the reader's
// language.
const withProposal = (school, scenario) => {
  const item = standsIn(school, todayOf(scenario))
    ? undefined
    : scenario.proposals.find((one) => one.school_id === school.id);
  return item
    ? Object.defineProperty({ ...school, proposed: true }, "name", {
        get: () => t("siting.new_name", { type: typeName(school.type), place: named(item.name) }),
      })
    : school;
};
export const schoolsOf = data.scenarios.map((scenario) =>
  scenario.schools.map(([at, said]) => withProposal({ ...data.schools[at], ...said }, scenario)),
);
const schoolById = schoolsOf.map((schools) => new Map(schools.map((school) => [school.id, school])));
export const schoolOf = (id, side) => schoolById[side.scenario].get(id);
// The catchments (or districts) of a stage as a side's layout draws them: a layout with other outlines, or
// other catchments, has zones of its own.
const drawnZones = new Map();
export const zonesIn = (stage, side) => {
  const key = `${side.scenario} ${side.layout} ${stage}`;
  if (!drawnZones.has(key)) {
    drawnZones.set(
      key,
      data.zones.filter(
        (zone) => zone.stage === stage && figuresOfZone(zone, side).figures[side.layout] !== undefined,
      ),
    );
  }
  return drawnZones.get(key);
};
export const zoneOf = (id, stage, side) => zonesIn(stage, side).find((zone) => zone.id === id);
// Units that change catchment in a side's layout, by the catchments they leave and join.
export const movesOf = (side) =>
  scenarioOf(side).moves.filter(
    (one) => one.layout === side.layout && one.stage === state.stage && !switched(side),
  );
export const unitOf = (move, id) => move.moved.find((unit) => unit.id === id);
// The move, on the sides shown, that a unit is part of.
export const moveOf = (id) =>
  sides()
    .flatMap(movesOf)
    .find((move) => unitOf(move, id));

export const index = () => meta.years.indexOf(state.year);
// Of figures by layout: those of a city, a zone, or a school in one stage.
export const series = (of, name, side) => of?.[side.layout]?.[name] ?? meta.years.map(() => null);
export const figure = (of, name, side, at = index()) => series(of, name, side)[at] ?? null;

export const zoneSeries = (zone, name, side) =>
  name === "seats" && switched(side)
    ? switchedSeats(zone, side)
    : series(figuresOfZone(zone, side).figures, name, side);
const NOT_SWITCHED = ["unserved", "served", "share_within_radius", "mean_walk_m", "mean_access"];
export const zoneFigure = (zone, name, side) =>
  switched(side) && NOT_SWITCHED.includes(name) ? null : (zoneSeries(zone, name, side)[index()] ?? null);
// The draws are of today's layout: of another, or with switches, there is no probability.
const probability = (zone, side) =>
  switched(side) || !isToday(side)
    ? null
    : (figuresOfZone(zone, side).bands?.probability_short?.[index()] ?? null);
// Differences of two bases of demand: by catchment, where the units table tells of more than one.
const basis = (zone, side, name) => figuresOfZone(zone, side).bases?.[name]?.[index()] ?? null;
const isBasis = (name) => name.endsWith("_less_residence");
const hasMeasure = (name) =>
  data.scenarios.some(
    isBasis(name)
      ? (scenario) => scenario.zones.some(([, said]) => said.bases?.[name]?.some((one) => !missing(one)))
      : (scenario) => Object.keys(scenario.bands).length,
  );
export const measures = () =>
  Object.keys(style.measures).filter(
    (name) => (name !== "probability_short" && !isBasis(name)) || hasMeasure(name),
  );
export const value = (zone, side, measure = state.measure) => {
  if (measure === "probability_short") {
    return probability(zone, side);
  }
  if (isBasis(measure)) {
    return basis(zone, side, measure);
  }
  if (measure !== "utilisation" && measure !== "balance") {
    return zoneFigure(zone, measure, side);
  }
  const seats = zoneFigure(zone, "seats", side);
  const demand = zoneFigure(zone, "demand", side);
  if (measure === "utilisation") {
    return seats > 0 ? demand / seats : null;
  }
  return missing(seats) || missing(demand) ? null : seats - demand;
};
const colourAt = (shown, measure = state.measure) => {
  const { breaks, colours } = style.measures[measure];
  return colours[breaks.filter((edge) => shown >= edge).length];
};
export const colour = (zone, side) => {
  if (state.parents) {
    return style.fixed.parents;
  }
  const shown = value(zone, side);
  if (!missing(shown)) {
    return colourAt(shown);
  }
  return state.measure === "utilisation" && zoneFigure(zone, "demand", side) > 0
    ? style.fixed.no_seats
    : style.fixed.no_value;
};
export const format = (shown, measure = state.measure) => FORMATS[style.measures[measure].format](shown);

export const seatsAt = (school, stage, side) =>
  (switched(side)
    ? switchedSchoolSeats(school, stage, side)[index()]
    : figure(school.stages[stage]?.figures, "seats", side)) ?? 0;
const schoolsShown = new Map();
export const schools = (side) => {
  const off = switched(side) ? [...state.off] : "";
  const key = `${side.scenario} ${side.layout} ${state.stage} ${state.year} ${off}`;
  if (!schoolsShown.has(key)) {
    if (schoolsShown.size > 3) {
      schoolsShown.clear();
    }
    schoolsShown.set(key, openSchools(side));
  }
  return schoolsShown.get(key);
};
const openSchools = (side) =>
  schoolsOf[side.scenario].filter(
    (school) =>
      school.stages[state.stage] &&
      standsIn(school, side.layout) &&
      (seatsAt(school, state.stage, side) > 0 || school.stages[state.stage].enrolment > 0),
  );
// What becomes of a school: opens, closes, grows or shrinks between the base year and the year shown.
export const changeKind = (school, stage, side) => {
  const now = seatsAt(school, stage, side);
  const today = todayOf(scenarioOf(side));
  const of = school.stages[stage]?.figures;
  const before = series(of, "seats", { layout: today })[meta.years.indexOf(meta.base_year)] ?? 0;
  if (school.proposed) {
    return "proposed";
  }
  if (school.status === "purchased") {
    return "none";
  }
  if (!standsIn(school, today)) {
    return "added";
  }
  if (school.status === "committed") {
    return "opening";
  }
  if (now === 0 && before > 0) {
    return "closing";
  }
  if (now === before) {
    return "none";
  }
  return now > before ? "growing" : "shrinking";
};
const groupedBySchool = (flags) => {
  const found = new Map();
  for (const flag of flags) {
    found.set(flag.school_id, [...(found.get(flag.school_id) ?? []), flag]);
  }
  return found;
};
const flagsBySchool = data.scenarios.map((scenario) => groupedBySchool(scenario.flags));
export const flagsOf = (school, side) =>
  state.parents ? [] : (flagsBySchool[side.scenario].get(school.id) ?? []);
// A ring is for what must be cleared; the rest is a small mark.
export const RINGED = ["oversized_school", "oversized_class", "severely_oversized_class"];
export const hasRing = (flags) =>
  flags.some((flag) => RINGED.includes(flag.rule) && (!flag.stage || flag.stage === state.stage));
export const hasFlag = (flags) => flags.some((flag) => !flag.stage || flag.stage === state.stage);
export const hotspots = (side) =>
  state.parents ? [] : scenarioOf(side).hotspots.filter((spot) => spot.stage === state.stage);
// Measures of the plan that act in the stage shown.
export const measuresIn = (side) =>
  state.parents || !showsProposals(side)
    ? []
    : scenarioOf(side).measures.filter((one) => one.amounts[state.stage]);
// What a measure gives in the stage and year shown: seats, or pupils moved or taken by bus; null when not in
// force.
export const amountNow = (one) => one.amounts[state.stage]?.[index()] ?? null;
const firstYearOf = (one) => meta.years[one.amounts[state.stage].findIndex((amount) => !missing(amount))];
// A school to come is shown while it is paid for, before it has seats.
const isAhead = (one) =>
  one.lasts && one.paid_from <= state.year && state.year < firstYearOf(one) && missing(amountNow(one));
// Measures drawn at their place in the year shown, each with whether it is still to come.
export const measuresDrawn = (side) =>
  measuresIn(side)
    .filter((one) => one.school_id && (!missing(amountNow(one)) || isAhead(one)))
    .map((one) => ({ one, ahead: isAhead(one) }));
// Schools whose sign is that of a measure.
export const schoolsWithMeasures = (side) => new Set(measuresDrawn(side).map(({ one }) => one.school_id));
// Years in which something built for the stage shown opens.
export const openingYears = (side) => [
  ...new Set(
    scenarioOf(side)
      .measures.filter((one) => one.lasts && one.amounts[state.stage])
      .map(firstYearOf),
  ),
];
export const proposalOf = (one, side) =>
  scenarioOf(side).proposals.find((item) => one.lasts && item.school_id === one.school_id);
export const proposals = (side) =>
  state.parents ? [] : scenarioOf(side).proposals.filter((item) => (item[`seats_${state.stage}`] ?? 0) > 0);
