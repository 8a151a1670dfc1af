// The desk's only comfort that needs a script: choosing all rows of a page at once.
"use strict";

(() => {
  const all = document.querySelector("[data-pick-all]");
  if (!all) return;
  const rows = [...document.querySelectorAll("[data-pick]")];
  all.hidden = false;
  const show = () => {
    const chosen = rows.filter((row) => row.checked).length;
    all.checked = chosen === rows.length;
    all.indeterminate = chosen > 0 && chosen < rows.length;
  };
  all.addEventListener("change", () => {
    for (const row of rows) row.checked = all.checked;
  });
  for (const row of rows) row.addEventListener("change", show);
  show();
})();
