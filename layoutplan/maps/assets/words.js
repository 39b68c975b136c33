// Words and numbers as people write them.
// {n:|row|rows} is the first word for 1, else the second.
const t = (key, params = {}) => (data.texts[state.lang][key] ?? key)
  .replace(/\{(\w+):\|([^|{}]*)\|([^|{}]*)\}/g, (_, name, one, other) => (String(params[name]) === "1" ? one : other))
  .replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
const has = (key) => key in data.texts[state.lang];
const stageName = (stage) => t(`stages.${stage}`);
const typeName = (type) => t(`stages.type.${type}`);
const code = (column, value) => data.texts[state.lang][`report.codes.${column}.${value}`] ?? value;
// A text of the tables, kept in both languages.
const told = (texts) => texts?.[state.lang] ?? null;
const missing = (value) => value === null || value === undefined;

const trimmed = (value, digits) => value.toFixed(digits).replace(/\.?0+$/, "");
// Made once: the browser takes as long to make one as to write a thousand numbers.
const grouping = new Intl.NumberFormat("en-US");
const whole = (value) => {
  if (missing(value)) return "–";
  const round = Math.round(value) || 0;
  if (state.lang === "zh" && Math.abs(round) >= 1e5) return `${trimmed(round / 1e4, 2)}万`;
  return grouping.format(round).replace("-", "−");
};
const signed = (value) => (missing(value) ? "–" : `${Math.round(value) > 0 ? "+" : ""}${whole(value)}`);
const money = (value, currency) => {
  if (missing(value)) return "–";
  const amount = state.lang === "zh"
    ? (Math.abs(value) >= 1e8 ? `${trimmed(value / 1e8, 2)}亿` : `${trimmed(value / 1e4, 0)}万`)
    : (Math.abs(value) >= 1e6 ? `${trimmed(value / 1e6, 1)} million` : whole(value));
  return state.lang === "zh" && currency === "CNY" ? `${amount}元` : `${amount} ${currency}`;
};
const metres = (value) => (missing(value) ? "–" : value >= 1000 ? t("km", { n: (value / 1000).toFixed(1) }) : t("m", { n: Math.round(value) }));
const area = (value) => (missing(value) ? "–" : t("square_metres", { n: whole(value) }));
const percent = (value) => (missing(value) ? "–" : `${Math.round(value * 100)}%`);
const ratio = (value) => (missing(value) ? "–" : value.toFixed(2));
const FORMATS = { percent, count: whole, metres, signed, ratio };
const scenarioName = (scenario) => (scenario.meta.scenario === "base" ? t("base_scenario")
  : (state.lang === "zh" ? scenario.meta.scenario_title.split(/[:：]/)[0] : "") || scenario.meta.scenario);
const variantName = (variant) => t(`variant_${variant}`);
const sideName = (side) => (data.scenarios.length > 1 ? `${scenarioName(scenarioOf(side))} · ` : "") + variantName(side.variant);
const cityName = () => (state.lang === "zh" ? meta.title : meta.title_en);
