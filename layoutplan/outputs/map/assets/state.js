// What the reader has chosen. Everything drawn follows from the payload (data) and this state.
import { large } from "./canvas.js";
import { measures } from "./figures.js";
import { TABS } from "./panel.js";
import { switchKeys } from "./switches.js";

export const style = data.style;
export const meta = data.scenarios[0].meta;
// The page opens on the stage and the year that are worst; the answers are in that order.
const [worst] = data.scenarios[0].answers;
export const state = {
  lang: data.lang,
  scenario: 0,
  layout: data.scenarios[0].layouts[0].id,
  stage: worst.stage,
  year: worst.year,
  measure: "utilisation",
  tab: "overview",
  chosen: null,
  spot: null,
  other: null,
  off: new Set(),
  tiles: true,
  // What a parent looks for: the catchment and its schools as they are, without figures and proposals.
  parents: false,
};
export let map = null;
export const setMap = (leafletMap) => {
  map = leafletMap;
};

// A side of the map: which scenario and layout it shows. B is there only while two are compared.
export const sideA = () => ({ scenario: state.scenario, layout: state.layout });
export const sides = () => (state.other ? [sideA(), state.other] : [sideA()]);
export const scenarioOf = (side) => data.scenarios[side.scenario];
export const here = () => data.scenarios[state.scenario];
export const answerOf = (side) => scenarioOf(side).answers.find((one) => one.stage === state.stage);

// The layouts of a scenario; the first is today's, and one may be that of the proposals.
export const layoutIds = (scenario) => scenario.layouts.map((one) => one.id);
export const todayOf = (scenario) => scenario.layouts[0].id;
export const proposalsLayout = (scenario) => scenario.layouts.find((one) => one.proposals)?.id;
export const layoutOf = (side) => scenarioOf(side).layouts.find((one) => one.id === side.layout);
export const isToday = (side) => side.layout === todayOf(scenarioOf(side));
export const showsProposals = (side) => layoutOf(side).proposals;

export const openParentsView = () => {
  Object.assign(state, {
    parents: true,
    layout: todayOf(here()),
    year: meta.base_year,
    tab: "overview",
    other: null,
    off: new Set(),
  });
};

// ---- the address: a view that can be sent to someone ----
const KINDS = ["zone", "school", "hotspot", "proposal", "place", "move", "measure"];
const isPlace = (id) => {
  const at = id.split(",").map(Number);
  return at.length === 2 && at.every(Number.isFinite);
};
const chosenIn = (text) => {
  const [kind, ...rest] = text.split("~");
  const id = rest.join("~");
  const known = KINDS.includes(kind) && rest.length > 0 && (kind !== "place" || isPlace(id));
  return known ? { kind, id } : null;
};
export const readAddress = () => {
  const given = new URLSearchParams(location.hash.slice(1));
  const pick = (name, allowed) => (allowed.includes(given.get(name)) ? given.get(name) : null);
  const scenario = data.scenarios.findIndex((one) => one.meta.scenario === given.get("scenario"));
  if (scenario >= 0) {
    state.scenario = scenario;
  }
  state.lang = pick("lang", Object.keys(data.texts)) ?? state.lang;
  state.stage = pick("stage", meta.stages) ?? state.stage;
  state.layout = pick("plan", layoutIds(here())) ?? state.layout;
  state.measure = pick("show", measures()) ?? state.measure;
  // An address that names a view but no year means the target year.
  const named = [...given.keys()].some((key) => key !== "lang");
  state.year = Number(pick("year", meta.years.map(String)) ?? (named ? meta.target_year : state.year));
  state.tab = pick("tab", TABS) ?? state.tab;
  state.tiles = given.get("tiles") !== "off";
  if (given.get("view") === "parents") {
    openParentsView();
  }
  if (given.get("off")) {
    state.off = new Set(
      given
        .get("off")
        .split(",")
        .filter((key) => switchKeys().includes(key)),
    );
  }
  const [other, plan] = (given.get("beside") ?? "").split("~");
  const at = data.scenarios.findIndex((one) => one.meta.scenario === other);
  if (at >= 0 && layoutIds(data.scenarios[at]).includes(plan)) {
    state.other = { scenario: at, layout: plan };
  }
  state.chosen = chosenIn(given.get("open") ?? "");
  if (state.chosen?.kind === "place") {
    state.spot = state.chosen.id.split(",").map(Number);
  }
  return (given.get("at") ?? "").split(",").map(Number);
};
let addressDue = 0;
// Telling the browser takes as long as drawing does in a page of a large city: it is told when nothing moves
// any more.
export const writeAddress = () => {
  clearTimeout(addressDue);
  if (large) {
    addressDue = setTimeout(tellAddress, 300);
  } else {
    tellAddress();
  }
};
// A page inside a notebook's frame has no address of its own.
export const isFramed = location.protocol === "about:";
const tellAddress = () => {
  if (isFramed) {
    return;
  }
  const centre = map.getCenter();
  const { scenario, layout } = state.other ?? {};
  const said = {
    scenario: here().meta.scenario,
    stage: state.stage,
    year: state.year,
    plan: state.layout,
    show: state.measure,
    lang: state.lang,
    tab: state.tab,
    off: [...state.off].join(","),
    tiles: meta.tiles && !state.tiles ? "off" : "",
    view: state.parents ? "parents" : "",
    open: state.chosen ? `${state.chosen.kind}~${state.chosen.id}` : "",
    beside: state.other ? `${data.scenarios[scenario].meta.scenario}~${layout}` : "",
    at: [centre.lat.toFixed(5), centre.lng.toFixed(5), map.getZoom()].join(","),
  };
  const address = new URLSearchParams(Object.entries(said).filter(([, value]) => value !== ""));
  history.replaceState(null, "", `#${address}`);
};
