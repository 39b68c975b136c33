// What if: single proposals and committed changes switched off. Seats and balance of catchments follow the
// same rule as layoutplan.balance (a school's seats go to its catchments by their demand); pupils placed are a
// maximum flow.
import { figuresOfZone, index, schoolOf, schoolsOf, series, value, zonesIn } from "./figures.js";
import { divideSeats, mostPlaced } from "./flow.js";
import { here, meta, scenarioOf, showsProposals, state, todayOf } from "./state.js";

export const switched = (side) => state.off.size > 0 && side.scenario === state.scenario && !side.whole;
export const baseAt = meta.years.indexOf(meta.base_year);
export const committedChanges = (scenario) => {
  scenario.changes ??= schoolsOf[data.scenarios.indexOf(scenario)].filter((school) =>
    Object.values(school.stages)
      .map((of) => countedSeatsOf(of.figures[todayOf(scenario)]))
      .some((seats) => seats.some((one) => one !== seats[baseAt])),
  );
  return scenario.changes;
};
export const switchKeys = () => [
  ...here().proposals.map((item) => `p.${item.proposal_id}`),
  ...committedChanges(here()).map((school) => `c.${school.id}`),
];

// Seats that count: those taken and those left over, as the table of schools has them.
export const countedSeatsOf = (of) =>
  of
    ? of.assigned.map((taken, year) => Math.round((taken ?? 0) + (of.spare[year] ?? 0)))
    : meta.years.map(() => 0);
export const isSwitchedOff = (key, side) => switched(side) && state.off.has(key);
const seatsAsSwitched = (school, of, read, side) => {
  const today = read(of.figures[todayOf(scenarioOf(side))]);
  const planned = read(of.figures[side.layout]);
  const stays = isSwitchedOff(`c.${school.id}`, side);
  const added = scenarioOf(side).proposals.filter((item) => item.school_id === school.id);
  const dropped = showsProposals(side) && added.some((item) => isSwitchedOff(`p.${item.proposal_id}`, side));
  return meta.years.map(
    (_, year) => (stays ? today[baseAt] : today[year]) + (dropped ? 0 : planned[year] - today[year]),
  );
};
export const switchedSchoolSeats = (school, stage, side) => {
  const of = school.stages[stage];
  return of
    ? seatsAsSwitched(
        school,
        of,
        (one) => (one?.seats ?? meta.years.map(() => 0)).map((seats) => seats ?? 0),
        side,
      )
    : meta.years.map(() => 0);
};
const countedSeats = (school, stage, side) => {
  const of = school?.stages[stage];
  return of ? seatsAsSwitched(school, of, countedSeatsOf, side) : meta.years.map(() => 0);
};

const zonesBySchool = {};
const zonesOfSchool = (id, stage, side) => {
  const key = `${side.scenario}|${side.layout}|${stage}`;
  if (!zonesBySchool[key]) {
    zonesBySchool[key] = new Map();
    for (const zone of zonesIn(stage, side)) {
      for (const school of new Set(figuresOfZone(zone, side).schools)) {
        zonesBySchool[key].set(school, [...(zonesBySchool[key].get(school) ?? []), zone]);
      }
    }
  }
  return zonesBySchool[key].get(id) ?? [];
};
// The zones that share schools with a zone, over any number of steps, and their schools.
const sharing = (zone, side) => {
  const zones = [zone];
  const schools = [];
  for (let at = 0; at < zones.length; at += 1) {
    for (const id of new Set(figuresOfZone(zones[at], side).schools)) {
      if (!schools.includes(id)) {
        schools.push(id);
        zones.push(...zonesOfSchool(id, zone.stage, side).filter((one) => !zones.includes(one)));
      }
    }
  }
  return { zones, schools };
};
export const switchedSeats = (zone, side) => {
  const { zones, schools } = sharing(zone, side);
  const seats = schools.map((id) => countedSeats(schoolOf(id, side), zone.stage, side));
  if (zones.length === 1) {
    return meta.years.map((_, year) => seats.reduce((sum, of) => sum + of[year], 0));
  }
  const reach = zones.map((one) => [
    ...new Set(figuresOfZone(one, side).schools.map((id) => schools.indexOf(id))),
  ]);
  const demand = zones.map((one) => series(figuresOfZone(one, side).figures, "demand", side));
  return meta.years.map(
    (_, year) =>
      divideSeats(
        demand.map((of) => of[year] ?? 0),
        reach,
        seats.map((of) => of[year]),
      )[0],
  );
};

// ---- the city with and without ----
const reachBySet = new Map();
const groupsOf = (stage, side) => {
  const of = scenarioOf(side).groups[stage];
  if (of && !reachBySet.has(of)) {
    reachBySet.set(
      of,
      of.reach.map((steps) => {
        let at = 0;
        return steps.map((step) => {
          at += step;
          return at;
        });
      }),
    );
  }
  return of ? { ...of, reach: reachBySet.get(of) } : null;
};
const placedPupils = (stage, side, year = index()) => {
  const of = groupsOf(stage, side);
  if (!of) {
    return null;
  }
  const demand = of.demand.map((pupils) => pupils[year]);
  const seats = of.schools.map((id) => countedSeats(schoolOf(id, side), stage, side)[year] * 100);
  return {
    placed: mostPlaced(demand, of.reach, seats) / 100,
    demand: demand.reduce((sum, one) => sum + one, 0) / 100,
  };
};
export const cityNow = (side) => {
  const zones = zonesIn(state.stage, side);
  const sum = (pick) => zones.reduce((total, zone) => total + pick(zone), 0);
  const seats = scenarioOf(side).schools.length
    ? schoolsOf[side.scenario].reduce(
        (total, school) => total + countedSeats(school, state.stage, side)[index()],
        0,
      )
    : null;
  const flow = placedPupils(state.stage, side);
  return {
    seats,
    shortfall: sum((zone) => Math.max(0, -(value(zone, side, "balance") ?? 0))),
    unserved: flow ? Math.max(0, flow.demand - flow.placed) : null,
  };
};
