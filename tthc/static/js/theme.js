// Bootstrap's own dark details follow the system's choice; runs before the first paint.
(() => {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    document.documentElement.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  follow();
  dark.addEventListener("change", follow);
  document.documentElement.classList.add("has-script");
})();
