// One landscape sheet, A4 or A3: title, map, legend, headline figures, scale bar, north arrow, sources, run.
const SHEETS = { A4: [277, 190], A3: [400, 277] };
const reviewNumber = (number) => number && `${t("review_number")}: ${number}`;
// The rule stands in the last style sheet: the page's policy lets no other be added.
const setPaper = (paper) => {
  const sheet = document.styleSheets[document.styleSheets.length - 1];
  if (sheet.cssRules[0]?.type === CSSRule.PAGE_RULE) sheet.deleteRule(0);
  sheet.insertRule(`@page { size: ${paper} landscape; margin: 10mm; }`, 0);
};
const sheetMade = { paper: "A4", number: "" };
const fitSheet = (seen) => {
  const whole = L.latLngBounds(cityBounds.getSouthWest(), cityBounds.getNorthEast());
  map.fitBounds(seen.contains(whole) ? whole : seen, { animate: false, padding: [4, 4] });
};
const layOut = async () => {
  const [wide, high] = SHEETS[sheetMade.paper], centre = map.getCenter(), seen = map.getBounds(), said = here().meta;
  setPaper(sheetMade.paper);
  document.documentElement.style.setProperty("--sheet-wide", `${wide}mm`);
  document.documentElement.style.setProperty("--sheet-high", `${high}mm`);
  document.body.classList.add("printing");
  byId("sheet-title").replaceChildren(`${cityName()} · ${stageName(state.stage)} · ${state.year}`, make("small", {}, `${t(`measure_${state.measure}`)} · ${sides().map(sideName).join(" | ")}`));
  byId("sheet-cards").replaceChildren(cards(sideA()), sheetMade.paper !== "A4" && proposals(sideA()).length ? facts(proposals(sideA()).map((item) => [`${item.proposal_id} ${code("action", item.action)} ${item.name}`, whole(item.seats)])) : "");
  byId("sheet-foot").replaceChildren(make("span", {}, [t("rules_from", { profile: state.lang === "zh" ? said.profile_zh : said.profile_en }), t("sources_are", { sources: said.sources.join(" · ") }), onTiles() && basemapSaid()].filter(Boolean).join(" ")),
    make("span", {}, [reviewNumber(sheetMade.number || said.review_number), said.run_id && `${t("run_id")} ${said.run_id}`, `layoutplan ${said.version}`].filter(Boolean).join(" · ")));
  map.invalidateSize({ animate: false });
  fitSheet(seen);
  drawLabels();
  cut();
  await new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });
  await tilesSettled();
  return () => { document.body.classList.remove("printing"); map.invalidateSize({ animate: false }); map.setView(centre, undefined, { animate: false }); map.fitBounds(seen, { animate: false }); drawLabels(); cut(); };
};
let undoPrint = null;
const endPrint = () => { undoPrint?.(); undoPrint = null; };
const printNow = async () => {
  byId("print-choice").close();
  sheetMade.paper = byId("paper").value;
  sheetMade.number = byId("review-number").value;
  undoPrint = await layOut();
  window.print();
};
const drawPrintChoice = () => {
  byId("paper").replaceChildren(...Object.keys(SHEETS).map((name) => make("option", { value: name, selected: name === sheetMade.paper }, t("paper_landscape", { name }))));
  byId("review-number").value = sheetMade.number || here().meta.review_number;
};
