// The controls above the map. Each has a name, works by keyboard, and says what is chosen.
import { byId, make, refillIfChanged, say, setText } from "./elements.js";
import { measures, openingYears } from "./figures.js";
import { drawLabels } from "./labels.js";
import { tabKeys } from "./panel.js";
import { drawPrintChoice, endPrint, printNow } from "./print.js";
import { closeFound, search, searchKeys } from "./search.js";
import { compareWith, moveDivider } from "./sides.js";
import { render } from "./start.js";
import {
  answerOf,
  here,
  isFramed,
  layoutIds,
  meta,
  openParentsView,
  sideA,
  state,
  todayOf,
  writeAddress,
} from "./state.js";
import { downloadCsv, drawGrid, drawSheet, grid } from "./tables.js";
import { cityName, inReadersLanguage, layoutName, scenarioName, sideName, stageName, t } from "./words.js";

let timer = null;
const choices = (id, values, current, name, pick) => {
  const group = byId(id);
  const held = group.contains(document.activeElement);
  refillIfChanged(group, [values.map(name), current], () =>
    values.map((entry) =>
      make(
        "button",
        {
          type: "button",
          role: "radio",
          "aria-checked": String(entry === current),
          tabindex: entry === current ? "0" : "-1",
          onclick: () => pick(entry),
        },
        name(entry),
      ),
    ),
  );
  group.hidden = values.length === 0;
  group.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      pick(values[(values.indexOf(current) + step + values.length) % values.length]);
    }
  };
  if (held) {
    group.querySelector("[aria-checked=true]")?.focus();
  }
};
const pickLayout = (layout) => {
  state.layout = layout;
  render();
};
const options = (id, entries, current, label) => {
  const node = byId(id);
  refillIfChanged(node, [entries, current, label], () =>
    entries.map(([key, name]) => make("option", { value: key, selected: key === current }, name)),
  );
  node.setAttribute("aria-label", label);
};
export const drawControls = () => {
  document.documentElement.lang = state.lang === "zh" ? "zh-CN" : "en";
  for (const node of document.querySelectorAll("[data-text]")) {
    setText(node, t(node.dataset.text));
  }
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    node.title = t(node.dataset.label);
  }
  document.title = `${cityName()} · ${t("product")}`;
  refillIfChanged(byId("title"), state.lang, () => [cityName(), make("small", {}, t("product"))]);
  const told = state.parents ? t("parents_explained") : inReadersLanguage(answerOf(sideA())?.answer);
  setText(byId("headline"), told ?? "");
  byId("scorecard").href = here().meta.scorecard;
  byId("scorecard").hidden = !here().meta.scorecard;
  byId("find").placeholder = t("find_hint");
  byId("parents").setAttribute("aria-pressed", String(state.parents));
  choices("stages", meta.stages, state.stage, stageName, (stage) => {
    // A reader who has not chosen a year goes from the worst year of a stage to that of the other.
    const followed = !state.parents && state.year === answerOf(sideA())?.year;
    state.stage = stage;
    state.year = followed ? (answerOf(sideA())?.year ?? state.year) : state.year;
    state.chosen = null;
    render({ anew: true });
  });
  choices(
    "layouts",
    here().layouts.length > 1 ? layoutIds(here()) : [],
    state.layout,
    (layout) => layoutName({ scenario: state.scenario, layout }),
    pickLayout,
  );
  options(
    "scenario",
    data.scenarios.map((scenario, at) => [String(at), scenarioName(scenario)]),
    String(state.scenario),
    t("scenario"),
  );
  byId("scenario-field").hidden = data.scenarios.length < 2;
  options(
    "measure",
    measures().map((name) => [name, t(`measure_${name}`)]),
    state.measure,
    t("measure"),
  );
  const both = data.scenarios.flatMap((scenario, at) =>
    layoutIds(scenario).map((layout) => [`${at}~${layout}`, sideName({ scenario: at, layout })]),
  );
  options(
    "beside",
    [["", t("beside_none")], ...both],
    state.other ? `${state.other.scenario}~${state.other.layout}` : "",
    t("beside"),
  );
  Object.assign(byId("year"), { min: meta.years[0], max: meta.years.at(-1), value: state.year });
  byId("year").setAttribute("aria-valuetext", String(state.year));
  setText(byId("year-shown"), String(state.year));
  drawOpenings();
  setText(byId("play"), timer ? "❚❚" : "▶");
  byId("play").setAttribute("aria-pressed", String(Boolean(timer)));
  setText(byId("side-a"), sideName(sideA()));
  setText(byId("side-b"), state.other ? sideName(state.other) : "");
};
// A mark below the slider for each year in which something built for the stage opens.
const drawOpenings = () => {
  const years = state.parents ? [] : openingYears(sideA());
  refillIfChanged(byId("openings"), years, () =>
    years.map((year) => {
      const mark = make("i");
      mark.style.left = `${((year - meta.years[0]) / (meta.years.at(-1) - meta.years[0] || 1)) * 100}%`;
      return mark;
    }),
  );
  byId("timeline").title = years.length ? t("opening_years", { years: years.join(", ") }) : "";
};
export const setYear = (year) => {
  state.year = Number(year);
  render();
};
const stop = () => {
  clearInterval(timer);
  timer = null;
};
const play = () => {
  if (timer) {
    stop();
  } else {
    timer = setInterval(
      () => setYear(state.year >= meta.years.at(-1) ? meta.years[0] : state.year + 1),
      1100,
    );
  }
  drawControls();
};
const pickScenario = (at) => {
  state.scenario = at;
  state.off = new Set();
  state.chosen = null;
  if (!layoutIds(here()).includes(state.layout)) {
    state.layout = todayOf(here());
  }
  render({ anew: true });
};
const copyAddress = async () => {
  writeAddress();
  try {
    await navigator.clipboard.writeText(location.href);
    say(t("address_copied"));
  } catch {
    say(t("address_in_bar"));
  }
  byId("note").textContent = byId("said").textContent;
  byId("note").hidden = false;
  setTimeout(() => {
    byId("note").hidden = true;
  }, 2500);
};
const openDialog = (id, draw) => {
  draw();
  byId(id).showModal();
};
export const wire = () => {
  byId("fold").addEventListener("click", ({ currentTarget }) => {
    const open = currentTarget.getAttribute("aria-expanded") === "true";
    currentTarget.setAttribute("aria-expanded", String(!open));
  });

  byId("language").onclick = () => {
    state.lang = state.lang === "zh" ? "en" : "zh";
    render({ anew: true });
  };
  byId("parents").onclick = () => {
    if (state.parents) {
      state.parents = false;
      state.year = answerOf(sideA())?.year ?? state.year;
    } else {
      stop();
      openParentsView();
      state.chosen =
        state.chosen && ["zone", "school", "place"].includes(state.chosen.kind) ? state.chosen : null;
    }
    render({ anew: true });
  };
  byId("measure").onchange = (event) => {
    state.measure = event.target.value;
    render();
  };
  byId("scenario").onchange = (event) => pickScenario(Number(event.target.value));
  byId("beside").onchange = (event) => {
    const [at, layout] = event.target.value.split("~");
    compareWith(layout ? { scenario: Number(at), layout } : null);
  };
  byId("year").oninput = (event) => setYear(event.target.value);
  byId("play").onclick = play;
  byId("tabs").onkeydown = tabKeys;
  byId("find").oninput = search;
  byId("find").onkeydown = searchKeys;
  byId("find").onblur = () => setTimeout(closeFound, 150);
  byId("open-table").onclick = () => openDialog("sheet", drawSheet);
  byId("open-print").onclick = () => openDialog("print-choice", drawPrintChoice);
  byId("share").onclick = copyAddress;
  byId("share").hidden = isFramed;
  byId("print-now").onclick = printNow;
  window.onafterprint = endPrint;
  byId("grid-what").onchange = (event) => {
    Object.assign(grid, { what: event.target.value, sorted: false, by: 0 });
    drawGrid();
  };
  byId("grid-filter").oninput = (event) => {
    grid.text = event.target.value;
    drawGrid();
  };
  byId("grid-csv").onclick = downloadCsv;
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").onclick = () => dialog.close();
  }
  const swipe = byId("swipe-at");
  swipe.oninput = () => {
    moveDivider(Number(swipe.value) / 100);
    drawLabels();
  };
};
