// The plan editor, made quicker: totals that follow, the other amount proposed, Enter to the next
// cell, Ctrl+Z and Ctrl+Y, the page replaced without being reloaded. What is typed is held by the tab (the state of
// its history, never the server): Back, Forward and Reload find it. Without this file, everything works.
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

  // -- Another place: the rates of VAT that apply there, and what is said of it.
  let followed = "";
  async function follow(root) {
    const form = document.getElementById("formulaire-plan");
    const place = root.querySelector("#b-place").value + root.querySelector("#b-department")?.value;
    if (place === followed) return;
    followed = place;
    const body = new FormData(form);
    body.set("faire", "revoir");
    ["fichier", "coller-fichier"].forEach((name) => body.delete(name));
    let page;
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return; // no network: « Vérifier » will do it
    }
    if (followed !== place || !root.isConnected) return;
    page.querySelectorAll('[data-line="c"]').forEach((there) => {
      const rate = document.getElementById(field(there, "vat").id);
      if (!rate || rate.value !== body.get(rate.name)) return; // another was chosen meanwhile
      const line = rate.closest("[data-line]");
      const chosen = field(there, "vat").value;
      rate.replaceChildren(...field(there, "vat").children);
      rate.value = chosen;
      field(line, "was").value = field(there, "was").value;
      if (line.dataset.from) propose(line, line.dataset.from);
    });
    ["#b-place-aide", "#tva-proposee"].forEach((one) => {
      const [here, there] = [root.querySelector(one), page.querySelector(one)];
      if (here && there) here.textContent = there.textContent;
    });
    totals(root);
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
    ["change", "suggest:chosen"].forEach((name) => editor.addEventListener(name, (event) => {
      if (["b-place", "b-department"].includes(event.target.id)) follow(editor);
    }));
    editor.addEventListener("keydown", (event) => {
      const cell = event.target.closest("[data-cell]");
      if (event.key === "Enter" && cell && cell.tagName === "INPUT" && !event.defaultPrevented) {
        event.preventDefault();
        nextCell(editor, cell, event.shiftKey);
      }
    });
  }

  document.addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && (key !== "y" || event.shiftKey))) return;
    // In a cell that is being typed in, these keys are for what is typed there, as everywhere.
    const cell = document.activeElement;
    if (cell && /^(INPUT|TEXTAREA)$/.test(cell.tagName) && cell.value !== cell.defaultValue) return;
    const button = document.getElementById(key === "y" || event.shiftKey ? "refaire" : "remettre");
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
    const isRow = Boolean(button && "row" in button.dataset);
    event.preventDefault();
    record();
    try {
      const next = await swap(address, body, opened());
      changed = true;
      // A new step, so that Back returns to the plan as it was; a line added is none.
      shows = seen(next, address);
      record(!isRow);
      arrive(next, isRow);
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

  // Sends the plan and puts the answer in its place; `open` are the parts to unfold again.
  async function swap(address, body, open) {
    const present = document.getElementById("plan");
    present.setAttribute("aria-busy", "true");
    const answer = await fetch(address, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("#plan");
    if (!next) throw new Error("no plan in the answer");
    document.getElementById("plan").replaceWith(next);
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    start(next);
    return next;
  }
  const opened = () => Array.from(document.querySelectorAll("#plan details[open][id]"), (one) => one.id);

  // -- The tab's memory: the cells, and what shows the same page again.
  let shows = null;
  let step = history.state?.plan?.step || 0;
  function record(push) {
    const form = document.getElementById("formulaire-plan");
    if (!form || !shows) return;
    const cells = Array.from(new FormData(form)).filter(([, value]) => typeof value === "string");
    if (push) step += 1;
    const plan = { ...shows, step, cells, open: opened(), top: Math.round(window.scrollY) };
    try {
      history[push ? "pushState" : "replaceState"]({ plan }, "");
    } catch {
      // Too much for this browser's memory: it asks before the page is left, as always.
    }
  }
  // What to ask to see this page again: a search is made again, nothing is added twice.
  function seen(page, address) {
    const action = document.getElementById("formulaire-plan").getAttribute("action");
    if (page.querySelector("#mieux")) return { address, verb: "" };
    if (page.querySelector("#aides-trouvees")) return { address: action, verb: "chercher-aides" };
    return { address: action, verb: page.querySelector("#verdict, #erreurs") ? "verifier" : "revoir" };
  }
  async function restore(plan) {
    shows = { address: plan.address, verb: plan.verb };
    step = plan.step;
    const body = new FormData();
    plan.cells.forEach(([name, value]) => body.append(name, value));
    if (plan.verb) body.append("faire", plan.verb);
    try {
      await swap(plan.address, body, plan.open);
      changed = true;
      window.scrollTo({ top: plan.top, behavior: "instant" });
    } catch {
      document.getElementById("plan").removeAttribute("aria-busy");
    }
  }
  window.addEventListener("popstate", (event) => {
    const plan = event.state?.plan;
    if (plan && plan.step !== step) restore(plan);
    else record(); // another place of the same page
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
  let soon = 0;
  document.addEventListener("input", (event) => {
    if (!event.target.closest("#formulaire-plan")) return;
    changed = true;
    clearTimeout(soon);
    soon = setTimeout(record, 250);
  });
  document.addEventListener("submit", (event) => {
    // A file that is carried away, or a page that answers: nothing is lost.
    if (!event.target.closest("#plan")) return;
    record();
    changed = false;
    clearTimeout(soon);
    // Once it is saved, what is kept is in the plan.
    if (event.submitter?.value === "enregistrer") history.replaceState(null, "");
  });
  document.addEventListener("click", (event) => {
    // A link of the site: Back returns here, and finds everything.
    const link = event.target.closest("a[href]");
    if (!link || link.target || link.origin !== location.origin) return;
    if (link.getAttribute("href").startsWith("#")) return;
    record();
    changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });

  function start(root) {
    watch(root);
    // What is typed is remembered above: no list of former words over the next line.
    root.querySelectorAll("[data-gap]").forEach((one) => one.classList.add("p-gap--live"));
    root.querySelectorAll("[data-plan-editor] input").forEach((one) => { one.autocomplete = "off"; });
    if (root !== document) root.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
  }
  document.addEventListener("DOMContentLoaded", () => {
    start(document);
    const form = document.getElementById("formulaire-plan");
    if (!form) return;
    if (history.state?.plan) {
      // A link to this very page may keep the state of the step that it replaces: it is a new visit.
      if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") {
        restore(history.state.plan);
        return;
      }
      history.replaceState(null, "");
      step = 0;
    }
    const page = document.getElementById("plan");
    shows = seen(page, form.getAttribute("action"));
    if (page.dataset.focus) arrive(page, false);
  });
})();
