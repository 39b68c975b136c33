// The panel: an overview, the list of flags, the switches, how to read it; or the thing chosen.
import { chart } from "./charts.js";
import { setYear } from "./controls.js";
import {
  button,
  byId,
  cachedList,
  card,
  head,
  longTable,
  make,
  refillIfChanged,
  row,
  smallPrint,
  table,
  updateChildren,
} from "./elements.js";
import { figure, hotspots, index, proposals, series, value, zoneFigure, zonesIn } from "./figures.js";
import { flagList, switchList } from "./lists.js";
import { measuresOfYear, planByYear, risks, waterfall } from "./plan.js";
import { render } from "./start.js";
import { answerOf, here, isToday, meta, scenarioOf, sideA, sides, state } from "./state.js";
import { cityNow, switched } from "./switches.js";
import { choose, chosenPanel } from "./things.js";
import { basemapSaid } from "./tiles.js";
import {
  has,
  inReadersLanguage,
  metres,
  missing,
  money,
  named,
  percent,
  proposalName,
  ratio,
  scenarioName,
  sideName,
  signed,
  stageName,
  t,
  whole,
} from "./words.js";

export const TABS = ["overview", "flags", "whatif", "about"];
export const bandFrom = (of) => (of?.p10 && of.p90 ? { low: of.p10, high: of.p90 } : null);
export const headline = (side) => {
  const of = scenarioOf(side).city[state.stage];
  const now = switched(side) ? cityNow(side) : null;
  const get = (name) => figure(of, name, side);
  const demand = get("demand");
  const seats = now?.seats ?? get("seats");
  return {
    demand,
    seats,
    shortfall: now ? now.shortfall : get("shortfall"),
    balance: now ? seats - demand : get("balance"),
    unserved: now ? now.unserved : get("unserved"),
    share_within_radius: now ? null : get("share_within_radius"),
    share_within_circle: now ? null : get("share_within_circle"),
    mean_walk_m: now ? null : get("mean_walk_m"),
    mean_access: now ? null : get("mean_access"),
  };
};
export const cards = (side) => {
  const { demand, seats, shortfall, balance, unserved, mean_walk_m: walk, ...shares } = headline(side);
  const radius = metres(scenarioOf(side).meta.service_radius_m[state.stage]);
  const of = scenarioOf(side).bands[state.stage];
  const [low, high] = [of?.p10?.[index()] ?? null, of?.p90?.[index()] ?? null];
  const range = (from, to) => (missing(low) ? "" : t("range", { low: whole(from), high: whole(to) }));
  return make(
    "div",
    { class: "cards" },
    card(t("measure_unserved"), whole(unserved), unserved >= 0.5 ? "bad" : "good"),
    card(
      t(balance < 0 ? "net_short" : "net_spare"),
      whole(Math.abs(balance ?? 0)),
      balance < 0 ? "bad" : "good",
      balance < 0
        ? range(Math.max(0, low - seats), Math.max(0, high - seats))
        : range(Math.max(0, seats - high), Math.max(0, seats - low)),
    ),
    missing(shortfall) ? "" : card(t("gross_short"), whole(shortfall), shortfall >= 0.5 ? "bad" : "good"),
    ...proposedCards(side),
    card(t("demand"), whole(demand), "", range(low, high)),
    card(t("seats"), whole(seats)),
    ...(switched(side)
      ? []
      : [
          card(t("within_walk", { radius }), percent(shares.share_within_radius)),
          card(t("within_circle", { radius }), percent(shares.share_within_circle)),
          card(t("measure_mean_walk_m"), metres(walk)),
        ]),
  );
};
// What the proposals are for this stage: how many of which kind, and what they cost.
const proposedCards = (side) => {
  const answer = answerOf(side);
  if (!answer || missing(answer.seats_added)) {
    return [];
  }
  const mix = ["new_schools", "enlarged", "temporary"]
    .filter((kind) => answer[kind] > 0)
    .map((kind) => t(`mix_${kind}`, { n: answer[kind] }));
  const seats = answer.seats_added > 0 ? t("seats_n", { n: signed(answer.seats_added) }) : "";
  const { currency } = scenarioOf(side).meta;
  const bridging = answer.bridging > 0 ? t("bridging", { n: money(answer.bridging, currency) }) : "";
  return [
    card(t("remedies"), mix.join(" · ") || t("no_remedy"), "words", seats),
    card(t("cost"), money(answer.cost, currency), "", bridging),
  ];
};
const comparisonTable = () => {
  const both = sides().map(headline);
  const lines = [
    ["demand", whole],
    ["seats", whole],
    ["balance", signed],
    ["unserved", whole],
    ["share_within_radius", percent],
    ["mean_walk_m", metres],
    ["mean_access", ratio],
  ];
  return table(
    [[""], ...sides().map((side) => [sideName(side), "n"])],
    lines.map(([name, show]) =>
      row([
        [has(`measure_${name}`) ? t(`measure_${name}`) : t(name)],
        ...both.map((one) => [show(one[name]), "n"]),
      ]),
    ),
  );
};
// Seats that are in no catchment's figure, so that the catchments' seats and the city's add up.
const seatsOutside = (side) => {
  const zones = zonesIn(state.stage, side).filter((zone) => zone.kind === "catchment");
  const inside = zones.reduce((sum, zone) => sum + (zoneFigure(zone, "seats", side) ?? 0), 0);
  const outside = (figure(here().city[state.stage], "seats", side) ?? 0) - inside;
  return zones.length && !switched(side) && outside >= 0.5
    ? smallPrint(t("seats_outside", { n: whole(outside) }))
    : false;
};
// What a parent reads before anything is chosen.
const parentsOverview = () => [
  make("h2", {}, t("parents_view")),
  make("p", {}, t("parents_explained")),
  smallPrint(t("parents_year", { year: meta.base_year })),
];
// What the tables answer, its first sentence in bold: it is of the worst year, which may not be the one shown.
const answerNodes = (side) => {
  const answer = answerOf(side);
  const said = inReadersLanguage(answer?.answer);
  if (!said) {
    return [];
  }
  const [, first, rest] = /^(.*?(?:。|\. |$))(.*)$/s.exec(said);
  return [
    make("p", { class: "answer" }, make("strong", {}, first), rest),
    answer.year !== state.year &&
      button(t("to_worst_year", { year: answer.year }), () => setYear(answer.year), { class: "back" }),
  ];
};
const overview = () => {
  if (state.parents) {
    return parentsOverview();
  }
  const side = sideA();
  const of = here().city[state.stage];
  const spots = hotspots(side);
  const items = proposals(side);
  const target = here().meta.target_year;
  const nodes = [
    ...answerNodes(side),
    make("h2", {}, `${stageName(state.stage)} · ${t("school_year", { year: state.year })}`),
    switched(side) && smallPrint(t("whatif_on", { n: state.off.size })),
    ...(state.other ? [head(t("beside_title")), comparisonTable()] : [cards(side)]),
    seatsOutside(side),
    ...waterfall(side),
    ...measuresOfYear(side),
    head(t("chart_label")),
    chart([{ values: series(of, "demand", side) }], series(of, "seats", side), {
      band: bandFrom(here().bands[state.stage]),
    }),
  ];
  nodes.push(...planByYear(), ...risks());
  const same = [side, state.stage, state.lang];
  if (spots.length) {
    nodes.push(
      head(t("hotspots_title", { year: target })),
      (!isToday(side) || state.year !== target) && smallPrint(t("hotspots_today")),
      cachedList("hotspots", same, () =>
        longTable([[t("where")], [t("pupils_short"), "n"], [t("first_year"), "n"]], spots, (spot) =>
          row(
            [
              [`${spot.rank} · ${named(spot.name)}`],
              [whole(spot.pupils_short), "n"],
              [spot.first_year ?? "–", "n"],
            ],
            () => choose("hotspot", spot.hotspot_id),
          ),
        ),
      ),
    );
  }
  nodes.push(head(t("proposals_title")));
  if (items.length) {
    nodes.push(
      cachedList("proposals", same, () =>
        longTable([[t("what")], [t("seats"), "n"], [t("opening"), "n"], [t("cost"), "n"]], items, (item) =>
          row(
            [
              [proposalName(item)],
              [whole(item[`seats_${state.stage}`]), "n"],
              [String(item.target_year), "n"],
              [money(item.cost, meta.currency), "n"],
            ],
            () => choose("proposal", item.proposal_id),
          ),
        ),
      ),
    );
  } else {
    nodes.push(smallPrint(t("no_proposals")));
  }
  if (here().outcome.length) {
    nodes.push(smallPrint(inReadersLanguage(here().outcome[0].message)));
  }
  const redraw = here().redraws.find((one) => one.layout === side.layout && one.stage === state.stage);
  if (redraw) {
    nodes.push(head(t("redraw_title")), smallPrint(inReadersLanguage(redraw.message)));
  }
  const worst = zonesIn(state.stage, side)
    .filter((zone) => (value(zone, side, "balance") ?? 0) < 0)
    .sort((a, b) => value(a, side, "balance") - value(b, side, "balance"))
    .slice(0, 8);
  if (worst.length) {
    nodes.push(
      head(t("worst_title")),
      table(
        [[t("where")], [t("demand"), "n"], [t("seats"), "n"], [t("measure_balance"), "n"]],
        worst.map((zone) =>
          row(
            [
              [named(zone.name)],
              [whole(zoneFigure(zone, "demand", side)), "n"],
              [whole(zoneFigure(zone, "seats", side)), "n"],
              [signed(value(zone, side, "balance")), "n"],
            ],
            () => choose("zone", zone.id),
          ),
        ),
      ),
    );
  }
  const late = here().late.filter((gap) => gap.stage === state.stage);
  if (late.length) {
    nodes.push(
      head(t("late_title")),
      ...late.slice(0, 6).map((gap) => smallPrint(`${named(gap.name)}: ${inReadersLanguage(gap.remark)}`)),
      late.length > 6 && smallPrint(t("late_more", { n: late.length - 6 })),
    );
  }
  return nodes;
};
const about = () => {
  const said = here().meta;
  const profile = state.lang === "zh" ? said.profile_zh : said.profile_en;
  return [
    make("h2", {}, t("about")),
    make("p", {}, t("how_demand")),
    make("p", {}, t("how_unserved")),
    make("p", {}, t("how_access")),
    make("p", {}, `${t(`walking_${said.walking}`)} ${t("rules_from", { profile })}`),
    table(
      [[t("stage")], [t("service_radius"), "n"], [t("reach"), "n"]],
      meta.stages.map((stage) =>
        row([
          [stageName(stage)],
          [metres(said.service_radius_m[stage]), "n"],
          [metres(said.reach_m[stage]), "n"],
        ]),
      ),
    ),
    here().outcome.length && head(t("outcome_title")),
    ...here().outcome.map((step) => smallPrint(inReadersLanguage(step.message))),
    head(t("notes_title")),
    ...(said.notes[state.lang] ?? []).map((note) => smallPrint(`· ${note}`)),
    ...(meta.tiles ? [head(t("basemap")), smallPrint(basemapSaid())] : []),
    ...scorecards(),
    head(t("sources_title")),
    smallPrint(said.sources.join(" · ")),
    smallPrint(
      [`layoutplan ${said.version}`, said.run_id && `${t("run_id")} ${said.run_id}`]
        .filter(Boolean)
        .join(" · "),
    ),
  ];
};
// One scenario's scorecard is linked above the map; of several, each here.
const scorecards = () => {
  const linked = data.scenarios.filter((one) => one.meta.scorecard);
  return data.scenarios.length > 1 && linked.length
    ? [
        head(t("scorecard")),
        ...linked.map((one) =>
          make("p", {}, make("a", { class: "link", href: one.meta.scorecard }, scenarioName(one))),
        ),
      ]
    : [];
};
export const drawTabs = () =>
  refillIfChanged(byId("tabs"), [state.tab, state.lang], () =>
    TABS.map((tab) =>
      make(
        "button",
        {
          type: "button",
          role: "tab",
          id: `tab-${tab}`,
          "aria-controls": "panel",
          "aria-selected": String(state.tab === tab),
          tabindex: state.tab === tab ? "0" : "-1",
          onclick: () => openTab(tab),
        },
        t(`tab_${tab}`),
      ),
    ),
  );
const openTab = (tab) => {
  state.tab = tab;
  state.chosen = null;
  render();
  byId(`tab-${tab}`).focus();
};
export const tabKeys = (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step) {
    openTab(TABS[(TABS.indexOf(state.tab) + step + TABS.length) % TABS.length]);
  }
};
export const drawPanel = () => {
  const thing = state.chosen && chosenPanel(state.chosen);
  const nodes = thing ?? { overview, flags: flagList, whatif: switchList, about }[state.tab]();
  byId("panel").setAttribute("aria-labelledby", `tab-${state.tab}`);
  updateChildren(byId("panel"), nodes.filter(Boolean));
};
