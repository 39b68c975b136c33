// Draw everything that follows from the state; anew where other shapes are shown.
const render = ({ anew = false } = {}) => {
  drawControls();
  drawBasemap();
  drawSides(anew);
  pin(state.spot);
  drawChosen();
  drawLabels();
  drawLegend();
  drawTabs();
  drawPanel();
  writeAddress();
};
let cityBounds = null, chosenEdge = null;
const drawChosen = () => {
  chosenEdge?.remove();
  const zone = state.chosen?.kind === "zone" && zonesOf[state.stage].find((one) => one.id === state.chosen.id);
  chosenEdge = zone ? L.layerGroup([["#fff", 6], ["#111", 3.2]].map(([color, weight]) => L.polygon(outline(zone), { pane: "chosen", fill: false, interactive: false, color, weight }))).addTo(map) : null;
};
const start = (leafletMap) => {
  map = leafletMap;
  for (const [name, order] of [["ground", 415], ["chosen", large ? 456 : 437], ["labels", large ? 457 : 440], ["pin", 640]]) { const pane = map.createPane(name); pane.style.zIndex = order; pane.style.pointerEvents = "none"; }
  drawPatterns();
  layersA = makeLayers("A", sideA);
  labelLayer = L.layerGroup().addTo(map);
  L.control.zoom({ position: "topleft", zoomInTitle: t("zoom_in"), zoomOutTitle: t("zoom_out") }).addTo(map);
  addTileControls();
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  if (innerWidth <= 800) byId("legend").open = false;
  const seen = readAddress(), all = cityBounds = L.latLngBounds([]);
  data.zones.forEach((zone) => all.extend(boundsOf(zone)));
  if (!all.isValid()) data.schools.forEach((school) => { if (school.at.length) all.extend(place(school.at)); });
  if (seen.length === 3 && seen.every(Number.isFinite)) map.setView([seen[0], seen[1]], seen[2], { animate: false }); else map.fitBounds(all, { ...(innerWidth > 800 ? { paddingTopLeft: [226, 14], paddingBottomRight: [14, 14] } : { padding: [8, 8] }), animate: false });
  map.setMaxBounds(all.pad(1.5));
  drawGround();
  wire();
  render({ anew: true });
  map.on("move zoom viewreset resize", cut);
  map.on("moveend", () => { drawLabels(); writeAddress(); });
  if (large) watchPointer();
  map.on("click", (event) => {
    const { school, spot, zone } = large ? under(event) : {};
    if (school) choose("school", school.id); else if (spot) choose("hotspot", spot.hotspot_id); else if (zone) pointAt(event.latlng, zone); else choose("place", `${event.latlng.lat.toFixed(5)},${event.latlng.lng.toFixed(5)}`);
  });
  document.documentElement.dataset.ready = "yes";
};
