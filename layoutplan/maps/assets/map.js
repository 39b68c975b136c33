// The page's own script: draws the payload on folium's map and answers the controls. Text is only set as text.
"use strict";
const layoutplan = (() => {
  const data = JSON.parse(document.getElementById("payload").textContent);
  const { meta, style } = data;
  const state = { lang: data.lang, stage: meta.stages.includes("primary") ? "primary" : meta.stages[0],
    variant: "baseline", year: meta.target_year, measure: "utilisation", chosen: null };
  const STEP = 1e-5;
  let map, zoneLayer, markLayer, hotLayer, dotLayer, timer = null;
  const zoneShapes = new Map(), schoolMarks = new Map();

  // ---- words and numbers ----
  const t = (key, params = {}) => (data.texts[state.lang][key] ?? key)
    .replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "");
  const stageName = (stage) => t(`stages.${stage}`);
  const code = (column, value) => data.texts[state.lang][`report.codes.${column}.${value}`] ?? value;
  const missing = (value) => value === null || value === undefined;
  const whole = (value) => {
    if (missing(value)) return "–";
    const round = Math.round(value);
    if (state.lang === "zh" && Math.abs(round) >= 100000) return `${(round / 1e4).toFixed(2).replace(/\.?0+$/, "")}万`;
    return round.toLocaleString("en-US");
  };
  const money = (value) => state.lang === "zh" && Math.abs(value) >= 1e8 ? `${(value / 1e8).toFixed(2)}亿` : whole(value);
  const metres = (value) => missing(value) ? "–" : value >= 1000 ? t("km", { n: (value / 1000).toFixed(1) }) : t("m", { n: Math.round(value) });
  const percent = (value) => missing(value) ? "–" : `${Math.round(value * 100)}%`;
  const FORMATS = { percent, count: whole, metres };

  // ---- elements ----
  const make = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== false && !missing(value)) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => !missing(child)));
    return node;
  };
  const svg = (tag, attributes = {}, ...children) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const byId = (id) => document.getElementById(id);

  // ---- geometry ----
  const points = (path) => {
    const found = []; let x = 0, y = 0;
    for (let i = 0; i < path.length; i += 2) { x += path[i]; y += path[i + 1]; found.push([y * STEP, x * STEP]); }
    return found;
  };
  const polygon = (shape) => shape.map((part) => part.map(points));
  const place = (at) => [at[1] * STEP, at[0] * STEP];

  // ---- figures ----
  const index = () => meta.years.indexOf(state.year);
  const figure = (series, name) => { const of = series?.[state.variant] ?? series?.baseline; return of?.[name]?.[index()] ?? null; };
  const value = (zone, measure = state.measure) => {
    const seats = figure(zone.figures, "seats"), demand = figure(zone.figures, "demand");
    if (measure === "utilisation") return seats > 0 ? demand / seats : null;
    if (measure === "balance") return missing(seats) || missing(demand) ? null : seats - demand;
    return figure(zone.figures, measure);
  };
  const colour = (zone) => {
    const shown = value(zone);
    if (missing(shown)) return state.measure === "utilisation" && figure(zone.figures, "demand") > 0 ? style.fixed.no_seats : style.fixed.no_value;
    const { breaks, colours } = style.measures[state.measure];
    return colours[breaks.filter((edge) => shown >= edge).length];
  };
  const format = (shown, measure = state.measure) => FORMATS[style.measures[measure].format](shown);
  const zones = () => data.zones.filter((zone) => zone.stage === state.stage);
  const schools = () => data.schools.filter((school) => school.stages[state.stage] && (school.status !== "proposed" || state.variant === "proposed")
    && ((figure(school.stages[state.stage], "seats") ?? 0) > 0 || school.stages[state.stage].enrolment > 0));
  const flagsOf = (school) => data.flags.filter((flag) => flag.school_id === school.id);
  // A ring is for what must be cleared; a mean class just above the cap is listed, not ringed.
  const RINGED = ["oversized_school", "oversized_class", "severely_oversized_class"];
  const ringed = (flags) => flags.some((flag) => RINGED.includes(flag.rule) && (!flag.stage || flag.stage === state.stage));
  const hotspots = () => data.hotspots.filter((spot) => spot.stage === state.stage);
  const proposals = () => data.proposals.filter((item) => (item[`seats_${state.stage}`] ?? 0) > 0);

  // ---- map ----
  const ROAD_WEIGHTS = { motorway: 3, expressway: 3, trunk: 2.4, primary: 2, secondary: 1.5, tertiary: 1.2 };
  const drawGround = () => {
    const canvas = L.canvas({ pane: "ground" });
    for (const area of data.ground.districts) L.polygon(polygon(area.shape), { pane: "ground", renderer: canvas, color: "#8c8273", weight: 2, dashArray: "6 4", fill: false, interactive: false }).addTo(map);
    for (const [rank, paths] of Object.entries(data.ground.roads)) {
      const weight = ROAD_WEIGHTS[rank.toLowerCase()] ?? 0.7;
      L.polyline(paths.map(points), { renderer: canvas, pane: "ground", color: weight > 2 ? "#9a9082" : "#b9b2a6", weight, interactive: false, opacity: weight > 1 ? .9 : .65 }).addTo(map);
    }
    for (const barrier of data.ground.barriers) {
      const look = barrier.kind === "river" ? { color: "#6aa6d6", weight: 4 } : barrier.kind === "railway" ? { color: "#444", weight: 2, dashArray: "9 5" } : { color: "#7d6f5c", weight: 3 };
      L.polyline(barrier.lines.map(points), { renderer: canvas, pane: "ground", interactive: false, ...look }).addTo(map);
    }
  };
  const drawZones = () => {
    zoneLayer.clearLayers(); zoneShapes.clear();
    for (const zone of zones()) {
      const shape = L.polygon(polygon(zone.shape), { pane: "zones", weight: 1.2, color: "#4a4a4a", fillOpacity: .72 });
      shape.bindTooltip(() => tooltip(zone.name, [[t(`measure_${state.measure}`), format(value(zone))], [t("demand"), whole(figure(zone.figures, "demand"))], [t("seats"), whole(figure(zone.figures, "seats"))]]), { sticky: true });
      shape.on("click", () => choose("zone", zone.id));
      zoneLayer.addLayer(shape); zoneShapes.set(zone.id, shape); focusable(shape, zone.name, () => choose("zone", zone.id));
    }
  };
  const paintZones = () => zones().forEach((zone) => {
    const chosen = state.chosen?.kind === "zone" && state.chosen.id === zone.id;
    const shape = zoneShapes.get(zone.id);
    shape.setStyle({ fillColor: colour(zone), weight: chosen ? 4 : 1.2, color: chosen ? "#111" : "#4a4a4a" });
    if (chosen) shape.bringToFront();
  });
  const radius = (seats) => Math.max(5, Math.min(15, Math.sqrt(seats || 0) / 3.2));
  const drawMarks = () => {
    markLayer.clearLayers(); schoolMarks.clear();
    for (const school of schools()) {
      if (!school.at.length) continue;
      const series = school.stages[state.stage], flags = flagsOf(school);
      const size = radius(figure(series, "seats"));
      const mark = L.circleMarker(place(school.at), { pane: "marks", radius: size, weight: ringed(flags) ? 3.5 : 1.5, color: ringed(flags) ? style.schools.flag : "#fff",
        fillColor: school.counts ? style.schools[school.type] ?? "#666" : "#fff", fillOpacity: school.counts ? .95 : .85, dashArray: school.status === "committed" ? "3 3" : null });
      if (!school.counts) mark.setStyle({ color: ringed(flags) ? style.schools.flag : style.schools[school.type] ?? "#666" });
      mark.bindTooltip(() => tooltip(school.name, [[t("seats"), whole(figure(series, "seats"))], [t("enrolment"), whole(series.enrolment)], [t("assigned"), whole(figure(series, "assigned"))], ...flags.slice(0, 3).map((flag) => ["⚑", code("rule", flag.rule)])]));
      mark.on("click", () => choose("school", school.id));
      markLayer.addLayer(mark); schoolMarks.set(school.id, mark); focusable(mark, school.name, () => choose("school", school.id));
    }
    if (state.variant === "proposed") for (const item of proposals()) {
      const size = 30, icon = L.divIcon({ className: "mark", iconSize: [size, size], html: star(item.action).outerHTML });
      const mark = L.marker(place(item.at), { icon, pane: "stars", title: item.name, alt: item.name, keyboard: true });
      mark.bindTooltip(() => tooltip(`${item.proposal_id} ${item.name}`, [[code("action", item.action), t(`stages.type.${item.school_type}`)], [t("seats"), whole(item.seats)], [t("pupils_served"), whole(item.pupils_served)]]));
      mark.on("click", () => choose("proposal", item.proposal_id));
      markLayer.addLayer(mark);
    }
  };
  const star = (action) => svg("svg", { width: 30, height: 30, viewBox: "-15 -15 30 30" },
    action === "new" ? svg("path", { d: "M0-13 3.6-4.4 12.6-3.9 5.6 1.9 7.9 10.7 0 5.8-7.9 10.7-5.6 1.9-12.6-3.9-3.6-4.4Z", fill: "#ffd400", stroke: "#111", "stroke-width": 1.6 })
      : svg("path", { d: "M-4-11H4V-4H11V4H4V11H-4V4H-11V-4H-4Z", fill: "#ffd400", stroke: "#111", "stroke-width": 1.6 }));
  const drawHotspots = () => {
    hotLayer.clearLayers();
    for (const spot of hotspots()) {
      const shape = L.polygon(polygon(spot.shape), { pane: "hot", color: "#7a0177", weight: 2.5, dashArray: "7 4", fill: false });
      shape.bindTooltip(() => tooltip(`${spot.rank} · ${spot.name}`, [[t("pupils_short"), whole(spot.pupils_short)], [t("first_year"), spot.first_year ?? "–"]]), { sticky: true });
      shape.on("click", () => choose("hotspot", spot.hotspot_id)); hotLayer.addLayer(shape);
    }
  };
  const drawDots = () => {
    dotLayer.clearLayers();
    for (const unit of data.unserved) {
      const pupils = unit.stage === state.stage ? figure(unit.figures, "unserved") : 0;
      if (pupils > .5) dotLayer.addLayer(L.circleMarker(place(unit.at), { renderer: dotCanvas, pane: "dots", radius: Math.min(9, 1.4 + Math.sqrt(pupils) * .8), weight: 0, fillColor: "#7a0177", fillOpacity: .65, interactive: false }));
    }
  };
  let dotCanvas;
  const focusable = (layer, name, go) => layer.on("add", () => {
    const node = layer.getElement?.(); if (!node) return;
    node.setAttribute("tabindex", "0"); node.setAttribute("role", "button"); node.setAttribute("aria-label", name);
    node.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); go(); } });
  });
  const tooltip = (title, rows) => { const node = make("div", {}, make("b", {}, title)); rows.forEach(([name, text]) => node.append(make("div", {}, `${name}: ${text}`))); return node; };

  // ---- panel ----
  const table = (heads, rows) => make("table", {}, make("thead", {}, make("tr", {}, ...heads.map(([name, kind]) => make("th", { class: kind, scope: "col" }, name)))), make("tbody", {}, ...rows));
  const row = (cells, go) => {
    const node = make("tr", go ? { class: "go", tabindex: "0", onclick: go, onkeydown: (event) => { if (event.key === "Enter") go(); } } : {});
    cells.forEach(([text, kind]) => node.append(make("td", { class: kind }, text)));
    return node;
  };
  const card = (name, text, look = "") => make("div", { class: `card ${look}` }, name, make("b", {}, text));
  const chart = (lines, bars) => {
    const W = 340, H = 150, left = 40, bottom = 20, top = 10, years = meta.years;
    const all = [...lines.flatMap((line) => line.values), ...bars].filter((v) => !missing(v)), most = Math.max(1, ...all) * 1.08;
    const x = (i) => left + (i + .5) * (W - left - 6) / years.length, y = (v) => H - bottom - v / most * (H - bottom - top);
    const node = svg("svg", { viewBox: `0 0 ${W} ${H}`, class: "chart", role: "img", "aria-label": t("chart_label") });
    const width = (W - left - 6) / years.length * .62;
    [0, .5, 1].forEach((share) => { const v = most / 1.08 * share, text = svg("text", { x: left - 4, y: y(v) + 3, "text-anchor": "end" }); text.textContent = whole(v);
      node.append(svg("line", { x1: left, x2: W - 6, y1: y(v), y2: y(v), stroke: "#e3e6ea" }), text); });
    bars.forEach((v, i) => { if (!missing(v)) node.append(svg("rect", { x: x(i) - width / 2, width, y: y(v), height: Math.max(0, H - bottom - y(v)), fill: years[i] === state.year ? "#9ecae1" : "#d4e4f1" })); });
    lines.forEach(({ values, colour: stroke }) => node.append(svg("polyline", { points: values.map((v, i) => missing(v) ? "" : `${x(i)},${y(v)}`).join(" "), fill: "none", stroke, "stroke-width": 2.4 })));
    const every = Math.ceil(years.length / 8);
    years.forEach((year, i) => { if (i % every === 0 || year === state.year) { const text = svg("text", { x: x(i), y: H - 6, "text-anchor": "middle", "font-weight": year === state.year ? 700 : 400 }); text.textContent = year; node.append(text); } });
    return make("div", {}, node, make("p", { class: "soft" }, t("chart_key")));
  };
  const series = (of, name) => (of?.[state.variant] ?? of?.baseline)?.[name] ?? meta.years.map(() => null);
  const facts = (rows) => make("table", {}, make("tbody", {}, ...rows.filter(Boolean).map(([name, text]) => row([[name], [text, "n"]]))));
  const back = () => make("button", { type: "button", class: "back", onclick: () => choose(null) }, `← ${t("overview")}`);

  const overview = () => {
    const of = data.city[state.stage], get = (name) => figure(of, name), balance = get("balance");
    const nodes = [make("h2", {}, `${stageName(state.stage)} · ${state.year}`),
      make("div", { class: "cards" }, card(t("demand"), whole(get("demand"))), card(t("seats"), whole(get("seats"))),
        card(t(balance < 0 ? "net_short" : "net_spare"), whole(Math.abs(balance ?? 0)), balance < 0 ? "bad" : "good"),
        card(t("measure_unserved"), whole(get("unserved")), get("unserved") >= 1 ? "bad" : "good"),
        card(t("measure_share_within_radius"), percent(get("share_within_radius"))), card(t("measure_mean_walk_m"), metres(get("mean_walk_m")))),
      chart([{ values: series(of, "demand"), colour: "#b2182b" }], series(of, "seats"))];
    if (hotspots().length) nodes.push(make("h3", {}, t("hotspots_title", { year: meta.target_year })), table([["#"], [t("where")], [t("pupils_short"), "n"], [t("first_year"), "n"]],
      hotspots().map((spot) => row([[spot.rank], [spot.name], [whole(spot.pupils_short), "n"], [spot.first_year ?? "–", "n"]], () => choose("hotspot", spot.hotspot_id)))));
    nodes.push(make("h3", {}, t("proposals_title", { year: meta.target_year })));
    if (proposals().length) nodes.push(table([["#"], [t("what")], [t("seats"), "n"], [t("pupils_served"), "n"]],
      proposals().map((item) => row([[item.proposal_id], [`${code("action", item.action)} · ${item.name}`], [whole(item.seats), "n"], [whole(item.pupils_served), "n"]], () => choose("proposal", item.proposal_id)))));
    else nodes.push(make("p", { class: "soft" }, data.outcome[0]?.message ?? t("no_proposals")));
    const worst = zones().filter((zone) => !missing(value(zone, "balance"))).sort((a, b) => value(a, "balance") - value(b, "balance")).slice(0, 8);
    if (worst.length) nodes.push(make("h3", {}, t("worst_title")), table([[t("where")], [t("demand"), "n"], [t("seats"), "n"], [t("measure_balance"), "n"]],
      worst.map((zone) => row([[zone.name], [whole(figure(zone.figures, "demand")), "n"], [whole(figure(zone.figures, "seats")), "n"], [whole(value(zone, "balance")), "n"]], () => choose("zone", zone.id)))));
    const flags = data.flags.filter((flag) => !flag.stage || flag.stage === state.stage);
    if (flags.length) nodes.push(make("h3", {}, t("flags_title", { n: flags.length, year: meta.base_year })), table([[t("school")], [t("rule")], [t("value"), "n"], [t("limit"), "n"]],
      flags.map((flag) => row([[flag.name], [code("rule", flag.rule)], [whole(flag.value), "n"], [whole(flag.threshold), "n"]], () => choose("school", flag.school_id)))));
    nodes.push(make("h3", {}, t("about")), make("p", { class: "soft" }, t(`walking_${meta.walking}`), " ", t("rules_from", { profile: state.lang === "zh" ? meta.profile_zh : meta.profile_en })),
      ...(meta.notes[state.lang] ?? []).map((note) => make("p", { class: "soft" }, `· ${note}`)), make("p", { class: "soft" }, `layoutplan ${meta.version}`));
    return nodes;
  };
  const zonePanel = (zone) => [back(), make("h2", {}, zone.name), make("p", { class: "soft" }, `${t(`kind_${zone.kind}`)} · ${stageName(zone.stage)} · ${state.year}`),
    chart([{ values: series(zone.figures, "demand"), colour: "#b2182b" }], series(zone.figures, "seats")),
    facts([[t("demand"), whole(figure(zone.figures, "demand"))], [t("seats"), whole(figure(zone.figures, "seats"))], [t("measure_balance"), whole(value(zone, "balance"))], [t("measure_utilisation"), percent(value(zone, "utilisation"))],
      [t("measure_unserved"), whole(figure(zone.figures, "unserved"))], [t("measure_share_within_radius"), percent(figure(zone.figures, "share_within_radius"))], [t("measure_mean_walk_m"), metres(figure(zone.figures, "mean_walk_m"))]]),
    make("h3", {}, t("schools_of_zone")), make("table", {}, make("tbody", {}, ...data.schools.filter((school) => zone.schools.includes(school.id) && (school.status !== "proposed" || state.variant === "proposed"))
      .map((school) => row([[school.name], [whole(figure(school.stages[zone.stage], "seats")), "n"]], () => choose("school", school.id)))))];
  const schoolPanel = (school) => {
    const taught = Object.keys(school.stages), flags = flagsOf(school);
    const nodes = [back(), make("h2", {}, school.name), make("p", { class: "soft" }, `${t(`stages.type.${school.type}`)} · ${t(`stages.ownership.${school.ownership}`)} · ${code("status", school.status)}`)];
    for (const stage of taught) {
      const of = school.stages[stage];
      nodes.push(make("h3", {}, stageName(stage)), facts([[t("seats"), whole(figure(of, "seats"))], !missing(of.enrolment) && [t("enrolment_year", { year: meta.base_year }), whole(of.enrolment)],
        school.counts && [t("assigned"), whole(figure(of, "assigned"))], school.counts && [t("spare"), whole(figure(of, "spare"))]]));
    }
    if (!school.counts) nodes.push(make("p", { class: "soft" }, t("does_not_count")));
    for (const flag of flags) nodes.push(make("h3", {}, `⚑ ${code("rule", flag.rule)}`), facts([[t("value"), `${whole(flag.value)} ${code("unit", flag.unit)}`], [t("limit"), whole(flag.threshold)], [t("excess"), whole(flag.excess_pupils)],
      !missing(flag.seats_needed) && [t("seats_needed"), whole(flag.seats_needed)], !missing(flag.classes_needed) && [t("classes_needed"), whole(flag.classes_needed)]]),
      make("p", { class: "soft" }, `${t("source")}: ${flag.source ?? "–"} (${flag.confidence ?? "–"}) · ${code("basis", flag.basis)}`));
    const cases = data.ledger.filter((entry) => entry.school_id === school.id && entry.remedy);
    if (cases.length) nodes.push(make("h3", {}, t("ledger_title")), ...cases.map((entry) => make("p", { class: "soft" }, `${code("rule", entry.rule)}: ${entry.remedy}${entry.due_year ? ` (${t("due", { year: entry.due_year })})` : ""}`)));
    return nodes;
  };
  const hotspotPanel = (spot) => [back(), make("h2", {}, spot.name), make("p", { class: "soft" }, `${t("hotspot")} ${spot.rank} · ${stageName(spot.stage)} · ${spot.year}`),
    facts([[t("pupils_short"), whole(spot.pupils_short)], [t("demand"), whole(spot.demand)], [t("first_year"), spot.first_year ?? "–"], [t("significance"), t(spot.significant ? "significant" : "not_significant")],
      [t("nearest_spare"), spot.nearest_spare_school ? `${spot.nearest_spare_school} · ${whole(spot.nearest_spare_seats)} · ${metres(spot.nearest_spare_m)}` : t("none_near")]]), make("p", {}, spot.remedy ?? "")];
  const proposalPanel = (item) => [back(), make("h2", {}, `${item.proposal_id} ${item.name}`), make("p", { class: "soft" }, `${code("action", item.action)} · ${t(`stages.type.${item.school_type}`)} · ${item.target_year}`),
    facts([[t("classes"), whole(item.classes)], ...meta.stages.filter((stage) => item[`seats_${stage}`] > 0).map((stage) => [`${t("seats")} (${stageName(stage)})`, whole(item[`seats_${stage}`])]), [t("pupils_served"), whole(item.pupils_served)], [t("assigned"), whole(item.assigned)],
      [t("cost"), `${money(item.cost)} ${meta.currency}`], !missing(item.land_m2) && [t("land"), `${whole(item.land_m2)} m²`], !missing(item.site_area_m2) && [t("site_area"), `${whole(item.site_area_m2)} m²`]]),
    make("h3", {}, t("why")), make("p", {}, item.reason ?? ""), ...(item.rejected ? [make("h3", {}, t("rejected")), make("p", {}, item.rejected)] : [])];
  const drawPanel = () => {
    const { kind, id } = state.chosen ?? {};
    const found = kind === "zone" ? data.zones.find((zone) => zone.id === id) : kind === "school" ? data.schools.find((school) => school.id === id)
      : kind === "hotspot" ? data.hotspots.find((spot) => spot.hotspot_id === id) : kind === "proposal" ? data.proposals.find((item) => item.proposal_id === id) : null;
    const nodes = !found ? overview() : { zone: zonePanel, school: schoolPanel, hotspot: hotspotPanel, proposal: proposalPanel }[kind](found);
    byId("panel").replaceChildren(...nodes);
  };
  const choose = (kind, id) => {
    state.chosen = kind ? { kind, id } : null;
    if (kind === "hotspot") { const spot = data.hotspots.find((item) => item.hotspot_id === id); map.fitBounds(L.polygon(polygon(spot.shape)).getBounds(), { maxZoom: 15, padding: [60, 60] }); }
    if (kind === "zone" && zoneShapes.has(id)) map.panInside(zoneShapes.get(id).getBounds().getCenter(), { padding: [80, 80] });
    if (kind === "school") { const school = data.schools.find((item) => item.id === id); if (school?.at.length) map.panInside(place(school.at), { padding: [80, 80] }); schoolMarks.get(id)?.openTooltip(); }
    if (kind === "proposal") { state.variant = data.variants.includes("proposed") ? "proposed" : state.variant; const item = data.proposals.find((found) => found.proposal_id === id); map.panInside(place(item.at), { padding: [80, 80] }); }
    render(); byId("panel").scrollTop = 0;
  };

  // ---- legend and controls ----
  const drawLegend = () => {
    const { breaks, colours, format: kind } = style.measures[state.measure], say = FORMATS[kind];
    const swatch = (fill, text) => { const box = make("span", { class: "swatch" }); box.style.background = fill; return make("div", { class: "row" }, box, text); };
    const symbol = (node, text) => make("div", { class: "row" }, node, text);
    const dot = (attributes) => svg("svg", { width: 18, height: 16, viewBox: "-9 -8 18 16" }, svg("circle", { r: 6, ...attributes }));
    const scale = colours.map((fill, i) => swatch(fill, i === 0 ? t("below", { n: say(breaks[0]) }) : i === breaks.length ? t("from", { n: say(breaks[i - 1]) }) : `${say(breaks[i - 1])} – ${say(breaks[i])}`));
    const small = star("new"); small.setAttribute("width", 18); small.setAttribute("height", 16);
    const plus = star("enlarge"); plus.setAttribute("width", 18); plus.setAttribute("height", 16);
    const types = [...new Set(schools().map((school) => school.type))];
    byId("legend").replaceChildren(make("h2", {}, `${t(`measure_${state.measure}`)}${t(`unit_${state.measure}`)}`), ...scale, ...(state.measure === "utilisation" ? [swatch(style.fixed.no_seats, t("no_seats"))] : []), make("hr"),
      ...types.map((type) => symbol(dot({ fill: style.schools[type] ?? "#666", stroke: "#fff" }), t(`stages.type.${type}`))),
      symbol(dot({ fill: "#fff", stroke: "#666", "stroke-width": 2 }), t("not_counted")), symbol(dot({ fill: "#ddd", stroke: style.schools.flag, "stroke-width": 3 }), t("flagged")),
      symbol(svg("svg", { width: 18, height: 16 }, svg("rect", { x: 1, y: 3, width: 16, height: 10, fill: "none", stroke: "#7a0177", "stroke-width": 2, "stroke-dasharray": "5 3" })), t("hotspot_target", { year: meta.target_year })),
      symbol(svg("svg", { width: 18, height: 16 }, svg("circle", { cx: 9, cy: 8, r: 3, fill: "#7a0177" })), t("unserved_dot")),
      ...(state.variant === "proposed" ? [symbol(small, t("proposed_new")), symbol(plus, t("proposed_enlarge"))] : []));
  };
  const choices = (id, values, current, name, pick) => byId(id).replaceChildren(...values.map((entry) => make("button", { type: "button", role: "radio", "aria-checked": String(entry === current), onclick: () => { pick(entry); } }, name(entry))));
  const drawControls = () => {
    document.documentElement.lang = state.lang;
    document.querySelectorAll("[data-text]").forEach((node) => { node.textContent = t(node.dataset.text); });
    byId("title").replaceChildren(state.lang === "zh" ? meta.title : meta.title_en, make("small", {}, t("subtitle", { scenario: meta.scenario === "base" ? t("base_scenario") : meta.scenario })));
    choices("stages", meta.stages, state.stage, stageName, (stage) => { state.stage = stage; state.chosen = null; drawAll(); });
    choices("variants", data.variants.length > 1 ? data.variants : [], state.variant, (variant) => t(`variant_${variant}`), (variant) => { state.variant = variant; render(); });
    byId("stages").setAttribute("aria-label", t("stage")); byId("variants").setAttribute("aria-label", t("plan"));
    byId("measure").replaceChildren(...Object.keys(style.measures).map((name) => make("option", { value: name, selected: name === state.measure }, t(`measure_${name}`))));
    byId("measure").setAttribute("aria-label", t("measure"));
    Object.assign(byId("year"), { min: meta.years[0], max: meta.years.at(-1), value: state.year });
    byId("year").setAttribute("aria-label", t("year")); byId("play").setAttribute("aria-label", t("play")); byId("year-shown").textContent = state.year;
    byId("play").textContent = timer ? "❚❚" : "▶"; byId("play").setAttribute("aria-pressed", String(Boolean(timer)));
  };
  const render = () => { drawControls(); paintZones(); drawMarks(); drawDots(); drawLegend(); drawPanel(); };
  const drawAll = () => { drawZones(); drawHotspots(); render(); };
  const setYear = (year) => { state.year = Number(year); render(); };
  const play = () => {
    if (timer) { clearInterval(timer); timer = null; } else timer = setInterval(() => setYear(state.year >= meta.years.at(-1) ? meta.years[0] : state.year + 1), 1100);
    drawControls();
  };

  const start = (leafletMap) => {
    map = leafletMap;
    ["ground", "zones", "hot", "dots", "marks", "stars"].forEach((name, i) => { map.createPane(name).style.zIndex = [410, 400, 430, 435, 450, 620][i]; });
    map.getPane("ground").style.pointerEvents = "none"; map.getPane("dots").style.pointerEvents = "none";
    dotCanvas = L.canvas({ pane: "dots" });
    zoneLayer = L.layerGroup().addTo(map); hotLayer = L.layerGroup().addTo(map); dotLayer = L.layerGroup().addTo(map); markLayer = L.layerGroup().addTo(map);
    L.control.zoom({ position: "topleft" }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    const all = L.latLngBounds([]);
    data.zones.forEach((zone) => all.extend(L.polygon(polygon(zone.shape)).getBounds()));
    data.schools.forEach((school) => { if (school.at.length) all.extend(place(school.at)); });
    map.fitBounds(all, { padding: [10, 10] });
    drawGround();
    byId("language").onclick = () => { state.lang = state.lang === "zh" ? "en" : "zh"; render(); };
    byId("measure").onchange = (event) => { state.measure = event.target.value; render(); };
    byId("year").oninput = (event) => setYear(event.target.value);
    byId("play").onclick = play;
    drawAll();
    document.documentElement.dataset.ready = "yes";
  };
  return { start };
})();
