// Words and numbers as people write them.
import { layoutOf, meta, scenarioOf, state } from "./state.js";

// {n:|row|rows} is the first word for 1, else the second.
export const t = (key, params = {}) =>
  (data.texts[state.lang][key] ?? key)
    .replace(/\{(\w+):\|([^|{}]*)\|([^|{}]*)\}/g, (_, name, one, other) =>
      String(params[name]) === "1" ? one : other,
    )
    .replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
export const has = (key) => key in data.texts[state.lang];
export const stageName = (stage) => t(`stages.${stage}`);
export const typeName = (type) => t(`stages.type.${type}`);
export const code = (column, value) => data.texts[state.lang][`report.codes.${column}.${value}`] ?? value;
// A text of the tables, kept in both languages.
export const inReadersLanguage = (texts) => texts?.[state.lang] ?? null;
// A name of the tables in the reader's language; one that both languages share is kept once.
const otherNames = {
  en: new Map(data.names),
  zh: new Map(data.names.map(([chinese, english]) => [english, chinese])),
};
for (const [chinese, english] of data.names) {
  // Two names may sound alike.
  if (otherNames.zh.get(english) !== chinese) {
    otherNames.zh.delete(english);
  }
}
export const named = (name) => otherNames[state.lang].get(name) ?? name;
export const missing = (value) => value === null || value === undefined;

// Made once: the browser takes as long to make one as to write a thousand numbers.
const grouping = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const grouping2 = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
// Numbers and money as layoutplan.texts writes them: to the nearest, halves away from zero.
const rounded = (value) => Math.sign(value) * Math.floor(Math.abs(value) + 0.5) || 0;
export const whole = (value) => {
  if (missing(value)) {
    return "–";
  }
  const round = rounded(value);
  const inTenThousands = state.lang === "zh" && Math.abs(round) >= 1e5;
  const text = inTenThousands ? `${grouping2.format(round / 1e4)}万` : grouping.format(round);
  return text.replace("-", "−");
};
export const signed = (value) => (missing(value) ? "–" : `${rounded(value) > 0 ? "+" : ""}${whole(value)}`);
// Money as layoutplan.outputs.wording writes it: in Chinese in 万元 or 亿元, in English in millions.
const decimals = [0, 1, 2].map(
  (digits) =>
    new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const STEPS_OF_MONEY = {
  zh: [
    [1e8, 2, "large"],
    [1e4, 0, "middle"],
  ],
  en: [[1e6, 1, "large"]],
};
export const money = (value, currency) => {
  if (missing(value)) {
    return "–";
  }
  const [scale, digits, step] = STEPS_OF_MONEY[state.lang].find(([from]) => Math.abs(value) >= from) ?? [
    1,
    0,
    "plain",
  ];
  const brief = rounded((value / scale) * 10 ** digits) / 10 ** digits;
  const name = has(`document.currency.${currency}`) ? t(`document.currency.${currency}`) : currency;
  return t(`document.figure.money_${step}`, { n: decimals[digits].format(brief || 0), currency: name });
};
// Amounts of a column, in the unit that its title says.
export const moneyTitle = (currency) => {
  const name = has(`document.currency.${currency}`) ? t(`document.currency.${currency}`) : currency;
  return t("cost_column", { currency: name });
};
export const moneyCell = (value) =>
  missing(value)
    ? "–"
    : decimals[state.lang === "zh" ? 0 : 1].format(value / (state.lang === "zh" ? 1e4 : 1e6));
// An amount to the last unit: the price of one thing.
export const unitPrice = (value, currency) => {
  const name = has(`document.currency.${currency}`) ? t(`document.currency.${currency}`) : currency;
  return t("document.figure.money_plain", { n: grouping.format(rounded(value)), currency: name });
};
export const metres = (value) => {
  if (missing(value)) {
    return "–";
  }
  return value >= 1000 ? t("km", { n: (value / 1000).toFixed(1) }) : t("m", { n: rounded(value) });
};
export const area = (value) => (missing(value) ? "–" : t("square_metres", { n: whole(value) }));
export const percent = (value) => (missing(value) ? "–" : `${rounded(value * 100)}%`);
export const ratio = (value) => (missing(value) ? "–" : value.toFixed(2));
export const FORMATS = { percent, count: whole, metres, signed, ratio };
export const scenarioName = (scenario) =>
  scenario.meta.scenario === "base"
    ? t("base_scenario")
    : (state.lang === "zh" ? scenario.meta.scenario_title.split(/[:：]/)[0] : "") || scenario.meta.scenario;
export const layoutName = (side) => layoutOf(side).title[state.lang];
export const sideName = (side) =>
  (data.scenarios.length > 1 ? `${scenarioName(scenarioOf(side))} · ` : "") + layoutName(side);
export const actionName = (item) => code("action", item.action);
export const proposalName = (item) => `${item.proposal_id} ${actionName(item)} · ${named(item.name)}`;
export const cityName = () => (state.lang === "zh" ? meta.title : meta.title_en);
