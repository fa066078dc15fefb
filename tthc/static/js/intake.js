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
      if (next.select && next.type === "text") next.select();
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
      searchField: ["text"],
      placeholder: "Gõ số thứ tự hoặc tên thủ tục, không cần dấu",
      hidePlaceholder: true,
      render: {
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

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    const field = event.target;
    if (field.closest(".ts-control")) { event.preventDefault(); return; }
    if (/^(text|tel|email|radio|checkbox)$/.test(field.type) || field.tagName === "SELECT") {
      event.preventDefault();
      goOn(field);
    }
  });

  const card = document.getElementById("due-card");
  document.body.addEventListener("htmx:sendError", () => {
    const text = document.createElement("p");
    text.setAttribute("role", "alert");
    text.textContent = "Mất kết nối tới máy chủ. Kiểm tra mạng; nội dung đã nhập vẫn còn trên trang.";
    card.replaceChildren(text);
  });
})();
