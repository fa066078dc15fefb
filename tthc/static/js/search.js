// The list below the search box: arrows walk through it, Escape and leaving it close it.
(() => {
  "use strict";
  const box = document.getElementById("seek");
  const list = document.getElementById("seek-hints");
  if (!box || !list) return;
  const close = () => { list.replaceChildren(); };
  let dismissed = null;

  box.form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape" && list.childElementCount) {
      event.preventDefault();
      dismissed = box.value;
      close();
      box.focus();
    } else if (event.key === "ArrowDown" && at + 1 < links.length) {
      event.preventDefault();
      links[at + 1].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (links[at - 1] || box).focus();
    }
  });
  box.form.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.form.contains(event.relatedTarget)) close();
  });
  document.addEventListener("click", (event) => { if (!box.form.contains(event.target)) close(); });
  // An answer that comes after the box was left or emptied, or the list closed, is not shown.
  list.addEventListener("htmx:beforeSwap", (event) => {
    if (!box.value.trim() || box.value === dismissed || !box.form.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
  box.addEventListener("input", () => { dismissed = null; if (!box.value.trim()) close(); });
})();
