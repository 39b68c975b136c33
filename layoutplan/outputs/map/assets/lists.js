// The list of flags with its filters, and the switches of the what-if.
import { button, byId, head, longTable, make, row, smallPrint, table } from "./elements.js";
import { RINGED, schoolOf, value, zonesIn } from "./figures.js";
import { headline } from "./panel.js";
import { matches } from "./search.js";
import { render } from "./start.js";
import { here, meta, proposalsLayout, sideA, state, todayOf } from "./state.js";
import { baseAt, cityNow, committedChanges, countedSeatsOf } from "./switches.js";
import { choose } from "./things.js";
import { code, missing, named, proposalName, signed, stageName, t, whole } from "./words.js";

const flagFilter = { rule: "", text: "", ring: false };
export const flagList = () => {
  const side = sideA();
  const all = here().flags.filter((flag) => !flag.stage || flag.stage === state.stage);
  const rules = [...new Set(all.map((flag) => flag.rule))];
  const body = make("div");
  const due = new Map(
    here().ledger.map((entry) => [`${entry.school_id}|${entry.rule}|${entry.stage ?? ""}`, entry]),
  );
  const fill = () => {
    const shown = all.filter(
      (flag) =>
        (!flagFilter.rule || flag.rule === flagFilter.rule) &&
        (!flagFilter.ring || RINGED.includes(flag.rule)) &&
        matches(
          { name: named(flag.name), pinyin: schoolOf(flag.school_id, side)?.pinyin ?? "" },
          flagFilter.text,
        ),
    );
    body.replaceChildren(
      smallPrint(t("flags_shown", { n: shown.length, all: all.length })),
      longTable(
        [[t("school")], [t("rule")], [t("value"), "n"], [t("limit"), "n"], [t("due_short"), "n"]],
        shown,
        (flag) =>
          row(
            [
              [named(flag.name)],
              [code("rule", flag.rule)],
              [whole(flag.value), "n"],
              [whole(flag.threshold), "n"],
              [due.get(`${flag.school_id}|${flag.rule}|${flag.stage ?? ""}`)?.due_year ?? "–", "n"],
            ],
            () => choose("school", flag.school_id, { fly: true }),
          ),
      ),
    );
  };
  const filters = make(
    "div",
    { class: "filters" },
    make("input", {
      type: "search",
      placeholder: t("filter_school"),
      "aria-label": t("filter_school"),
      value: flagFilter.text,
      oninput: (event) => {
        flagFilter.text = event.target.value;
        fill();
      },
    }),
    make(
      "select",
      {
        "aria-label": t("rule"),
        onchange: (event) => {
          flagFilter.rule = event.target.value;
          fill();
        },
      },
      make("option", { value: "" }, t("all_rules")),
      ...rules.map((rule) =>
        make("option", { value: rule, selected: rule === flagFilter.rule }, code("rule", rule)),
      ),
    ),
    make(
      "label",
      {},
      make("input", {
        type: "checkbox",
        checked: flagFilter.ring,
        onchange: (event) => {
          flagFilter.ring = event.target.checked;
          fill();
        },
      }),
      t("only_ringed"),
    ),
  );
  fill();
  return [make("h2", {}, t("flags_title", { n: all.length, year: meta.base_year })), filters, body];
};

const setSwitch = (key, on) => {
  if (on) {
    state.off.delete(key);
  } else {
    state.off.add(key);
  }
  if (key.startsWith("p.")) {
    state.layout = proposalsLayout(here()) ?? state.layout;
  }
  render();
  byId("panel")
    .querySelector(`[data-key="${CSS.escape(key)}"]`)
    ?.focus();
};
export const switchBox = (key, name) =>
  make(
    "label",
    { class: "switch" },
    make("input", {
      type: "checkbox",
      role: "switch",
      "data-key": key,
      checked: !state.off.has(key),
      onchange: (event) => setSwitch(key, event.target.checked),
    }),
    make("span", {}, name),
  );
const switchTable = () => {
  const side = sideA();
  const saved = { ...side, whole: true };
  const before = headline(saved);
  const then = headline(side);
  const fresh = cityNow(side);
  const first = cityNow(saved);
  const lines = [
    [t("seats"), first.seats, fresh.seats],
    [t("measure_balance"), first.seats - before.demand, fresh.seats - then.demand],
    [t("short_in_zones"), first.shortfall, fresh.shortfall],
  ];
  if (!missing(fresh.unserved)) {
    lines.push([t("measure_unserved"), first.unserved, fresh.unserved]);
  }
  return table(
    [
      [`${stageName(state.stage)} · ${state.year}`],
      [t("all_on"), "n"],
      [t("as_switched"), "n"],
      [t("difference"), "n"],
    ],
    lines.map(([name, a, b]) => row([[name], [whole(a), "n"], [whole(b), "n"], [signed(b - a), "n"]])),
  );
};
const affectedZones = () => {
  const side = sideA();
  const saved = { ...side, whole: true };
  return zonesIn(state.stage, side)
    .map((zone) => [zone, value(zone, saved, "balance"), value(zone, side, "balance")])
    .filter(([, a, b]) => Math.abs((a ?? 0) - (b ?? 0)) >= 0.5);
};
export const switchList = () => {
  const changes = committedChanges(here());
  const changed = affectedZones();
  const items = here().proposals;
  return [
    make("h2", {}, t("whatif_title")),
    smallPrint(t("whatif_explained")),
    switchTable(),
    state.off.size > 0 &&
      button(
        t("all_on_again"),
        () => {
          state.off.clear();
          render();
        },
        { class: "back" },
      ),
    changed.length > 0 && head(t("affected_title")),
    changed.length > 0 &&
      table(
        [[t("where")], [t("all_on"), "n"], [t("as_switched"), "n"]],
        changed.map(([zone, a, b]) =>
          row([[named(zone.name)], [signed(a), "n"], [signed(b), "n"]], () =>
            choose("zone", zone.id, { fly: true }),
          ),
        ),
      ),
    items.length > 0 && head(t("proposals_title")),
    ...items.map((item) =>
      switchBox(`p.${item.proposal_id}`, `${proposalName(item)} · ${t("seats_n", { n: whole(item.seats) })}`),
    ),
    changes.length > 0 && head(t("committed_title")),
    ...changes.map((school) =>
      switchBox(`c.${school.id}`, `${named(school.name)} · ${committedSaid(school)}`),
    ),
    smallPrint(t("whatif_tolerance")),
  ];
};
const committedSaid = (school) =>
  Object.entries(school.stages)
    .map(([stage, of]) => {
      const seats = countedSeatsOf(of.figures[todayOf(here())]);
      const at = seats.findIndex((one, year) => year > baseAt && one !== seats[baseAt]);
      return at < 0
        ? null
        : t("change_said", {
            stage: stageName(stage),
            n: signed(seats[seats.length - 1] - seats[baseAt]),
            year: meta.years[at],
          });
    })
    .filter(Boolean)
    .join(" · ");
