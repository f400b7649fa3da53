// Enhancements of the desk's pages: every page works without this file.
(() => {
  "use strict";
  const PREFERENCE = "maillage-raccourcis";

  function kept() {
    try {
      return localStorage.getItem(PREFERENCE) !== "non";
    } catch {
      return true; // storage refused by the browser
    }
  }

  function keep(on) {
    try {
      localStorage.setItem(PREFERENCE, on ? "oui" : "non");
    } catch {
      // the choice then holds for this page only
    }
  }

  // Letters act, unless one writes in a field or has turned them off (WCAG 2.1.4).
  function shortcuts(others) {
    const help = document.querySelector("[data-keys-help]");
    const acts = {
      ...others,
      "?": () => {
        help.open = true;
        help.querySelector("summary").focus();
      },
    };
    const choice = document.querySelector("[data-keys-switch]");
    let on = kept();
    help.hidden = false;
    choice.checked = on;
    choice.addEventListener("change", () => {
      on = choice.checked;
      keep(on);
    });
    document.addEventListener("keydown", (event) => {
      const writing = event.target.closest("input:not([type=checkbox]), select, textarea");
      if (!on || writing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!Object.hasOwn(acts, event.key)) return;
      event.preventDefault();
      acts[event.key]();
    });
  }

  // The list that one comes from, so that j and k go on from one request to the next.
  const LIST = "maillage-file";

  function keepList(links) {
    try {
      sessionStorage.setItem(LIST, JSON.stringify(links.map((link) => link.pathname)));
    } catch {
      // storage refused: j and k then stay on the page
    }
  }

  function keptList() {
    try {
      return JSON.parse(sessionStorage.getItem(LIST)) ?? [];
    } catch {
      return [];
    }
  }

  function inQueue(table) {
    const rows = Array.from(table.querySelectorAll("[data-row]"));
    keepList(rows.map((row) => row.querySelector("[data-open]")));
    const here = () => rows.findIndex((row) => row.contains(document.activeElement));
    const go = (index) => rows[index]?.querySelector("[data-open]").focus();
    shortcuts({
      j: () => go(Math.min(here() + 1, rows.length - 1)),
      k: () => go(Math.max(here() - 1, 0)),
      x: () => rows[here()]?.querySelector("input[type=checkbox]").click(),
      "/": () => document.querySelector("[data-search]")?.focus(),
    });
  }

  // A link that has a letter is followed by it; to write, one is put in the field at once.
  function inRequest(page) {
    const list = keptList();
    const here = list.indexOf(location.pathname);
    const go = (index) => here >= 0 && list[index] && location.assign(list[index]);
    const acts = { j: () => go(here + 1), k: () => go(here - 1) };
    page.querySelectorAll("[data-key]").forEach((link) => {
      acts[link.dataset.key] ??= () => {
        link.click();
        if (link.hash) document.querySelector(`${link.hash} details[open] textarea`)?.focus();
      };
    });
    shortcuts(acts);
  }

  function tickAll(box) {
    const boxes = Array.from(document.querySelectorAll("input[name=demande]"));
    box.hidden = false;
    box.addEventListener("change", () => {
      boxes.forEach((one) => {
        one.checked = box.checked;
      });
    });
    boxes.forEach((one) =>
      one.addEventListener("change", () => {
        box.checked = boxes.every((each) => each.checked);
      }),
    );
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("table[data-keys]").forEach(inQueue);
    document.querySelectorAll("[data-request-keys]").forEach(inRequest);
    document.querySelectorAll("[data-tick-all]").forEach(tickAll);
    // A dot opens what the table beside it links to.
    document.querySelectorAll("circle[data-href]").forEach((dot) => {
      dot.addEventListener("click", () => location.assign(dot.dataset.href));
    });
  });
})();
