// What if: single proposals and committed changes switched off. Seats and balance of catchments follow the same rule as
// layoutplan.balance (a school's seats go to its catchments by their demand); pupils placed are a maximum flow.
const switched = (side) => state.off.size > 0 && side.scenario === state.scenario && !side.whole;
const baseAt = meta.years.indexOf(meta.base_year);
const committedChanges = (scenario) => scenario.changes ??= schoolsOf[data.scenarios.indexOf(scenario)].filter((school) => school.status !== "proposed"
  && Object.values(school.stages).some((of) => counted(of.baseline).some((seats) => Math.round(seats) !== Math.round(counted(of.baseline)[baseAt]))));
const switchKeys = () => [...here().proposals.map((item) => `p.${item.proposal_id}`), ...committedChanges(here()).map((school) => `c.${school.id}`)];

// Seats that count: those taken and those left over, as the table of schools has them.
const counted = (of) => (of ? of.assigned.map((taken, year) => Math.round((taken ?? 0) + (of.spare[year] ?? 0))) : meta.years.map(() => 0));
const isOff = (key, side) => switched(side) && state.off.has(key);
const applied = (school, of, read, side) => {
  const today = read(of.baseline), planned = read(of[side.variant] ?? of.baseline);
  const stays = isOff(`c.${school.id}`, side);
  const added = scenarioOf(side).proposals.filter((item) => item.school_id === school.id);
  const dropped = added.some((item) => isOff(`p.${item.proposal_id}`, side));
  return meta.years.map((_, year) => (stays ? today[baseAt] : today[year]) + (dropped ? 0 : planned[year] - today[year]));
};
const switchedSchoolSeats = (school, stage, side) => {
  const of = school.stages[stage];
  return of ? applied(school, of, (one) => (one?.seats ?? meta.years.map(() => 0)).map((seats) => seats ?? 0), side) : meta.years.map(() => 0);
};
const countedSeats = (school, stage, side) => {
  const of = school?.stages[stage];
  return of ? applied(school, of, counted, side) : meta.years.map(() => 0);
};

const partners = {};
const zonesOfSchool = (id, stage, side) => {
  const key = `${side.scenario}|${stage}`;
  if (!partners[key]) {
    partners[key] = new Map();
    for (const zone of zonesOf[stage]) for (const school of new Set(ofZone(zone, side).schools)) partners[key].set(school, [...(partners[key].get(school) ?? []), zone]);
  }
  return partners[key].get(id) ?? [];
};
const switchedSeats = (zone, side) => {
  const total = meta.years.map(() => 0);
  for (const id of new Set(ofZone(zone, side).schools)) {
    const seats = countedSeats(schoolOf(id, side), zone.stage, side), shared = zonesOfSchool(id, zone.stage, side);
    const wanted = shared.map((one) => series(ofZone(one, side).figures, "demand", side)), mine = shared.indexOf(zone);
    total.forEach((_, year) => {
      const all = wanted.reduce((sum, one) => sum + (one[year] ?? 0), 0);
      total[year] += seats[year] * (shared.length === 1 ? 1 : all > 0 ? (wanted[mine][year] ?? 0) / all : 1 / shared.length);
    });
  }
  return total;
};

// ---- the city with and without ----
const reached = new Map();
const groupsOf = (stage, side) => {
  const of = scenarioOf(side).groups[stage];
  if (of && !reached.has(of)) {
    reached.set(of, of.reach.map((steps) => { let at = 0; return steps.map((step) => { at += step; return at; }); }));
  }
  return of ? { ...of, reach: reached.get(of) } : null;
};
const placedPupils = (stage, side, year = index()) => {
  const of = groupsOf(stage, side);
  if (!of) return null;
  const demand = of.demand.map((pupils) => pupils[year]), seats = of.schools.map((id) => {
    const school = schoolOf(id, side);
    return school.status === "proposed" && side.variant !== "proposed" ? 0 : countedSeats(school, stage, side)[year] * 100;
  });
  return { placed: mostPlaced(demand, of.reach, seats) / 100, demand: demand.reduce((sum, one) => sum + one, 0) / 100 };
};
const cityNow = (side) => {
  const zones = zonesOf[state.stage], sum = (pick) => zones.reduce((total, zone) => total + pick(zone), 0);
  const seats = scenarioOf(side).schools.length ? schoolsOf[side.scenario].reduce((total, school) => total
    + (school.status === "proposed" && side.variant !== "proposed" ? 0 : countedSeats(school, state.stage, side)[index()]), 0) : null;
  const flow = placedPupils(state.stage, side);
  return { seats, shortfall: sum((zone) => Math.max(0, -(value(zone, side, "balance") ?? 0))), unserved: flow ? Math.max(0, flow.demand - flow.placed) : null };
};
