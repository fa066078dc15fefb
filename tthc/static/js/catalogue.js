// The form of a version: rows come and go without a round trip, and the cut follows the numbers of fields.
(() => {
  "use strict";
  const form = document.getElementById("version");
  if (!form) return;

  const focusFirst = (row) => row.querySelector("input:not([type=hidden]), select")?.focus();

  const addRow = (list, name) => {
    const places = [...list.children].map((row) => Number(row.dataset.row));
    const place = Math.max(-1, ...places) + 1;
    const pattern = document.getElementById(`pattern-${list.dataset.pattern}`).innerHTML;
    const maker = document.createElement("template");
    maker.innerHTML = pattern.replaceAll("PREFIX", `${name}-${place}`);
    const row = maker.content.querySelector("[data-row]");
    row.dataset.row = String(place);
    list.append(row);
    focusFirst(row);
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=add], button[name=drop]");
    if (!button) return;
    event.preventDefault();
    if (button.name === "add") {
      addRow(document.getElementById(`${button.value}-rows`), button.value);
      return;
    }
    const row = button.closest("[data-row]");
    const list = row.parentElement;
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    const adder = form.querySelector(`button[name=add][value="${list.id.replace(/-rows$/, "")}"]`);
    if (next) focusFirst(next);
    else adder.focus();
  });

  // The same as the server computes: tenths of a per cent, rounded half up.
  const before = form.querySelector("[name=fields_before]");
  const after = form.querySelector("[name=fields_after]");
  const published = form.querySelector("[name=declared_cut_percent]");
  const cut = form.querySelector("[data-cut]");
  const whole = (field) => (/^\d+$/.test(field.value.trim()) ? Number(field.value) : NaN);
  const show = () => {
    const [old, now] = [whole(before), whole(after)];
    let label = "chưa tính được tỷ lệ";
    if (old > 0 && now >= 0 && now <= old) {
      const tenths = Math.floor(((old - now) * 2000 + old) / (2 * old));
      label = `giảm ${Math.floor(tenths / 10)}${tenths % 10 ? `,${tenths % 10}` : ""} %`;
    } else if (whole(published) > 0) {
      label = `giảm ${whole(published)} %`;
    }
    if (cut.textContent !== label) {
      cut.textContent = label;
      // What was set against the published cut no longer holds.
      cut.parentElement.querySelectorAll(".tag").forEach((tag) => tag.remove());
    }
  };
  [before, after, published].forEach((field) => field.addEventListener("input", show));
})();
