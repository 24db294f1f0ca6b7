// Counts down to a moment, and fades what has ended by then. Without this script the page names the moment.
"use strict";

const line = document.querySelector("[data-counts-to]");

function show() {
    const left = Math.ceil((new Date(line.dataset.countsTo) - Date.now()) / 1000);
    if (left > 0) {
        line.textContent = line.dataset.left.replace("{seconds}", left);
        setTimeout(show, 250);
    } else {
        line.textContent = line.dataset.ended;
        document.querySelectorAll("[data-fades-at]").forEach((drawing) => drawing.setAttribute("data-faded", ""));
    }
}

if (line) {
    show();
}
