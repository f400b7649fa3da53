// Enhancement of the page of quality, which works without this file: one box ticks all the others.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-tick]").forEach((all) => {
      const boxes = Array.from(document.querySelectorAll(`input[name="${all.dataset.tick}"]`));
      all.hidden = boxes.length === 0;
      all.addEventListener("change", () => {
        boxes.forEach((one) => {
          one.checked = all.checked;
        });
      });
      boxes.forEach((one) =>
        one.addEventListener("change", () => {
          all.checked = boxes.every((each) => each.checked);
        }),
      );
    });
  });
})();
