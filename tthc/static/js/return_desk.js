// Handing over: whoever is authorised has another name than the applicant, which stands there already.
(() => {
  "use strict";
  const form = document.querySelector("form.giving");
  const name = form && form.elements.name;
  if (!name || form.querySelector('[name="receiver"][value="authorised"]').checked) return;
  const told = name.value;
  form.querySelectorAll('[name="receiver"]').forEach((radio) => {
    radio.addEventListener("change", () => {
      if (radio.value === "authorised" && name.value === told) name.value = "";
      else if (radio.value !== "authorised" && !name.value) name.value = told;
    });
  });
})();
