// Everything shown, as a table: to sort, to filter, to read aloud, to take away as CSV.
import { setYear } from "./controls.js";
import { button, byId, make, row } from "./elements.js";
import { figure, hotspots, proposals, schools, seatsAt, value, zoneFigure, zonesIn } from "./figures.js";
import { here, meta, sideA, state } from "./state.js";
import { switched } from "./switches.js";
import { choose } from "./things.js";
import {
  actionName,
  code,
  inReadersLanguage,
  metres,
  missing,
  money,
  named,
  percent,
  ratio,
  sideName,
  signed,
  stageName,
  t,
  typeName,
  whole,
} from "./words.js";

export const grid = { what: "zones", by: 0, down: false, text: "" };
const GRIDS = {
  zones: () => [
    [
      ["where"],
      ["demand", whole],
      ["seats", whole],
      ["measure_balance", signed],
      ["measure_utilisation", percent],
      ["measure_unserved", whole],
      ["measure_probability_short", percent],
      ["measure_share_within_radius", percent],
      ["measure_mean_walk_m", metres],
      ["measure_mean_access", ratio],
    ],
    zonesIn(state.stage, sideA()).map((zone) => {
      const side = sideA();
      return {
        go: () => choose("zone", zone.id, { fly: true }),
        cells: [
          named(zone.name),
          zoneFigure(zone, "demand", side),
          zoneFigure(zone, "seats", side),
          value(zone, side, "balance"),
          value(zone, side, "utilisation"),
          zoneFigure(zone, "unserved", side),
          value(zone, side, "probability_short"),
          zoneFigure(zone, "share_within_radius", side),
          zoneFigure(zone, "mean_walk_m", side),
          zoneFigure(zone, "mean_access", side),
        ],
      };
    }),
  ],
  schools: () => [
    [
      ["school"],
      ["type"],
      ["ownership"],
      ["status"],
      ["seats", whole],
      ["enrolment", whole],
      ["assigned", whole],
      ["spare", whole],
    ],
    schools(sideA()).map((school) => {
      const side = sideA();
      const of = school.stages[state.stage];
      const live = !switched(side);
      return {
        go: () => choose("school", school.id, { fly: true }),
        cells: [
          named(school.name),
          typeName(school.type),
          t(`stages.ownership.${school.ownership}`),
          code("status", school.status),
          seatsAt(school, state.stage, side),
          of.enrolment,
          live ? figure(of.figures, "assigned", side) : null,
          live ? figure(of.figures, "spare", side) : null,
        ],
      };
    }),
  ],
  hotspots: () => [
    [
      ["rank", whole],
      ["where"],
      ["pupils_short", whole],
      ["demand", whole],
      ["first_year", String],
      ["years_n", whole],
      ["hotspot_probability", percent],
      ["significance"],
      ["remedy"],
    ],
    hotspots(sideA()).map((spot) => ({
      go: () => choose("hotspot", spot.hotspot_id),
      cells: [
        spot.rank,
        named(spot.name),
        spot.pupils_short,
        spot.demand,
        spot.first_year,
        spot.years_short,
        spot.probability,
        t(spot.significant ? "significant" : "not_significant"),
        inReadersLanguage(spot.remedy),
      ],
    })),
  ],
  proposals: () => [
    [
      ["number"],
      ["what"],
      ["where"],
      ["type"],
      ["seats", whole],
      ["opening", String],
      ["assigned", whole],
      ["pupils_served", whole],
      ["cost", (n) => money(n, meta.currency)],
      ["why"],
    ],
    proposals(sideA()).map((item) => ({
      go: () => choose("proposal", item.proposal_id, { fly: true }),
      cells: [
        item.proposal_id,
        actionName(item),
        named(item.name),
        typeName(item.school_type),
        item.seats,
        item.target_year,
        item.target_year > here().meta.target_year ? null : item.assigned,
        item.target_year > here().meta.target_year ? null : item.pupils_served,
        item.cost,
        inReadersLanguage(item.reason),
      ],
    })),
  ],
  flags: () => [
    [
      ["school"],
      ["rule"],
      ["value", whole],
      ["limit", whole],
      ["excess", whole],
      ["seats_needed", whole],
      ["source"],
    ],
    here()
      .flags.filter((flag) => !flag.stage || flag.stage === state.stage)
      .map((flag) => ({
        go: () => choose("school", flag.school_id, { fly: true }),
        cells: [
          named(flag.name),
          code("rule", flag.rule),
          flag.value,
          flag.threshold,
          flag.excess_pupils,
          flag.seats_needed,
          flag.source,
        ],
      })),
  ],
  ledger: () => [
    [
      ["school"],
      ["rule"],
      ["opened", String],
      ["due_short", String],
      ["status"],
      ["remedy"],
      ["responsible"],
    ],
    here()
      .ledger.filter((entry) => !entry.stage || entry.stage === state.stage)
      .map((entry) => ({
        go: () => choose("school", entry.school_id, { fly: true }),
        cells: [
          named(entry.name),
          code("rule", entry.rule),
          entry.opened,
          entry.due_year,
          code("ledger_status", entry.status),
          inReadersLanguage(entry.remedy),
          entry.responsible_unit,
        ],
      })),
  ],
  late: () => [
    [["where"], ["first_occupancy", String], ["new_pupils", whole], ["school_from", String], ["remark"]],
    here()
      .late.filter((gap) => gap.stage === state.stage)
      .map((gap) => ({
        cells: [
          named(gap.name),
          gap.first_occupancy_year,
          gap.new_pupils,
          gap.school_year,
          inReadersLanguage(gap.remark),
        ],
      })),
  ],
  years: () => [
    [
      ["year", String],
      ["demand", whole],
      ["seats", whole],
      ["measure_balance", signed],
      ["measure_unserved", whole],
      ["measure_share_within_radius", percent],
      ["measure_mean_walk_m", metres],
      ["measure_mean_access", ratio],
    ],
    meta.years.map((year, at) => {
      const side = sideA();
      const get = (name) => figure(here().city[state.stage], name, side, at);
      return {
        go: () => setYear(year),
        cells: [
          year,
          get("demand"),
          get("seats"),
          get("balance"),
          get("unserved"),
          get("share_within_radius"),
          get("mean_walk_m"),
          get("mean_access"),
        ],
      };
    }),
  ],
};
const gridRows = () => {
  const [columns, rows] = GRIDS[grid.what]();
  const order = new Intl.Collator(state.lang === "zh" ? "zh-Hans-CN" : "en", { numeric: true });
  const kept = rows.filter(
    ({ cells }) =>
      !grid.text ||
      cells.some((cell) => typeof cell === "string" && cell.toLowerCase().includes(grid.text.toLowerCase())),
  );
  const compare = (a, b) => {
    const x = a.cells[grid.by];
    const y = b.cells[grid.by];
    if (missing(x) || missing(y)) {
      return missing(x) - missing(y);
    }
    return (typeof x === "number" ? x - y : order.compare(x, y)) * (grid.down ? -1 : 1);
  };
  return [columns, grid.sorted ? kept.sort(compare) : kept];
};
export const drawGrid = () => {
  const [columns, rows] = gridRows();
  const say = (cell, [, format = (text) => text]) => (missing(cell) ? "–" : format(cell));
  const sortedBy = (at) => grid.sorted && grid.by === at;
  const sortedAs = (at, up, down, not) => {
    if (!sortedBy(at)) {
      return not;
    }
    return grid.down ? down : up;
  };
  const heads = columns.map(([name, number], at) =>
    make(
      "th",
      {
        scope: "col",
        class: number ? "n" : null,
        "aria-sort": sortedAs(at, "ascending", "descending", "none"),
      },
      button(
        `${t(name)}${sortedAs(at, " ▲", " ▼", "")}`,
        () => {
          grid.down = sortedBy(at) ? !grid.down : Boolean(number);
          grid.by = at;
          grid.sorted = true;
          drawGrid();
          byId("grid").querySelectorAll("th button")[at].focus();
        },
        { class: "sort" },
      ),
    ),
  );
  byId("grid").replaceChildren(
    make(
      "table",
      {},
      make(
        "caption",
        {},
        [
          t(`grid_${grid.what}`),
          stageName(state.stage),
          state.year,
          sideName(sideA()),
          t("rows_n", { n: rows.length }),
        ].join(" · "),
      ),
      make("thead", {}, make("tr", {}, ...heads)),
      make(
        "tbody",
        {},
        ...rows.map(({ cells, go }) =>
          row(
            cells.map((cell, at) => [say(cell, columns[at]), columns[at][1] ? "n" : null]),
            go &&
              (() => {
                byId("sheet").close();
                go();
              }),
          ),
        ),
      ),
    ),
  );
};
export const drawSheet = () => {
  byId("grid-what").replaceChildren(
    ...Object.keys(GRIDS).map((name) =>
      make("option", { value: name, selected: name === grid.what }, t(`grid_${name}`)),
    ),
  );
  byId("grid-what").setAttribute("aria-label", t("grid_what"));
  byId("grid-filter").setAttribute("aria-label", t("filter"));
  byId("grid-filter").placeholder = t("filter");
  drawGrid();
};
// A cell a spreadsheet would take for a formula is written behind an apostrophe.
const csvCell = (cell) => {
  if (missing(cell)) {
    return "";
  }
  const text = typeof cell === "string" && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const csvText = () => {
  const [columns, rows] = gridRows();
  const lines = [columns.map(([name]) => csvCell(t(name))), ...rows.map(({ cells }) => cells.map(csvCell))];
  return `\ufeff${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
};
export const downloadCsv = () => {
  const address = URL.createObjectURL(new Blob([csvText()], { type: "text/csv;charset=utf-8" }));
  const link = make("a", {
    href: address,
    download: `${t(`grid_${grid.what}`)}-${stageName(state.stage)}-${state.year}.csv`,
  });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
};
