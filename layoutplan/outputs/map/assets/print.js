// One landscape sheet, A4 or A3: title, map, legend, headline figures, scale bar, north arrow, sources, run.
import { byId, facts, make } from "./elements.js";
import { proposals } from "./figures.js";
import { drawLabels } from "./labels.js";
import { cards } from "./panel.js";
import { clipSides } from "./sides.js";
import { cityBounds } from "./start.js";
import { here, map, sideA, sides, state } from "./state.js";
import { basemapSaid, onTiles, tilesSettled } from "./tiles.js";
import { actionName, cityName, named, sideName, stageName, t, whole } from "./words.js";

const SHEETS = { A4: [277, 190], A3: [400, 277] };
export const reviewNumber = (number) => number && `${t("review_number")}: ${number}`;
// The rule stands in the last style sheet: the page's policy lets no other be added.
const setPaper = (paper) => {
  const sheet = document.styleSheets[document.styleSheets.length - 1];
  if (sheet.cssRules[0]?.type === CSSRule.PAGE_RULE) {
    sheet.deleteRule(0);
  }
  sheet.insertRule(`@page { size: ${paper} landscape; margin: 10mm; }`, 0);
};
const sheetChoice = { paper: "A4", number: "" };
const fitSheet = (seen) => {
  const whole = L.latLngBounds(cityBounds.getSouthWest(), cityBounds.getNorthEast());
  map.fitBounds(seen.contains(whole) ? whole : seen, { animate: false, padding: [4, 4] });
};
const layOut = async () => {
  const [wide, high] = SHEETS[sheetChoice.paper];
  const centre = map.getCenter();
  const seen = map.getBounds();
  const said = here().meta;
  setPaper(sheetChoice.paper);
  document.documentElement.style.setProperty("--sheet-wide", `${wide}mm`);
  document.documentElement.style.setProperty("--sheet-high", `${high}mm`);
  document.body.classList.add("printing");
  byId("sheet-title").replaceChildren(
    `${cityName()} · ${stageName(state.stage)} · ${state.year}`,
    make("small", {}, `${t(`measure_${state.measure}`)} · ${sides().map(sideName).join(" | ")}`),
  );
  byId("sheet-cards").replaceChildren(
    cards(sideA()),
    sheetChoice.paper !== "A4" && proposals(sideA()).length
      ? facts(
          proposals(sideA()).map((item) => [
            `${item.proposal_id} ${actionName(item)} ${named(item.name)}`,
            whole(item.seats),
          ]),
        )
      : "",
  );
  byId("sheet-foot").replaceChildren(
    make(
      "span",
      {},
      [
        t("rules_from", { profile: state.lang === "zh" ? said.profile_zh : said.profile_en }),
        t("sources_are", { sources: said.sources.join(" · ") }),
        onTiles() && basemapSaid(),
      ]
        .filter(Boolean)
        .join(" "),
    ),
    make(
      "span",
      {},
      [
        reviewNumber(sheetChoice.number || said.review_number),
        said.run_id && `${t("run_id")} ${said.run_id}`,
        `layoutplan ${said.version}`,
      ]
        .filter(Boolean)
        .join(" · "),
    ),
  );
  map.invalidateSize({ animate: false });
  fitSheet(seen);
  drawLabels();
  clipSides();
  await new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(done));
  });
  await tilesSettled();
  return () => {
    document.body.classList.remove("printing");
    map.invalidateSize({ animate: false });
    map.setView(centre, undefined, { animate: false });
    map.fitBounds(seen, { animate: false });
    drawLabels();
    clipSides();
  };
};
let undoPrint = null;
export const endPrint = () => {
  undoPrint?.();
  undoPrint = null;
};
export const printNow = async () => {
  byId("print-choice").close();
  sheetChoice.paper = byId("paper").value;
  sheetChoice.number = byId("review-number").value;
  undoPrint = await layOut();
  window.print();
};
export const drawPrintChoice = () => {
  byId("paper").replaceChildren(
    ...Object.keys(SHEETS).map((name) =>
      make("option", { value: name, selected: name === sheetChoice.paper }, t("paper_landscape", { name })),
    ),
  );
  byId("review-number").value = sheetChoice.number || here().meta.review_number;
};
