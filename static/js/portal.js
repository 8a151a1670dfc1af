// Small comforts. Every page works without this file.
"use strict";

(() => {
  // What only a script can do is hidden until one runs.
  for (const element of document.querySelectorAll("[data-needs-script]")) {
    element.hidden = false;
  }

  const summary = document.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const control = link && document.getElementById(link.hash.slice(1));
      if (!control) return;
      event.preventDefault();
      const field = control.closest(".field") || control;
      field.scrollIntoView({ block: "start" });
      control.focus({ preventScroll: true });
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.addEventListener("click", () => window.print());
  }

  for (const button of document.querySelectorAll("[data-copy]")) {
    const status = button.parentElement.querySelector("[data-copy-status]");
    button.addEventListener("click", async () => {
      try {
        const text = document.getElementById(button.dataset.copy).textContent.trim();
        await navigator.clipboard.writeText(text);
        status.textContent = button.dataset.copied;
      } catch {
        status.textContent = button.dataset.failed;
      }
    });
  }

  // A second press within five seconds is a slip, not a second request. The button is not
  // disabled: it keeps its focus, and its name and value are sent.
  for (const form of document.querySelectorAll("form[method='post']")) {
    let sentAt = 0;
    form.addEventListener("submit", (event) => {
      if (event.timeStamp - sentAt < 5000 && sentAt) {
        event.preventDefault();
        return;
      }
      sentAt = event.timeStamp;
      if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
    });
    window.addEventListener("pageshow", () => {
      sentAt = 0;
      for (const button of form.querySelectorAll("[aria-disabled]")) {
        button.removeAttribute("aria-disabled");
      }
    });
    window.setInterval(() => {
      if (sentAt && performance.now() - sentAt > 5000) {
        for (const button of form.querySelectorAll("[aria-disabled]")) {
          button.removeAttribute("aria-disabled");
        }
        sentAt = 0;
      }
    }, 1000);
  }

  // What was typed is not lost by a slip (another language, the menu): the browser asks first.
  // The page's own ways out, such as cancel, are meant.
  for (const form of document.querySelectorAll("form[data-asks-before-leaving]")) {
    let isUnsent = Boolean(summary);
    form.addEventListener("input", (event) => {
      if (!event.target.matches("[type='radio'], [type='checkbox']")) isUnsent = true;
    });
    form.addEventListener("submit", (event) => {
      if (!event.defaultPrevented) isUnsent = false;
    });
    document.addEventListener("click", (event) => {
      if (event.target.closest(".button-row a, .ways-out a, .back-link a")) isUnsent = false;
    });
    window.addEventListener("beforeunload", (event) => {
      if (isUnsent) event.preventDefault();
    });
  }

  for (const box of document.querySelectorAll("[data-file-upload]")) {
    const control = box.querySelector("input[type='file']");
    const list = box.querySelector("[data-file-list]");
    control.addEventListener("change", () => {
      list.replaceChildren();
      if (!control.files.length) return;
      const heading = document.createElement("p");
      heading.textContent = box.dataset.chosen;
      const names = document.createElement("ul");
      for (const file of control.files) {
        const item = document.createElement("li");
        item.textContent = file.name;
        names.append(item);
      }
      list.append(heading, names);
    });
  }

  for (const notice of document.querySelectorAll("[data-expires-in]")) {
    const warning = notice.querySelector("[data-expiry-warning]");
    const wait = Number(notice.dataset.expiresIn) - Number(notice.dataset.warnBefore);
    if (warning && wait > 0) {
      window.setTimeout(() => {
        warning.hidden = false;
      }, wait * 1000);
    }
  }
})();
