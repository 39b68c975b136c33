// Schools by seats; a ring for what must be cleared; signs for what opens, grows, closes; stars for proposals.
const schoolLook = (school, side) => {
  const flags = flagsOf(school, side), ring = ringed(flags), fill = schoolColour(school);
  return { radius: radius(seatsAt(school, state.stage, side)), weight: ring ? 3.6 : school.counts ? 1.5 : 2, color: ring ? style.schools.flag : school.counts ? "#fff" : fill,
    fillColor: school.counts ? fill : "#fff", fillOpacity: 0.95 };
};
const schoolRows = (school, side) => [[t("seats"), whole(seatsAt(school, state.stage, side))], [t("enrolment"), whole(school.stages[state.stage].enrolment)],
  !switched(side) && [t("assigned"), whole(figure(school.stages[state.stage], "assigned", side))], ...flagsOf(school, side).slice(0, 3).map((flag) => ["⚑", code("rule", flag.rule)])];
const badge = (layers, at, node, size) => layers.marks.addLayer(L.marker(at, { pane: layers.pane("badges"), interactive: false, keyboard: false, icon: L.divIcon({ className: "mark", iconSize: [size, size], html: node.outerHTML }) }));
const drawMarks = (layers) => {
  layers.marks.clearLayers();
  layers.schools = new Map();
  const side = layers.side();
  for (const school of schools(side)) {
    if (!school.at.length || (school.status === "proposed")) continue;
    const at = place(school.at), look = schoolLook(school, side), what = change(school, state.stage, side);
    const mark = L.circleMarker(at, { pane: layers.pane("marks"), ...look });
    mark.bindTooltip(() => tooltip(school.name, schoolRows(school, layers.side())), { direction: "top", offset: [0, -6] });
    mark.on("click", () => choose("school", school.id));
    focusable(mark, school.name, () => choose("school", school.id));
    layers.marks.addLayer(mark);
    layers.schools.set(school.id, mark);
    if (what !== "none") badge(layers, at, sign(what, what === "opening" ? 15 : 12), what === "opening" ? 15 : 12);
    else if (marked(flagsOf(school, side)) && look.weight < 3) badge(layers, at, dot({ r: 9, fill: "#111" }, 4), 4);
  }
  if (side.variant === "proposed") for (const item of proposals(side)) drawProposal(layers, item, side);
};
const drawProposal = (layers, item, side) => {
  const off = isOff(`p.${item.proposal_id}`, side), name = `${item.proposal_id} ${item.name}`;
  const icon = L.divIcon({ className: `mark${off ? " off" : ""}`, iconSize: [28, 28], html: sign(item.action).outerHTML });
  const mark = L.marker(place(item.at), { icon, pane: layers.pane("stars"), title: "", alt: name, keyboard: true });
  mark.bindTooltip(() => tooltip(name, [[code("action", item.action), typeName(item.school_type)], [t("seats"), whole(item.seats)], [t("pupils_served"), whole(item.pupils_served)]]));
  mark.on("click", () => choose("proposal", item.proposal_id));
  mark.on("add", () => { mark.getElement().setAttribute("aria-label", name); });
  layers.marks.addLayer(mark);
};
