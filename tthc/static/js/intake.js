// Intake and its correction: the procedure is found by typing, Enter goes on to the next field, the due date follows along.
(() => {
  "use strict";
  const form = document.querySelector("form.desk");
  if (!form) return;

  const fields = () =>
    [...form.querySelectorAll("input, select, textarea, button")].filter(
      (one) => !one.disabled && one.type !== "hidden" && one.tabIndex >= 0 && one.offsetParent !== null,
    );

  const goOn = (from) => {
    const all = fields();
    let at = all.indexOf(from);
    if (from.dataset.skip && !from.value) {
      // An empty paper line: on to what comes after the table.
      const table = from.closest("table");
      while (all[at + 1] && table.contains(all[at + 1])) at += 1;
    }
    const group = from.name;
    do { at += 1; } while (all[at] && from.type === "radio" && all[at].name === group);
    const next = all[at];
    if (!next) return;
    if (next.type === "radio") {
      const chosen = all.find((one) => one.name === next.name && one.checked);
      (chosen || next).focus();
    } else {
      next.focus();
      if (next.select && /^(text|number)$/.test(next.type)) next.select();
    }
  };

  const select = form.querySelector("#procedure_id");
  if (select && window.TomSelect) {
    const label = document.querySelector('label[for="procedure_id"]').textContent.trim();
    const wanted = document.activeElement === select;
    const picker = new window.TomSelect(select, {
      maxOptions: null,
      selectOnTab: true,
      openOnFocus: false,
      // Whoever types and presses Enter at once must get what was typed, not what was listed before.
      refreshThrottle: 0,
      searchField: ["text", "code", "initials"],
      placeholder: "Số thứ tự, mã, tên hoặc chữ cái đầu",
      score(search) {
        const base = this.getScoreFunction(search);
        const typed = search.trim().toLowerCase();
        return (item) => {
          const found = base(item);
          if (!found) return 0;
          // A whole number or code means that one procedure; otherwise what is received most leads.
          if (typed && (item.no === typed || item.code === typed)) return found + 100;
          return found + (Number(item.used) ? (10 - Number(item.used)) / 10 : 0);
        };
      },
      hidePlaceholder: true,
      render: {
        option: (data) => {
          const box = document.createElement("div");
          box.textContent = data.text;
          if (data.code) {
            const code = document.createElement("span");
            code.className = "under";
            code.textContent = data.code;
            box.append(code);
          }
          return box;
        },
        no_results: () => {
          const box = document.createElement("div");
          box.className = "no-results";
          box.textContent = "Không có thủ tục nào khớp. Xóa bớt chữ rồi thử lại.";
          return box;
        },
      },
    });
    const control = picker.control_input;
    // The picker takes the label over; the select below it keeps its name for whoever reads the form.
    select.setAttribute("aria-label", label);
    control.setAttribute("aria-describedby", select.getAttribute("aria-describedby") || "");
    if (select.hasAttribute("aria-invalid")) control.setAttribute("aria-invalid", "true");
    picker.control.addEventListener("click", () => picker.open());
    let entered = false;
    control.addEventListener("keydown", (event) => { entered = event.key === "Enter"; }, true);
    picker.on("item_add", () => {
      if (!entered) return;
      entered = false;
      // As soon as the picker is through with this key and before the next one, however fast it comes.
      window.queueMicrotask(() => { picker.blur(); goOn(control); });
    });
    // The label and the error summary point to the select, which the picker hides.
    document.querySelectorAll('a[href="#procedure_id"]').forEach((link) => {
      link.addEventListener("click", (event) => { event.preventDefault(); picker.focus(); });
    });
    if (wanted || select.hasAttribute("data-focus")) picker.focus();
  }

  // Who filed before: suggestions below the box, taken with Enter; what nobody matches is a new applicant.
  const seek = form.querySelector("#seek_applicant");
  if (seek) {
    const place = document.getElementById("applicant-found");
    const options = () => [...place.querySelectorAll('[role="option"]')];
    const active = () => options().find((one) => one.getAttribute("aria-selected") === "true");
    const answered = () => place.querySelector("[data-seek]")?.dataset.seek === seek.value.trim().replace(/\s+/g, " ");
    let wanted = false;
    let dismissed = null;
    seek.setAttribute("role", "combobox");
    seek.setAttribute("aria-autocomplete", "list");
    seek.setAttribute("aria-expanded", "false");

    const mark = (one) => {
      options().forEach((other) => other.setAttribute("aria-selected", String(other === one)));
      const list = options().length > 0;
      seek.setAttribute("aria-expanded", String(list));
      if (list) seek.setAttribute("aria-controls", "applicant-list");
      else seek.removeAttribute("aria-controls");
      if (one) {
        seek.setAttribute("aria-activedescendant", one.id);
        one.scrollIntoView({ block: "nearest" });
      } else {
        seek.removeAttribute("aria-activedescendant");
      }
    };
    const close = () => { place.replaceChildren(); mark(null); };
    const tell = (field) => field.dispatchEvent(new Event("change", { bubbles: true }));

    const take = (one) => {
      const { applicant_kind: kind, ...texts } = one.dataset;
      const radio = form.querySelector(`[name="applicant_kind"][value="${kind}"]`);
      if (radio) radio.checked = true;
      Object.entries(texts).forEach(([name, text]) => { form.elements[name].value = text; });
      seek.value = "";
      close();
      tell(form.elements.applicant_name);
      // A known applicant may have an open dossier already: the page says so before it is saved.
      window.htmx?.trigger(form.elements.applicant_name, "taken");
      form.elements.submitter_name.focus();
    };
    const enterNew = () => {
      const text = seek.value.trim();
      const bare = text.replace(/[\s.]/g, "");
      // Ten digits from 0 on may be a telephone as well as a tax code: those are left to the clerk.
      const unsure = /^0\d{9}$/.test(bare);
      const field = form.elements[/^[\d-]{8,16}$/.test(bare) ? "id_number" : "applicant_name"];
      if (text && !unsure && !field.value) {
        field.value = field.name === "id_number" ? bare : text;
        tell(field);
      }
      seek.value = "";
      close();
      goOn(seek);
    };
    const answer = () => {
      wanted = false;
      if (active()) take(active());
      else enterNew();
    };

    seek.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const all = options();
      if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        mark(all[(all.indexOf(active()) + step + all.length) % all.length]);
      } else if (event.key === "Escape" && all.length) {
        event.preventDefault();
        dismissed = seek.value;
        close();
      } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        // Whoever types and presses Enter at once must get what was typed, not what was listed before.
        if (seek.value.trim().length < 2 || answered() || dismissed === seek.value) answer();
        else wanted = true;
      }
    });
    place.addEventListener("click", (event) => {
      const one = event.target.closest('[role="option"]');
      if (one) take(one);
    });
    place.addEventListener("htmx:afterSwap", () => {
      mark(options()[0] || null);
      if (wanted && answered()) answer();
    });
  }

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    const field = event.target;
    if (field.closest(".ts-control")) { event.preventDefault(); return; }
    if (/^(text|number|tel|email|radio|checkbox)$/.test(field.type) || field.tagName === "SELECT") {
      event.preventDefault();
      goOn(field);
    }
  });

  // What was typed is kept quietly, also when the window is closed; what is being sent needs no draft.
  const address = form.dataset.draft;
  if (address) {
    let timer = 0;
    let changed = false;
    const keep = () => {
      window.clearTimeout(timer);
      if (!changed) return;
      changed = false;
      window.fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true })
        .catch(() => { changed = true; });
    };
    const later = () => {
      changed = true;
      window.clearTimeout(timer);
      timer = window.setTimeout(keep, 1500);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("submit", () => { changed = false; window.clearTimeout(timer); });
    window.addEventListener("pagehide", keep);
  }

  // A further line for a paper: there at once to be typed into.
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.requestConfig?.triggeringEvent?.target?.value !== "paper") return;
    const names = document.querySelectorAll("#papers-place input[name$=-name]");
    names[names.length - 1]?.focus();
  });

  const card = document.getElementById("due-card");
  document.body.addEventListener("htmx:sendError", () => {
    const text = document.createElement("p");
    text.setAttribute("role", "alert");
    text.textContent = "Mất kết nối tới máy chủ. Kiểm tra mạng; nội dung đã nhập vẫn còn trên trang.";
    card.replaceChildren(text);
  });
})();
