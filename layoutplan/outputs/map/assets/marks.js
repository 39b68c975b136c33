// Schools by seats; a ring for what must be cleared; signs for what opens, grows, closes; the measures of the
// plan in the years in which they act.
import { forgetPointer, large, showTip } from "./canvas.js";
import { focusable, place, tooltip } from "./elements.js";
import {
  amountNow,
  changeKind,
  figure,
  flagsOf,
  hasFlag,
  hasRing,
  measuresDrawn,
  proposalOf,
  schoolOf,
  schools,
  schoolsWithMeasures,
  seatsAt,
} from "./figures.js";
import { inForce, measureKind, measureName } from "./plan.js";
import { state, style } from "./state.js";
import { isSwitchedOff, switched } from "./switches.js";
import { dot, isNew, MEASURE_SIZE, measureSign, radius, schoolColour, sign, signName } from "./symbols.js";
import { choose } from "./things.js";
import { code, has, named, t, typeName, whole } from "./words.js";

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
  const measures = measuresDrawn(side);
  const busy = schoolsWithMeasures(side);
  const passing = new Map(
    measures.filter(({ one }) => !one.lasts).map(({ one }) => [one.school_id, signName(one.kind)]),
  );
  layers.marked = schools(side)
    // Seats bought of a school are no school: the measure has its own sign, at the seller.
    .filter((school) => school.at.length && !school.proposed && school.status !== "purchased")
    .map((school) => {
      const look = markStyle(school, side);
      // A school with a measure has the measure's sign: of a large city on the school's own canvas.
      const own = (large && passing.get(school.id)) || "none";
      const what = busy.has(school.id) ? own : changeKind(school, state.stage, side);
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
  for (const { one, ahead } of measures.filter(({ one }) => one.lasts || !large)) {
    const at = placeOfMeasure(one, side);
    const off = isOff(one, side);
    if (at) {
      keep(`m.${one.measure_id}`, `${at} ${ahead} ${off} ${amountNow(one)} ${state.lang}`, () => [
        drawMeasure(layers, one, { at, ahead, off }),
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
const placeOfMeasure = (one, side) => {
  const at = proposalOf(one, side)?.at ?? schoolOf(one.school_id, side)?.at;
  return at?.length ? at : null;
};
const isOff = (one, side) => {
  const item = proposalOf(one, side);
  return item ? isSwitchedOff(`p.${item.proposal_id}`, side) : false;
};
// What lasts covers its school; what passes stands at its upper right, so that both can be pointed at.
const anchorOf = (one, size, side) => {
  const school = one.lasts ? null : schoolOf(one.school_id, side);
  const aside = school ? Math.max(10, 0.85 * radius(seatsAt(school, state.stage, side))) : 0;
  return [size / 2 - aside, size / 2 + aside];
};
const measureRows = (one, ahead) => [
  [t("in_force"), inForce(one)],
  ahead
    ? [t("sign_ahead"), t("paid_from_year", { year: one.paid_from })]
    : [t("seats"), whole(amountNow(one))],
  has(`land_${one.kind}`) && [t("land_status"), t(`land_${one.kind}`)],
];
const drawMeasure = (layers, one, { at, ahead, off }) => {
  const side = layers.side();
  const item = proposalOf(one, side);
  const lasting = ahead ? MEASURE_SIZE.ahead : MEASURE_SIZE.lasting;
  const size = one.lasts ? lasting : MEASURE_SIZE.passing;
  const name = item ? `${item.proposal_id} ${named(item.name)}` : measureName(one);
  const mark = L.marker(place(at), {
    icon: L.divIcon({
      className: `mark ${one.kind}${ahead ? " ahead" : ""}${off ? " off" : ""}`,
      iconSize: [size, size],
      iconAnchor: anchorOf(one, size, side),
      html: measureSign(one.kind, size),
    }),
    pane: layers.pane("stars"),
    title: "",
    alt: name,
    keyboard: true,
  });
  mark.bindTooltip(() =>
    tooltip(name, [item && [measureKind(one), typeName(item.school_type)], ...measureRows(one, ahead)]),
  );
  mark.on("click", () => choose(...(item ? ["proposal", item.proposal_id] : ["measure", one.measure_id])));
  mark.on("mouseover", forgetPointer);
  mark.on("add", () => {
    mark.getElement().setAttribute("aria-label", name);
  });
  return mark;
};
