// Where the operator has named a tile server, the drawn map is laid over its tiles and can be moved.
// Without it, or without JavaScript, the drawing stays as it is.
(() => {
  "use strict";

  const tiled = (figure) => {
    const drawing = figure.querySelector("svg");
    const [west, south, east, north] = figure.dataset.bounds.split(",").map(Number);
    const bounds = L.latLngBounds([south, west], [north, east]);
    const place = document.createElement("div");
    place.className = "m-tiles";
    drawing.replaceWith(place);
    // The list beside says the same: the map itself is not a stop for the keyboard.
    const map = L.map(place, { keyboard: false, scrollWheelZoom: false });
    map.attributionControl.setPrefix(false);
    L.tileLayer(figure.dataset.tiles, { attribution: figure.dataset.credit }).addTo(map);
    drawing.setAttribute("preserveAspectRatio", "none");
    L.svgOverlay(drawing, bounds).addTo(map);
    map.fitBounds(bounds);
  };
  document.addEventListener("DOMContentLoaded", () => {
    if (window.L) document.querySelectorAll("[data-tiles]").forEach(tiled);
  });
})();
