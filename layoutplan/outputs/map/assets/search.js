// Find a school, catchment or estate by name, pinyin or initials. A list box driven from its input.
import { byId, make, place, say } from "./elements.js";
import { schoolOf, schoolsOf, standsIn } from "./figures.js";
import { map, sideA, state } from "./state.js";
import { choose } from "./things.js";
import { named, stageName, t } from "./words.js";

const plain = (text) => text.toLowerCase().replace(/\s+/g, "");
export const matches = ({ name, given = name, pinyin }, text) => {
  const asked = plain(text);
  return (
    !asked ||
    [name, given].some((one) => plain(one).includes(asked)) ||
    (pinyin ?? "").split(" ").some((one) => one.includes(asked))
  );
};
const rankOf = ({ name, pinyin }, asked) => {
  if (plain(name).startsWith(asked)) {
    return 0;
  }
  return (pinyin ?? "").split(" ").some((one) => one.startsWith(asked)) ? 1 : 2;
};
const findable = () => {
  const side = sideA();
  const ofSchools = schoolsOf[side.scenario]
    .filter((school) => school.at.length && standsIn(school, side.layout) && !school.proposed)
    .map((school) => ({
      kind: "school",
      id: school.id,
      name: named(school.name),
      given: school.name,
      pinyin: school.pinyin,
      more: Object.keys(school.stages).map(stageName).join(" · "),
    }));
  // A catchment that layouts draw differently is one catchment.
  const catchments = new Map(
    data.zones
      .filter((zone) => zone.kind === "catchment")
      .toReversed()
      .map((zone) => [`${zone.stage} ${zone.id}`, zone]),
  );
  const ofZones = [...catchments.values()].toReversed().map((zone) => ({
    kind: "zone",
    id: zone.id,
    stage: zone.stage,
    name: named(zone.name),
    given: zone.name,
    pinyin: zone.pinyin,
    more: stageName(zone.stage),
  }));
  const ofEstates = data.estates.map(([name, x, y, pinyin]) => ({
    kind: "place",
    id: place([x, y])
      .map((one) => one.toFixed(5))
      .join(","),
    name: named(name),
    given: name,
    pinyin,
    more: t("estate"),
  }));
  // A street is named once, at its first label.
  const streets = new Map(data.ground.names.toReversed().map((street) => [street.name, street]));
  const ofStreets = [...streets.values()].map(({ name, at }) => ({
    kind: "place",
    id: place(at)
      .map((one) => one.toFixed(5))
      .join(","),
    name: named(name),
    given: name,
    pinyin: "",
    more: t("street"),
  }));
  return [...ofSchools, ...ofZones, ...ofEstates, ...ofStreets];
};
const MOST_FOUND = 12;
let found = [];
// Nothing was found, as opposed to nothing asked.
const NOTHING = -2;
let pointed = -1;
const goTo = (item) => {
  closeFound();
  byId("find").value = item.name;
  const anew =
    (item.stage && item.stage !== state.stage) ||
    (item.kind === "school" && !schoolOf(item.id, sideA()).stages[state.stage]);
  if (item.stage) {
    state.stage = item.stage;
  } else if (anew) {
    [state.stage] = Object.keys(schoolOf(item.id, sideA()).stages);
  }
  choose(item.kind, item.id, { anew, fly: true });
};
export const closeFound = () => {
  found = [];
  pointed = -1;
  drawFound();
};
const drawFound = () => {
  const list = byId("found");
  const input = byId("find");
  list.replaceChildren(
    ...found.map((item, at) =>
      make(
        "li",
        {
          id: `found-${at}`,
          role: "option",
          "aria-selected": String(at === pointed),
          onmousedown: (event) => {
            event.preventDefault();
            goTo(item);
          },
        },
        item.name,
        make("small", {}, `${t(`kind_of_${item.kind}`)} · ${item.more}`),
      ),
    ),
  );
  const asked = plain(input.value);
  const nothing = pointed === NOTHING && asked !== "";
  if (nothing) {
    list.replaceChildren(
      make("li", { role: "option", "aria-disabled": "true" }, t("not_found", { text: input.value })),
    );
  }
  list.hidden = found.length === 0 && !nothing;
  input.setAttribute("aria-expanded", String(!list.hidden));
  if (pointed >= 0) {
    input.setAttribute("aria-activedescendant", `found-${pointed}`);
    byId(`found-${pointed}`).scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
};
export const search = () => {
  const asked = plain(byId("find").value);
  found = asked
    ? findable()
        .filter((item) => matches(item, asked))
        .map((item) => [rankOf(item, asked), item])
        .sort((a, b) => a[0] - b[0])
        .slice(0, MOST_FOUND)
        .map(([, item]) => item)
    : [];
  pointed = found.length ? 0 : NOTHING;
  drawFound();
  say(asked ? t("found_n", { n: found.length }) : "");
};
export const searchKeys = (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && found.length) {
    event.preventDefault();
    pointed = (pointed + step + found.length) % found.length;
    drawFound();
  } else if (event.key === "Enter" && found.length) {
    event.preventDefault();
    goTo(found[Math.max(0, pointed)]);
  } else if (event.key === "Escape") {
    closeFound();
    event.target.value = "";
  }
};
let pinMark = null;
export const markPlace = (at) => {
  pinMark?.remove();
  pinMark =
    at &&
    L.circleMarker(at, {
      pane: "pin",
      radius: 8,
      weight: 3,
      color: "#111",
      fillColor: "#00e5ff",
      fillOpacity: 0.9,
      interactive: false,
    }).addTo(map);
};
