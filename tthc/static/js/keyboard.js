// Keyboard: shortcuts, where the focus goes after a step, and no form sent twice.
(() => {
  "use strict";
  const SWITCH = "tthc.single-keys";
  const typing = (element) =>
    element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) &&
    !/^(checkbox|radio|button|submit)$/.test(element.type);

  // Single keys can be switched off, as people who dictate or use a switch need it.
  const singleKeys = () => {
    try { return window.localStorage.getItem(SWITCH) !== "off"; } catch { return true; }
  };

  const focusFirst = (box) => {
    const field = box.querySelector("input:not([type=hidden]), select, textarea, button");
    const chosen = field && field.type === "radio" && box.querySelector(`[name="${field.name}"]:checked`);
    if (field) (chosen || field).focus();
  };
  const endOf = (box) => box.querySelector("button[data-primary]") || box.querySelector("button[type=submit]");

  // A part that unfolds and ends in a button of its own: what is typed there is sent by that button and no other.
  const partOf = (element) => {
    let part = element.closest("main details");
    while (part && !endOf(part)) part = part.parentElement.closest("main details");
    return part;
  };
  document.addEventListener("toggle", (event) => {
    const part = event.target;
    if (!part.matches("details") || !part.open || !endOf(part)) return;
    // The event comes late: whoever opened it by a key may be in its second field already.
    if (document.activeElement === part.querySelector("summary")) focusFirst(part);
  }, true);

  const openDeed = (deed) => {
    // A deed with a page of its own.
    if (deed.matches("a")) { deed.click(); return; }
    document.querySelectorAll(".deed[open]").forEach((other) => {
      if (other !== deed) other.open = false;
    });
    deed.open = true;
    focusFirst(deed.querySelector("form"));
  };

  // A deed that comes every day has a letter of its own; the others are numbered as they stand.
  const lettered = [...document.querySelectorAll(".deed[data-key]")];
  lettered.forEach((deed) => {
    deed.querySelector("kbd").hidden = false;
    deed.querySelector("summary").setAttribute("aria-keyshortcuts", deed.dataset.key);
  });
  const deeds = [...document.querySelectorAll(".deed:not([data-key])")].filter((one) => one.querySelector("kbd")).slice(0, 9);
  deeds.forEach((deed, index) => {
    const hint = deed.querySelector("kbd");
    hint.textContent = String(index + 1);
    hint.hidden = false;
    (deed.querySelector("summary") || deed).setAttribute("aria-keyshortcuts", String(index + 1));
  });

  // What the address points to is as good as unfolded.
  const pointedTo = () => {
    const one = document.getElementById(window.location.hash.slice(1));
    return one && one.parentElement.closest("main") ? one : null;
  };
  const ends = (parts) =>
    [...new Set(parts.map((one) => one && endOf(one)))].filter((button) => button && button.getClientRects().length);
  const send = (form, box) => form.requestSubmit(endOf(box));
  const submitMain = () => {
    const active = document.activeElement || document.body;
    const form = active.form || active.closest("form");
    const part = partOf(active);
    if (part && active.parentElement === part) {
      // On the line that unfolds it.
      part.open = true;
      focusFirst(part);
    } else if (part) {
      const box = form && part.contains(form) ? form : part;
      send(endOf(box).form, box);
    } else if (form) {
      // Words in an opened part of the same form say that its own button may be meant.
      const begun = [...form.querySelectorAll("details[open]")].find((one) =>
        endOf(one) && [...one.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => field.value.trim()));
      if (begun) focusFirst(begun);
      else send(form, form);
    } else {
      const open = ends([...document.querySelectorAll("main details[open]"), pointedTo()]);
      const main = document.querySelector("form[data-main]");
      // Of two that are open none is meant more than the other.
      if (open.length === 1) open[0].form.requestSubmit(open[0]);
      else if (!open.length && main) send(main, main);
    }
  };

  const help = document.getElementById("shortcuts");
  const showHelp = () => { if (help && !help.open) help.showModal(); };

  // Rows of a list: the focus goes to the link of the row, so that Enter opens it.
  const ROW = "tthc.row";
  const thisPage = window.location.pathname + window.location.search;
  const rowLinks = () => [...document.querySelectorAll("main .list a[data-row]")];
  const rowOf = (element) => (element ? element.closest("main .list tbody tr") : null);
  const goRow = (by) => {
    const links = rowLinks();
    const at = links.findIndex((link) => link.closest("tr") === rowOf(document.activeElement));
    const next = links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)];
    if (next) next.focus();
  };
  document.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    const link = row && row.querySelector("a[data-row]");
    if (!link) return;
    try { window.sessionStorage.setItem(ROW, JSON.stringify([thisPage, link.href])); } catch { /* not kept */ }
  });
  const backToRow = () => {
    const [visit] = window.performance.getEntriesByType("navigation");
    if (!visit || visit.type !== "back_forward") return;
    try {
      const [page, address] = JSON.parse(window.sessionStorage.getItem(ROW) || "[]");
      const link = page === thisPage && rowLinks().find((one) => one.href === address);
      if (link) link.focus();
    } catch { /* no row to go back to */ }
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "F2") {
      const link = document.querySelector("[data-intake]");
      if (link) { event.preventDefault(); window.location.assign(link.href); }
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submitMain();
    } else if (event.key === "Escape") {
      const deed = document.activeElement && document.activeElement.closest(".deed[open]");
      if (deed) { deed.open = false; deed.querySelector("summary").focus(); }
    } else if (!singleKeys() || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    } else if (event.key === "/") {
      const box = document.getElementById("seek");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if ((event.key === "j" || event.key === "k") && rowLinks().length) {
      event.preventDefault();
      goRow(event.key === "j" ? 1 : -1);
    } else if (event.key === "x" && rowOf(document.activeElement)) {
      const box = rowOf(document.activeElement).querySelector("input[type=checkbox]");
      if (box) { event.preventDefault(); box.click(); }
    } else if (event.key === "?") {
      event.preventDefault();
      showHelp();
    } else if (lettered.some((deed) => deed.dataset.key === event.key) && !(help && help.open)) {
      event.preventDefault();
      openDeed(lettered.find((deed) => deed.dataset.key === event.key));
    } else if (/^[1-9]$/.test(event.key) && deeds[Number(event.key) - 1] && !(help && help.open)) {
      event.preventDefault();
      openDeed(deeds[Number(event.key) - 1]);
    }
  });

  if (help) {
    const button = document.querySelector("[data-shortcuts]");
    if (button) { button.hidden = false; button.addEventListener("click", showHelp); }
    const box = help.querySelector("[data-single-keys]");
    box.checked = singleKeys();
    box.addEventListener("change", () => {
      try { window.localStorage.setItem(SWITCH, box.checked ? "on" : "off"); } catch { /* kept for this page */ }
    });
  }

  // What went wrong, or what was done, comes before everything else.
  const target = document.querySelector("[data-focus-first]") || document.querySelector("[data-focus]");
  const aimed = pointedTo();
  if (aimed && !document.querySelector("[data-focus-first]") && ends([aimed]).length) {
    // The browser goes there itself when the page is through, and takes the focus along.
    window.addEventListener("load", () => focusFirst(aimed));
  } else if (target) target.focus({ preventScroll: !target.matches("[data-focus-first]") });
  else backToRow();

  const here = document.querySelector(".side [aria-current]");
  const side = document.querySelector(".side");
  if (here && side && side.scrollWidth > side.clientWidth) side.scrollLeft = here.offsetLeft - 16;

  // A second click while the first is on its way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    window.setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form").forEach((form) => { delete form.dataset.sent; });
  });

  // One box marks all rows of the page; what is on other pages or not shown is never among them.
  document.querySelectorAll("th[data-tick-all]").forEach((head) => {
    const boxes = [...head.closest("table").querySelectorAll("tbody input[name=marks]")];
    const all = document.createElement("input");
    all.type = "checkbox";
    all.className = "form-check-input";
    all.setAttribute("aria-label", "Chọn mọi hồ sơ trên trang này");
    const follow = () => {
      const marked = boxes.filter((box) => box.checked).length;
      all.checked = marked > 0 && marked === boxes.length;
      all.indeterminate = marked > 0 && marked < boxes.length;
    };
    all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); });
    boxes.forEach((box) => box.addEventListener("change", follow));
    window.addEventListener("pageshow", follow);
    head.replaceChildren(all);
    follow();
  });

  // A select that narrows a list down takes effect at once; the button stays for those without script.
  document.querySelectorAll("form[data-live] select").forEach((select) => {
    select.addEventListener("change", () => select.form.requestSubmit());
  });
})();
