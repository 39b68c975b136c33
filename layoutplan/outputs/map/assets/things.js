// What one catchment, school, hotspot, proposal or place on the map says of itself.
import { chart } from "./charts.js";
import {
  button,
  byId,
  covers,
  facts,
  head,
  holds,
  make,
  place,
  polygon,
  row,
  say,
  smallPrint,
  table,
} from "./elements.js";
import {
  changeKind,
  figure,
  figuresOfZone,
  flagsOf,
  hotspots,
  moveOf,
  movesOf,
  proposals,
  schoolOf,
  schools,
  seatsAt,
  series,
  standsIn,
  unitOf,
  value,
  zoneFigure,
  zoneOf,
  zoneSeries,
  zonesIn,
} from "./figures.js";
import { switchBox } from "./lists.js";
import { bandFrom } from "./panel.js";
import {
  amountsByYear,
  gains,
  measureFacts,
  measureName,
  measureOf,
  measureOfProposal,
  measuresAt,
  nextBest,
  zoneRemedies,
} from "./plan.js";
import { layersA } from "./sides.js";
import { render } from "./start.js";
import { here, layoutIds, map, meta, proposalsLayout, scenarioOf, sideA, sides, state } from "./state.js";
import { switched } from "./switches.js";
import { coordinates } from "./tiles.js";
import {
  actionName,
  area,
  code,
  has,
  inReadersLanguage,
  layoutName,
  metres,
  missing,
  money,
  named,
  percent,
  proposalName,
  ratio,
  sideName,
  signed,
  stageName,
  t,
  typeName,
  whole,
} from "./words.js";
import { moveTitle } from "./zones.js";

const back = () => button(`← ${t(`tab_${state.tab}`)}`, () => choose(null), { class: "back" });
// A name as the tables have it stands below the same name in the reader's language.
const panelHead = (title, kind, given) => [
  back(),
  make("h2", {}, title),
  given && named(given) !== given && smallPrint(given),
  make("p", { class: "soft kind" }, kind),
];
const peakFacts = (peak) =>
  missing(peak?.peak_year)
    ? []
    : [
        head(t("peak_title")),
        facts([
          [t("peak_year"), String(peak.peak_year)],
          [t("peak_shortfall"), whole(peak.peak_shortfall)],
          peak.lasting_shortfall > 0 && [t("lasting"), whole(peak.lasting_shortfall)],
          peak.passing_shortfall > 0 && [t("passing"), whole(peak.passing_shortfall)],
          !missing(peak.first_short_year) && [
            t("years_short"),
            peak.first_short_year === peak.last_short_year
              ? String(peak.first_short_year)
              : `${peak.first_short_year}–${peak.last_short_year}`,
          ],
          !missing(peak.likely_short_year) && [t("likely_short_year"), String(peak.likely_short_year)],
        ]),
        inReadersLanguage(peak.advice) && smallPrint(inReadersLanguage(peak.advice)),
      ];
// A layout that redraws a catchment has a zone of its own of the same id.
const figureOn = (side, { id, stage }, name) => {
  const zone = zoneOf(id, stage, side);
  return zone ? zoneFigure(zone, name, side) : null;
};
// Without figures: whose schools serve the area, and which other stages' areas hold the place.
const parentsZone = (zone, side) => [
  ...panelHead(named(zone.name), `${t(`kind_${zone.kind}`)} · ${stageName(zone.stage)}`, zone.name),
  head(t("schools_of_zone_named")),
  ...figuresOfZone(zone, side)
    .schools.map((id) => schoolOf(id, side))
    .filter((school) => school?.stages[zone.stage] && standsIn(school, side.layout))
    .map((school) =>
      button(named(school.name), () => choose("school", school.id, { fly: true }), { class: "link" }),
    ),
  ...(state.spot && holds(zone, state.spot)
    ? [head(t("here_title")), smallPrint(t("place_explained")), ...zonesAt(state.spot)]
    : []),
  smallPrint(t("parents_year", { year: meta.base_year })),
];
const zoneThing = (zone) => {
  const side = sideA();
  if (state.parents) {
    return parentsZone(zone, side);
  }
  const said = figuresOfZone(zone, side);
  const lines = [{ values: zoneSeries(zone, "demand", side) }];
  const own = schools(side).filter((school) => said.schools.includes(school.id));
  const inside = proposals(side).filter((item) => item.at.length && holds(zone, place(item.at)));
  const spots = hotspots(side).filter(
    (spot) => zone.label.length && covers(polygon(spot.shape), place(zone.label)),
  );
  return [
    ...panelHead(
      named(zone.name),
      `${t(`kind_${zone.kind}`)} · ${stageName(zone.stage)} · ${state.year}`,
      zone.name,
    ),
    switched(side) && smallPrint(t("whatif_on", { n: state.off.size })),
    chart(lines, zoneSeries(zone, "seats", side), { band: bandFrom(said.bands) }),
    facts([
      [t("demand"), whole(zoneFigure(zone, "demand", side))],
      [t("seats"), whole(zoneFigure(zone, "seats", side))],
      [t("measure_balance"), signed(value(zone, side, "balance"))],
      [t("measure_utilisation"), percent(value(zone, side, "utilisation"))],
      !missing(value(zone, side, "probability_short")) && [
        t("measure_probability_short"),
        percent(value(zone, side, "probability_short")),
      ],
      [t("measure_unserved"), whole(zoneFigure(zone, "unserved", side))],
      [t("measure_share_within_radius"), percent(zoneFigure(zone, "share_within_radius", side))],
      [t("measure_mean_walk_m"), metres(zoneFigure(zone, "mean_walk_m", side))],
      [t("measure_mean_access"), ratio(zoneFigure(zone, "mean_access", side))],
    ]),
    ...zoneRemedies(zone, side),
    ...peakFacts(said.peak),
    state.other && head(t("beside_title")),
    state.other &&
      table(
        [[""], ...sides().map((one) => [sideName(one), "n"])],
        ["demand", "seats"].map((name) =>
          row([[t(name)], ...sides().map((one) => [whole(figureOn(one, zone, name)), "n"])]),
        ),
      ),
    head(t("schools_of_zone")),
    own.length
      ? table(
          [[t("school")], [t("seats"), "n"]],
          own.map((school) =>
            row([[named(school.name)], [whole(seatsAt(school, zone.stage, side)), "n"]], () =>
              choose("school", school.id),
            ),
          ),
        )
      : smallPrint(t("no_school")),
    ...(inside.length
      ? [
          head(t("proposals_title")),
          ...inside.map((item) =>
            button(proposalName(item), () => choose("proposal", item.proposal_id), { class: "link" }),
          ),
        ]
      : []),
    ...measureLinks(own.flatMap((school) => measuresAt(school, zone.stage, side))),
    ...zoneMoves(zone, side),
    ...(state.spot && holds(zone, state.spot)
      ? [head(t("here_title")), smallPrint(t("place_explained")), ...zonesAt(state.spot)]
      : []),
    ...spots.map((spot) =>
      button(`${t("hotspot")} ${spot.rank} · ${named(spot.name)}`, () => choose("hotspot", spot.hotspot_id), {
        class: "link",
      }),
    ),
  ];
};
const measureLinks = (measures) =>
  measures.length
    ? [
        head(t("measures_title")),
        ...measures.map((one) =>
          button(measureName(one), () => choose("measure", one.measure_id), { class: "link" }),
        ),
      ]
    : [];
// What the catchment gives and takes in this layout.
const zoneMoves = (zone, side) => {
  const of = movesOf(side).filter((one) => one.from_id === zone.id || one.to_id === zone.id);
  return of.length
    ? [
        head(t("moves_title")),
        table(
          [[t("what")], [t("units"), "n"], [t("pupils_moved"), "n"]],
          of.map((one) => row([[moveTitle(one)], [whole(one.units), "n"], [whole(one.pupils), "n"]])),
        ),
      ]
    : [];
};
const flagFacts = (flag) => [
  make("h4", {}, `⚑ ${code("rule", flag.rule)}`),
  facts([
    [t("value"), `${whole(flag.value)} ${has(`unit_of_${flag.unit}`) ? t(`unit_of_${flag.unit}`) : ""}`],
    [t("limit"), whole(flag.threshold)],
    !missing(flag.excess_pupils) && [t("excess"), whole(flag.excess_pupils)],
    !missing(flag.seats_needed) && [t("seats_needed"), whole(flag.seats_needed)],
    !missing(flag.classes_needed) && [t("classes_needed"), whole(flag.classes_needed)],
  ]),
  smallPrint(
    [
      `${t("source")}: ${flag.source ?? "–"}`,
      `${t("confidence")} ${flag.confidence ?? "–"}`,
      code("basis", flag.basis),
    ].join(" · "),
  ),
];
// What one more seat would do in the target year, from the prices of the best assignment.
const seatWorth = (school, of, side) => {
  if (!school.counts || switched(side)) {
    return [];
  }
  const [served, saved] = of.worth[side.layout] ?? [0, 0];
  const year = here().meta.target_year;
  const idle = saved > 0 ? "seat_saves" : "seat_idle";
  return [smallPrint(t(served > 0 ? "seat_serves" : idle, { year, metres: metres(saved) }))];
};
const dueSaid = (year) => (year ? ` (${t("due", { year })})` : "");
const schoolThing = (school) => {
  const side = sideA();
  const what = changeKind(school, state.stage, side);
  const nodes = panelHead(
    named(school.name),
    [typeName(school.type), t(`stages.ownership.${school.ownership}`), code("status", school.status)].join(
      " · ",
    ),
    school.name,
  );
  if (state.parents) {
    return [
      ...nodes,
      facts([[t("stage"), Object.keys(school.stages).map(stageName).join(" · ")]]),
      head(t("catchments_of_school")),
      ...Object.keys(school.stages).flatMap((stage) =>
        zonesIn(stage, side)
          .filter(
            (zone) => zone.kind === "catchment" && figuresOfZone(zone, side).schools.includes(school.id),
          )
          .map((zone) => smallPrint(`${stageName(stage)} · ${named(zone.name)}`)),
      ),
    ];
  }
  for (const [stage, of] of Object.entries(school.stages)) {
    nodes.push(
      head(`${stageName(stage)} · ${state.year}`),
      chart([{ values: series(of.figures, "assigned", side) }], series(of.figures, "seats", side), {
        title: t("assigned"),
      }),
      facts([
        [t("seats"), whole(seatsAt(school, stage, side))],
        !missing(of.enrolment) && [t("enrolment_year", { year: meta.base_year }), whole(of.enrolment)],
        school.counts && !switched(side) && [t("assigned"), whole(figure(of.figures, "assigned", side))],
        school.counts && !switched(side) && [t("spare"), whole(figure(of.figures, "spare", side))],
      ]),
      ...seatWorth(school, of, side),
    );
  }
  if (!["none", "proposed"].includes(what)) {
    nodes.push(smallPrint(t(`change_${what}`)));
  }
  if (!school.counts) {
    nodes.push(smallPrint(t("does_not_count")));
  }
  const projects = here().projects.filter(
    (project) => project.school_id === school.id || project.project_id === school.id,
  );
  if (projects.length) {
    nodes.push(
      head(t("projects_title")),
      ...projects.map((project) =>
        make(
          "p",
          {},
          [
            named(project.name),
            t(`project_${project.kind}`),
            t(`state_${project.state}`),
            project.opening_year && t("from_year", { year: project.opening_year }),
          ]
            .filter(Boolean)
            .join(" · "),
        ),
      ),
    );
  }
  nodes.push(...measureLinks(measuresAt(school, null, side)));
  const flags = flagsOf(school, side);
  if (flags.length) {
    nodes.push(head(t("flags_of_school", { year: meta.base_year })), ...flags.flatMap(flagFacts));
  }
  const cases = here().ledger.filter(
    (entry) => entry.school_id === school.id && inReadersLanguage(entry.remedy),
  );
  if (cases.length) {
    nodes.push(
      head(t("ledger_title")),
      ...cases.map((entry) =>
        smallPrint(
          `${code("rule", entry.rule)}: ${inReadersLanguage(entry.remedy)}${dueSaid(entry.due_year)}`,
        ),
      ),
    );
  }
  return nodes;
};
const nearestSpareSaid = (spot) => {
  if (!spot.nearest_spare_school) {
    return t("none_near");
  }
  const seats = t("seats_n", { n: whole(spot.nearest_spare_seats) });
  return [named(spot.nearest_spare_school), seats, metres(spot.nearest_spare_m)].join(" · ");
};
const hotspotThing = (spot) => [
  ...panelHead(
    named(spot.name),
    `${t("hotspot")} ${spot.rank} · ${stageName(spot.stage)} · ${t("school_year", { year: spot.year })}`,
    spot.name,
  ),
  facts([
    [t("pupils_short_in", { year: spot.year }), whole(spot.pupils_short)],
    [t("demand_in", { year: spot.year }), whole(spot.demand)],
    [t("short_in"), t("short_years", { first: spot.first_year, last: spot.last_year, n: spot.years_short })],
    !missing(spot.probability) && [t("hotspot_probability"), percent(spot.probability)],
    [t("significance"), t(spot.significant ? "significant" : "not_significant")],
  ]),
  smallPrint(`${t("nearest_spare")}: ${nearestSpareSaid(spot)}`),
  make("p", {}, inReadersLanguage(spot.remedy)),
  smallPrint(t("outline_note")),
  ...here()
    .proposals.filter((item) => item.hotspot_id === spot.hotspot_id)
    .map((item) => button(proposalName(item), () => choose("proposal", item.proposal_id), { class: "link" })),
];
// Before and after: the catchment that a measure is for, and the areas where a proposal stands in the other
// stages that it gives seats.
const zoneFor = (stage, item, measure, side) =>
  zonesIn(stage, side).find((one) => one.id === measure?.catchment_id) ??
  zonesIn(stage, side).find((one) => holds(one, place(item.at)));
const beforeAndAfter = (item, measure) => {
  const today = { ...sideA(), layout: layoutIds(here())[0] };
  const then = { ...sideA(), layout: proposalsLayout(here()) };
  const lines = meta.stages
    .filter((stage) => item[`seats_${stage}`] > 0 && item.at.length)
    .flatMap((stage) => {
      const zone = zoneFor(stage, item, measure, today);
      return zone ? [[stage, zone]] : [];
    });
  const gap = (side, { id, stage }) => {
    const zone = zoneOf(id, stage, side);
    return zone ? value(zone, side, "balance") : null;
  };
  return lines.length
    ? [
        head(t("before_after", { year: state.year })),
        table(
          [[t("where")], [t("before"), "n"], [t("after"), "n"]],
          lines.map(([stage, zone]) =>
            row([
              [`${stageName(stage)} · ${named(zone.name)}`],
              [signed(gap(today, zone)), "n"],
              [signed(gap(then, zone)), "n"],
            ]),
          ),
        ),
      ]
    : [];
};
const proposalThing = (item) => {
  const measure = measureOfProposal(item, sideA());
  const target = here().meta.target_year;
  return [
    ...panelHead(
      `${item.proposal_id} ${named(item.name)}`,
      `${actionName(item)} · ${typeName(item.school_type)} · ${t("from_year", { year: item.target_year })}`,
      item.name,
    ),
    facts([
      ...meta.stages
        .filter((stage) => item[`seats_${stage}`] > 0)
        .map((stage) => [`${t("seats")} · ${stageName(stage)}`, whole(item[`seats_${stage}`])]),
      !measure && [t("classes"), whole(item.classes)],
      !measure && [t("cost"), money(item.cost, meta.currency)],
      !measure && [t("opening"), String(item.target_year)],
      ...(item.target_year > target
        ? []
        : [
            [t("assigned_in", { year: target }), whole(item.assigned)],
            [t("pupils_served_in", { year: target }), whole(item.pupils_served)],
          ]),
      !missing(item.land_m2) && [t("land"), area(item.land_m2)],
      !missing(item.site_area_m2) && [t("site_area"), area(item.site_area_m2)],
    ]),
    ...(measure ? measureFacts(measure, { seatsSaid: true }) : []),
    inReadersLanguage(item.land_status) && smallPrint(inReadersLanguage(item.land_status)),
    switchBox(`p.${item.proposal_id}`, t("switch_this")),
    ...beforeAndAfter(item, measure),
    ...(measure ? gains(measure) : []),
    ...nextBest(measure, inReadersLanguage(item.rejected)),
    head(t("why")),
    make("p", {}, inReadersLanguage(item.reason)),
    !measure && inReadersLanguage(item.rejected) && head(t("rejected")),
    !measure && inReadersLanguage(item.rejected) && make("p", {}, inReadersLanguage(item.rejected)),
  ];
};
// A measure that builds nothing: temporary classes, bought seats, buses, other catchments.
const measureThing = (one) => {
  const school = schoolOf(one.school_id, sideA());
  return [
    ...panelHead(
      measureName(one),
      [...Object.keys(one.amounts).map(stageName), !one.school_id && t("whole_city")]
        .filter(Boolean)
        .join(" · "),
      one.name,
    ),
    ...measureFacts(one),
    ...amountsByYear(one),
    ...nextBest(one, null),
    school && button(named(school.name), () => choose("school", school.id, { fly: true }), { class: "link" }),
  ];
};
// Any place: the catchment of every stage that serves it, found in the page.
const schoolsNamed = (zone, side) =>
  figuresOfZone(zone, side)
    .schools.map((id) => schoolOf(id, side))
    .filter((school) => school?.stages[zone.stage] && standsIn(school, side.layout))
    .map((school) => named(school.name))
    .join(" · ") || t("no_school");
const servedBy = (zone) => {
  const side = sideA();
  return [
    button(
      named(zone.name),
      () => {
        const anew = state.stage !== zone.stage;
        state.stage = zone.stage;
        choose("zone", zone.id, { anew, spot: state.spot });
      },
      { class: "link" },
    ),
    smallPrint(zone.kind === "catchment" ? schoolsNamed(zone, side) : t("kind_district")),
  ];
};
const zonesAt = (at) =>
  meta.stages.flatMap((stage) => {
    const zone = zonesIn(stage, sideA()).find((one) => holds(one, at));
    return [
      make("h4", {}, stageName(stage)),
      ...(zone ? servedBy(zone) : [smallPrint(t("no_zone_here"))]),
      ...newZonesAt(stage, at),
    ];
  });
// Where a unit goes in a layout that redraws its catchment: the catchment, its schools, and the walk.
const movedTo = (move, unit, side) => {
  const zone = zonesIn(move.stage, side).find((one) => one.id === move.to_id);
  return [
    make("p", { class: "moved" }, `${layoutName(side)}: ${moveTitle(move)}`),
    smallPrint(zone ? schoolsNamed(zone, side) : t("no_school")),
    smallPrint(
      [
        !missing(unit.walk_before_m) && `${t("walk_before")} ${metres(unit.walk_before_m)}`,
        !missing(unit.walk_m) && `${t("walk_after")} ${metres(unit.walk_m)}`,
      ]
        .filter(Boolean)
        .join(" · "),
    ),
  ];
};
const newZonesAt = (stage, at) =>
  scenarioOf(sideA())
    .moves.filter((move) => move.stage === stage && !state.parents)
    .flatMap((move) =>
      move.moved
        .filter((unit) => covers(polygon(unit.shape), at))
        .flatMap((unit) => movedTo(move, unit, { ...sideA(), layout: move.layout })),
    );
const moveThing = ({ move, unit }) => [
  ...panelHead(named(unit.name), `${stageName(move.stage)} · ${here().meta.target_year}`, unit.name),
  ...movedTo(
    move,
    unit,
    sides().find((side) => movesOf(side).includes(move)),
  ),
  facts([[t("pupils_moved"), whole(unit.pupils)]]),
  head(t("moves_title")),
  button(moveTitle(move), () => choose("zone", move.to_id), { class: "link" }),
  table(
    [[t("units")], [t("pupils_moved"), "n"]],
    move.moved.map((one) => row([[named(one.name)], [whole(one.pupils), "n"]], () => choose("move", one.id))),
  ),
];
const placeThing = (id) => {
  const at = id.split(",").map(Number);
  return [
    ...panelHead(t("place_title"), coordinates(...at)),
    make("p", {}, t("place_explained")),
    ...zonesAt(at),
  ];
};
export const chosenPanel = ({ kind, id }) => {
  const side = sideA();
  const found = {
    zone: () => zoneOf(id, state.stage, side),
    school: () => schoolOf(id, side),
    place: () => id,
    move: () => {
      const move = moveOf(id);
      return move && { move, unit: unitOf(move, id) };
    },
    hotspot: () => here().hotspots.find((spot) => spot.hotspot_id === id),
    proposal: () => here().proposals.find((item) => item.proposal_id === id),
    measure: () => measureOf(id, side),
  }[kind]?.();
  return found
    ? {
        zone: zoneThing,
        school: schoolThing,
        hotspot: hotspotThing,
        proposal: proposalThing,
        measure: measureThing,
        place: placeThing,
        move: moveThing,
      }[kind](found)
    : null;
};
export const chooseZoneAt = ({ lat, lng }, zone) => choose("zone", zone.id, { spot: [lat, lng] });
const placeOf = (kind, id) => {
  if (kind === "school") {
    return schoolOf(id, sideA())?.at;
  }
  return kind === "proposal" ? here().proposals.find((item) => item.proposal_id === id)?.at : null;
};
// The map goes to the year that a card is of: a hotspot's own, and for a proposal one in which it is open.
const yearOf = (kind, id) => {
  if (kind === "hotspot") {
    return here().hotspots.find((spot) => spot.hotspot_id === id)?.year;
  }
  const opens = kind === "proposal" && here().proposals.find((item) => item.proposal_id === id)?.target_year;
  return opens > state.year ? opens : null;
};
export const choose = (kind, id, { anew = false, fly = false, spot = null } = {}) => {
  state.chosen = kind ? { kind, id } : null;
  state.spot = kind === "place" ? id.split(",").map(Number) : spot;
  if (kind === "proposal") {
    state.layout = proposalsLayout(here()) ?? state.layout;
  }
  state.year = yearOf(kind, id) ?? state.year;
  render({ anew });
  byId("panel").scrollTop = 0;
  const show = (bounds) => map.fitBounds(bounds, { maxZoom: 15, padding: [60, 60], animate: false });
  if (kind === "hotspot") {
    show(L.polygon(polygon(here().hotspots.find((item) => item.hotspot_id === id).shape)).getBounds());
  }
  if (kind === "zone" && layersA.shapes.has(id)) {
    const bounds = layersA.shapes.get(id).getBounds();
    if (fly) {
      show(bounds);
    } else {
      map.panInside(bounds.getCenter(), { padding: [80, 80] });
    }
  }
  const at = placeOf(kind, id);
  if (at?.length) {
    if (fly) {
      map.setView(place(at), Math.max(map.getZoom(), 14.5), { animate: false });
    } else {
      map.panInside(place(at), { padding: [80, 80] });
    }
  }
  if (kind === "place" && fly) {
    map.setView(state.spot, Math.max(map.getZoom(), 14.5), { animate: false });
  }
  if (kind === "school") {
    layersA.schools.get(id)?.openTooltip();
  }
  const title = byId("panel").querySelector("h2");
  if (kind && title) {
    say(title.textContent);
  }
};
