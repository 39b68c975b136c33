// Words and numbers as people write them.
import { meta, scenarioOf, state } from "./state.js";

export const t = (key, params = {}) =>
  (data.texts[state.lang][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
export const has = (key) => key in data.texts[state.lang];
export const stageName = (stage) => t(`stages.${stage}`);
export const typeName = (type) => t(`stages.type.${type}`);
export const code = (column, value) => data.texts[state.lang][`report.codes.${column}.${value}`] ?? value;
// A text of the tables, kept in both languages.
export const inReadersLanguage = (texts) => texts?.[state.lang] ?? null;
export const missing = (value) => value === null || value === undefined;

const trimmed = (value, digits) => value.toFixed(digits).replace(/\.?0+$/, "");
// Made once: the browser takes as long to make one as to write a thousand numbers.
const grouping = new Intl.NumberFormat("en-US");
export const whole = (value) => {
  if (missing(value)) {
    return "–";
  }
  const round = Math.round(value) || 0;
  if (state.lang === "zh" && Math.abs(round) >= 1e5) {
    return `${trimmed(round / 1e4, 2)}万`;
  }
  return grouping.format(round).replace("-", "−");
};
export const signed = (value) =>
  missing(value) ? "–" : `${Math.round(value) > 0 ? "+" : ""}${whole(value)}`;
export const money = (value, currency) => {
  if (missing(value)) {
    return "–";
  }
  const amount = state.lang === "zh" ? amountInChinese(value) : amountInEnglish(value);
  return state.lang === "zh" && currency === "CNY" ? `${amount}元` : `${amount} ${currency}`;
};
const amountInChinese = (value) =>
  Math.abs(value) >= 1e8 ? `${trimmed(value / 1e8, 2)}亿` : `${trimmed(value / 1e4, 0)}万`;
const amountInEnglish = (value) =>
  Math.abs(value) >= 1e6 ? `${trimmed(value / 1e6, 1)} million` : whole(value);
export const metres = (value) => {
  if (missing(value)) {
    return "–";
  }
  return value >= 1000 ? t("km", { n: (value / 1000).toFixed(1) }) : t("m", { n: Math.round(value) });
};
export const area = (value) => (missing(value) ? "–" : t("square_metres", { n: whole(value) }));
export const percent = (value) => (missing(value) ? "–" : `${Math.round(value * 100)}%`);
export const ratio = (value) => (missing(value) ? "–" : value.toFixed(2));
export const FORMATS = { percent, count: whole, metres, signed, ratio };
export const scenarioName = (scenario) =>
  scenario.meta.scenario === "base"
    ? t("base_scenario")
    : (state.lang === "zh" ? scenario.meta.scenario_title.split(/[:：]/)[0] : "") || scenario.meta.scenario;
export const variantName = (variant) => t(`variant_${variant}`);
export const sideName = (side) =>
  (data.scenarios.length > 1 ? `${scenarioName(scenarioOf(side))} · ` : "") + variantName(side.variant);
export const proposalName = (item) => `${item.proposal_id} ${code("action", item.action)} · ${item.name}`;
export const cityName = () => (state.lang === "zh" ? meta.title : meta.title_en);
