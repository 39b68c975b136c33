// Schools by seats; a ring for what must be cleared; signs for what opens, grows, closes; stars for
// proposals.
import { forgetPointer, large, showTip } from "./canvas.js";
import { focusable, place, tooltip } from "./elements.js";
import { changeKind, figure, flagsOf, hasFlag, hasRing, proposals, schools, seatsAt } from "./figures.js";
import { showsProposals, state, style } from "./state.js";
import { isSwitchedOff, switched } from "./switches.js";
import { dot, HOLLOW, isIndicative, isNew, radius, schoolColour, sign } from "./symbols.js";
import { choose } from "./things.js";
import { actionName, code, named, t, typeName, whole } from "./words.js";

const markStyle = (school, side) => {
  const flags = flagsOf(school, side);
  const ring = hasRing(flags);
  const fill = schoolColour(school);
  const edge = school.counts ? { weight: 1.5, color: "#fff" } : { weight: 2, color: fill };
  return {
    radius: radius(seatsAt(school, state.stage, side)),
    ...(ring ? { weight: 3.6, color: style.schools.flag } : edge),
    fillColor: school.counts ? fill : "#fff",
    fillOpacity: 0.95,
  };
};
export const schoolRows = (school, side) =>
  state.parents
    ? [[t("type"), typeName(school.type)]]
    : [
        [t("seats"), whole(seatsAt(school, state.stage, side))],
        [t("enrolment"), whole(school.stages[state.stage].enrolment)],
        !switched(side) && [
          t("assigned"),
          whole(figure(school.stages[state.stage].figures, "assigned", side)),
        ],
        ...flagsOf(school, side)
          .slice(0, 3)
          .map((flag) => ["⚑", code("rule", flag.rule)]),
      ];
const badge = (layers, at, node, size) =>
  L.marker(at, {
    pane: layers.pane("badges"),
    interactive: false,
    keyboard: false,
    icon: L.divIcon({ className: "mark", iconSize: [size, size], html: node }),
  });
const drawSchool = (layers, school, look, what, small) => {
  const at = place(school.at);
  const mark = L.circleMarker(at, { pane: layers.pane("marks"), ...look });
  const go = () => choose("school", school.id);
  mark.bindTooltip(() => tooltip(named(school.name), schoolRows(school, layers.side())), {
    direction: "top",
    offset: [0, -6],
  });
  mark.on("click", go);
  focusable(mark, named(school.name), go);
  layers.schools.set(school.id, mark);
  if (what !== "none") {
    return [mark, badge(layers, at, sign(what, isNew(what) ? 15 : 12), isNew(what) ? 15 : 12)];
  }
  return small ? [mark, badge(layers, at, dot({ r: 9, fill: "#111" }, 4), 4)] : [mark];
};
// Only what looks different from before is drawn again: from year to year most schools stay as they are.
export const drawMarks = (layers) => {
  const side = layers.side();
  const before = layers.drawn;
  const drawn = new Map();
  const remove = ({ parts }) => {
    for (const part of parts) {
      layers.marks.removeLayer(part);
    }
  };
  const keep = (key, signature, draw) => {
    const old = before.get(key);
    drawn.set(key, old?.signature === signature ? old : { signature, parts: draw() });
    if (drawn.get(key) === old) {
      return;
    }
    if (old) {
      remove(old);
    }
    for (const part of drawn.get(key).parts) {
      layers.marks.addLayer(part);
    }
  };
  layers.marked = schools(side)
    .filter((school) => school.at.length && !school.proposed)
    .map((school) => {
      const look = markStyle(school, side);
      const what = changeKind(school, state.stage, side);
      return { school, look, what, small: hasFlag(flagsOf(school, side)) && look.weight < 3 };
    });
  if (large) {
    layers.schools = new Map(
      layers.marked.map(({ school, look }) => [
        school.id,
        {
          getLatLng: () => place(school.at),
          getRadius: () => look.radius,
          openTooltip: () => showTip(layers, { school }),
        },
      ]),
    );
  } else {
    for (const { school, look, what, small } of layers.marked) {
      keep(`s.${school.id}`, `${school.at} ${Object.values(look)} ${what} ${small} ${state.lang}`, () =>
        drawSchool(layers, school, look, what, small),
      );
    }
  }
  if (showsProposals(side)) {
    for (const item of proposals(side)) {
      const key = `p.${item.proposal_id}`;
      keep(key, `${item.at} ${item.action} ${isSwitchedOff(key, side)} ${state.lang}`, () => [
        drawProposal(layers, item, side),
      ]);
    }
  }
  for (const [key, old] of before) {
    if (!drawn.has(key)) {
      remove(old);
      layers.schools.delete(key.slice(2));
    }
  }
  layers.drawn = drawn;
};
const drawProposal = (layers, item, side) => {
  const off = isSwitchedOff(`p.${item.proposal_id}`, side);
  const name = `${item.proposal_id} ${named(item.name)}`;
  const icon = L.divIcon({
    className: `mark${off ? " off" : ""}`,
    iconSize: [28, 28],
    html: sign(item.action, 28, isIndicative(item) ? HOLLOW : {}),
  });
  const mark = L.marker(place(item.at), {
    icon,
    pane: layers.pane("stars"),
    title: "",
    alt: name,
    keyboard: true,
  });
  mark.bindTooltip(() =>
    tooltip(name, [
      [actionName(item), typeName(item.school_type)],
      isIndicative(item) && [t("site"), t("indicative")],
      [t("seats"), whole(item.seats)],
      [t("opening"), String(item.target_year)],
    ]),
  );
  mark.on("click", () => choose("proposal", item.proposal_id));
  mark.on("mouseover", forgetPointer);
  mark.on("add", () => {
    mark.getElement().setAttribute("aria-label", name);
  });
  return mark;
};
