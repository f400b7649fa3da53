// Enhancements only: every page works without this file.
(() => {
  "use strict";

  // Autocomplete of a commune or an EPCI: a text field that fills a hidden code beside it.
  // <input data-suggest="/territoires/recherche/" data-suggest-code="id-of-hidden-input">
  const byId = (id) => document.getElementById(id);

  function suggest(field) {
    const code = byId(field.dataset.suggestCode);
    const list = document.createElement("ul");
    const status = document.createElement("p");
    list.id = `${field.id}-choix`;
    list.className = "m-suggest";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Communes proposées");
    list.hidden = true;
    status.className = "fr-sr-only";
    status.setAttribute("role", "status");
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-expanded", "false");
    field.autocomplete = "off";
    field.parentElement.classList.add("m-suggest-host");
    field.after(list, status);
    let active = -1;
    let asked = 0;
    let timer = 0;

    const close = () => {
      list.hidden = true;
      active = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };
    const options = () => Array.from(list.children);
    const mark = (index) => {
      active = index;
      options().forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
      if (index >= 0) {
        field.setAttribute("aria-activedescendant", options()[index].id);
        options()[index].scrollIntoView({ block: "nearest" });
      }
    };
    const choose = (option) => {
      field.value = option.dataset.label;
      code.value = option.dataset.code;
      close();
      field.dispatchEvent(new CustomEvent("suggest:chosen", { bubbles: true }));
    };
    const show = (results) => {
      list.replaceChildren(
        ...results.map((result, i) => {
          const option = document.createElement("li");
          option.id = `${list.id}-${i}`;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
          option.dataset.code = result.code;
          option.dataset.label = result.label;
          const name = document.createElement("span");
          name.textContent = result.label;
          const detail = document.createElement("small");
          detail.textContent = result.detail;
          option.append(name, detail);
          option.addEventListener("mousedown", (event) => {
            event.preventDefault();
            choose(option);
          });
          return option;
        }),
      );
      list.hidden = results.length === 0;
      field.setAttribute("aria-expanded", String(results.length > 0));
      status.textContent = results.length
        ? `${results.length} communes proposées, flèches pour choisir`
        : "Aucune commune trouvée";
      active = -1;
    };
    const ask = async () => {
      const text = field.value.trim();
      const mine = ++asked;
      if (text.length < 2) return close();
      try {
        const joint = field.dataset.suggest.includes("?") ? "&" : "?";
        const response = await fetch(`${field.dataset.suggest}${joint}q=${encodeURIComponent(text)}`, {
          headers: { Accept: "application/json" },
        });
        if (mine === asked && response.ok) show((await response.json()).results);
      } catch {
        close(); // no network: what is typed is resolved by the server at submit
      }
    };
    field.addEventListener("input", () => {
      code.value = "";
      clearTimeout(timer);
      timer = setTimeout(ask, 120);
    });
    field.addEventListener("keydown", (event) => {
      const count = options().length;
      if (event.key === "ArrowDown" && list.hidden) ask();
      else if (list.hidden) return;
      else if (event.key === "ArrowDown") mark((active + 1) % count);
      else if (event.key === "ArrowUp") mark((active - 1 + count) % count);
      else if (event.key === "Enter" && active >= 0) choose(options()[active]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    field.addEventListener("blur", close);
  }

  const start = (root) => {
    root.querySelectorAll("[data-suggest]:not([role])").forEach(suggest);
    root.querySelectorAll("[data-example]").forEach((button) => {
      button.addEventListener("click", () => {
        const field = byId(button.dataset.exampleFor);
        field.value = button.dataset.example;
        field.focus();
      });
    });
    root.querySelectorAll("[data-copy]").forEach((button) => {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(location.href);
        button.textContent = "Adresse copiée";
      });
    });
    root.querySelectorAll("[data-print]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => window.print());
    });
  };
  document.addEventListener("DOMContentLoaded", () => start(document));
  // A part of the page was replaced: say what changed to those who do not see it.
  document.addEventListener("htmx:afterSettle", () => {
    const advice = byId("conseil");
    if (advice) byId("annonce").textContent = advice.textContent.trim();
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.target !== document.body) start(event.target);
  });
})();
