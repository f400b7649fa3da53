// The plan editor, made quicker: totals that follow, the other amount proposed, Enter to the next
// cell, Ctrl+Z, the page replaced without being reloaded. Without this file, everything still works.
(() => {
  "use strict";

  const euros = new Intl.NumberFormat("fr-FR", { minimumFractionDigits: 0, maximumFractionDigits: 2 });

  // Amounts are counted in cents: whole numbers do not lose any.
  function cents(text) {
    let bare = text.replace(/[\s\u00a0\u202f'’]/g, "").replace(/(HT|TTC)$/i, "");
    const unit = /^(.*\d)(k|m)(€|euros?|eur)?$/i.exec(bare);
    const times = unit ? (unit[2].toLowerCase() === "k" ? 1e3 : 1e6) : 1;
    bare = (unit ? unit[1] : bare).replace(/(€|euros?|eur)$/i, "");
    if (/^[1-9]\d{0,2}(\.\d{3})+(,\d+)?$/.test(bare)) bare = bare.replace(/\./g, "");
    bare = bare.replace(",", ".");
    const amount = Math.round(Number(bare) * times * 100);
    return /^\d+(\.\d+)?$/.test(bare) && Math.abs(Number(bare) * times * 100 - amount) < 1e-4 ? amount : null;
  }
  function shown(amount) {
    const whole = amount % 100 === 0;
    return new Intl.NumberFormat("fr-FR", { minimumFractionDigits: whole ? 0 : 2, maximumFractionDigits: 2 })
      .format(amount / 100).replace(/\u202f|\u00a0/g, " ");
  }
  const said = (amount) => `${shown(amount).replace(/ /g, "\u202f")}\u00a0€`;
  const field = (line, name) => line.querySelector(`[name$="-${name}"]`);

  // -- The other amount, when only one was typed or when the other was proposed.
  function propose(line, from) {
    const other = field(line, from === "net" ? "gross" : "net");
    // Whole numbers again: a rate of 5.5 % is 1055 for 1000.
    const rate = Math.round(1000 + 10 * Number(field(line, "vat").value));
    const amount = cents(field(line, from).value);
    if (Number.isNaN(rate) || amount === null) return;
    other.value = shown(Math.round(from === "net" ? (amount * rate) / 1000 : (amount * 1000) / rate));
  }

  function totals(root) {
    const sum = { net: 0, gross: 0, amount: 0 };
    root.querySelectorAll('[data-line="c"]').forEach((line) => {
      sum.net += cents(field(line, "net").value) || 0;
      sum.gross += cents(field(line, "gross").value) || 0;
    });
    const cost = root.querySelector("#p-in_net").value === "ttc" ? sum.gross : sum.net;
    root.querySelectorAll('[data-line="r"]').forEach((line) => {
      const status = field(line, "status").value;
      const typed = (name) => cents(field(line, name)?.value || "");
      const held = status === "paid" ? typed("paid") ?? typed("granted") : status === "granted" ? typed("granted") : null;
      const amount = held ?? typed("amount") ?? 0;
      if (status !== "refused") sum.amount += amount;
      line.querySelector("[data-part]").textContent = cost && amount && status !== "refused"
        ? `${euros.format(Math.round((amount / cost) * 10000) / 100)}\u00a0%`
        : "–";
    });
    root.querySelectorAll("[data-total]").forEach((place) => {
      place.textContent = said(sum[place.dataset.total]);
    });
    const gap = cost - sum.amount;
    root.querySelector("[data-gap]").textContent =
      gap > 0 ? `Il manque ${said(gap)}.` : gap < 0 ? `Il y a ${said(-gap)} de trop.` : cost ? "Les ressources égalent les dépenses." : "";
  }

  // -- The keyboard
  function nextCell(root, cell, back) {
    const cells = Array.from(root.querySelectorAll("[data-cell]")).filter((one) => one.offsetParent !== null);
    const next = cells[cells.indexOf(cell) + (back ? -1 : 1)];
    if (next) {
      next.focus();
      if (next.select) next.select();
    }
  }

  function watch(root) {
    const editor = root.querySelector("[data-plan-editor]");
    if (!editor) return;
    editor.addEventListener("input", (event) => {
      const line = event.target.closest('[data-line="c"]');
      const name = event.target.name.split("-")[1];
      if (line && (name === "net" || name === "gross")) {
        line.dataset.from = name;
        propose(line, name);
      } else if (line && name === "vat") {
        propose(line, line.dataset.from || (editor.querySelector("#p-in_net").value === "ttc" ? "gross" : "net"));
      }
      totals(editor);
    });
    editor.addEventListener("keydown", (event) => {
      const cell = event.target.closest("[data-cell]");
      if (event.key === "Enter" && cell && cell.tagName === "INPUT" && !event.defaultPrevented) {
        event.preventDefault();
        nextCell(editor, cell, event.shiftKey);
      }
    });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey) return;
    // In a cell that is being typed in, Ctrl+Z takes back what is typed, as everywhere.
    const cell = document.activeElement;
    if (cell && /^(INPUT|TEXTAREA)$/.test(cell.tagName) && cell.value !== cell.defaultValue) return;
    const button = document.getElementById("remettre");
    if (button) {
      event.preventDefault();
      button.click();
    }
  });

  // -- The answer replaces the plan, where the reader is.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!form.matches("[data-swap]") || (button && "native" in button.dataset)) return;
    const address = (button && button.getAttribute("formaction")) || form.getAttribute("action");
    const body = new FormData(form, button);
    event.preventDefault();
    const present = form.closest("#plan");
    present.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { method: "POST", body });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("#plan");
      if (!next) throw new Error("no plan in the answer");
      const open = Array.from(present.querySelectorAll("details[open][id]"), (one) => one.id);
      present.replaceWith(next);
      changed = true;
      open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
      start(next);
      arrive(next, button && "row" in button.dataset);
    } catch {
      // No network, or a page that is not ours: the browser does it, and says what is wrong.
      if (button) {
        const copy = document.createElement("input");
        copy.type = "hidden";
        copy.name = button.name;
        copy.value = button.value;
        form.append(copy);
      }
      form.action = address;
      form.submit();
    }
  });

  function arrive(root, isRow) {
    const wanted = root.dataset.focus && document.getElementById(root.dataset.focus);
    const target = wanted || (isRow ? null : document.getElementById("erreurs") || document.getElementById("verdict"));
    if (!target) return;
    const fold = target.closest("details:not([open])");
    if (fold) fold.open = true;
    target.focus({ preventScroll: isRow });
    target.scrollIntoView({ block: isRow ? "nearest" : "start" });
    const status = root.querySelector(".p-said span, .p-verdict__title");
    document.getElementById("annonce").textContent = status ? status.textContent : "";
  }

  // -- What is typed and kept nowhere: the browser asks before it is lost.
  let changed = false;
  document.addEventListener("input", (event) => {
    if (event.target.closest("#formulaire-plan")) changed = true;
  });
  document.addEventListener("submit", (event) => {
    // A file that is carried away, or a page that answers: nothing is lost.
    if (event.target.closest("#plan")) changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });

  function start(root) {
    watch(root);
    if (root !== document) root.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  }
  document.addEventListener("DOMContentLoaded", () => {
    start(document);
    const page = document.querySelector("#plan[data-focus]");
    if (page) arrive(page, false);
  });
})();
