// Drawing areas on a page with mouse, pen or finger. Without this file areas are typed.
"use strict";

(() => {
  const sheet = document.querySelector("[data-marking]");
  const field = sheet && document.getElementById(sheet.dataset.marking);
  if (!field) return;
  const count = document.querySelector("[data-drawn-count]");
  const undo = document.querySelector("[data-drawn-undo]");
  const areas = [];
  const boxes = [];
  let start = null;
  let box = null;
  sheet.classList.add("marking-live");

  const place = (event) => {
    const rect = sheet.getBoundingClientRect();
    const share = (value, size) => Math.min(100, Math.max(0, (value / size) * 100));
    return [share(event.clientX - rect.left, rect.width), share(event.clientY - rect.top, rect.height)];
  };
  const area = (from, to) => [
    Math.min(from[0], to[0]), Math.min(from[1], to[1]),
    Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1]),
  ];
  const show = (element, [left, top, width, height]) => {
    element.style.left = `${left}%`;
    element.style.top = `${top}%`;
    element.style.width = `${width}%`;
    element.style.height = `${height}%`;
  };
  const keep = () => {
    const rounded = areas.map((one) => one.map((value) => Math.round(value * 1000) / 1000));
    field.value = areas.length ? JSON.stringify(rounded) : "";
    count.textContent = areas.length ? count.dataset.some + areas.length : count.dataset.none;
    undo.hidden = !areas.length;
  };

  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    start = place(event);
    box = document.createElement("div");
    box.className = "marking-box";
    sheet.append(box);
    sheet.setPointerCapture(event.pointerId);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (start) show(box, area(start, place(event)));
  });
  const stop = (event, isKept) => {
    if (!start) return;
    const drawn = area(start, place(event));
    start = null;
    // A tap is no area.
    if (isKept && drawn[2] >= 0.3 && drawn[3] >= 0.3) {
      areas.push(drawn);
      boxes.push(box);
      show(box, drawn);
    } else {
      box.remove();
    }
    keep();
  };
  sheet.addEventListener("pointerup", (event) => stop(event, true));
  sheet.addEventListener("pointercancel", (event) => stop(event, false));
  undo.addEventListener("click", () => {
    areas.pop();
    const last = boxes.pop();
    if (last) last.remove();
    keep();
  });
  keep();
})();
