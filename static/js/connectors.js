// Keeps the card of the connectors current while something is under way.
"use strict";

(() => {
  const body = document.querySelector("[data-connectors][data-active]");
  if (!body) return;
  const status = document.querySelector("[data-connectors-status]");
  const SECONDS = 3;
  const MOST_FAILURES = 5;
  let failures = 0;

  const look = async () => {
    let text = "";
    try {
      const answer = await fetch(body.dataset.connectors, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      text = await answer.text();
      failures = 0;
    } catch {
      failures += 1;
      if (failures < MOST_FAILURES) window.setTimeout(look, SECONDS * 1000 * 2 ** failures);
      return;
    }
    const fresh = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
    // Nothing moves under the reader's hands: with the focus inside, the next look shows it.
    if (!body.contains(document.activeElement)) {
      body.replaceChildren(fresh);
      // A changed text is announced, the same one is not.
      if (status.textContent !== fresh.dataset.summary) status.textContent = fresh.dataset.summary;
      if (!("active" in fresh.dataset)) return;
    }
    window.setTimeout(look, SECONDS * 1000);
  };
  window.setTimeout(look, SECONDS * 1000);
})();
