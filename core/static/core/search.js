// The search box: proposals while somebody types, arrow keys through them, Ctrl-K (and "/" where a list has no box of
// its own) to get there. Without this script the box is an ordinary form.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
    const form = document.querySelector("form.bo-finder");
    if (!form) {
        return;
    }
    const input = form.querySelector("input");
    const list = form.querySelector("[role=listbox]");
    const status = form.querySelector("[data-search-status]");
    const WAIT_MS = 180;
    const SHORTEST = 3;
    let timer = 0;
    let asked = 0;
    let chosen = -1;

    const options = () => [...list.querySelectorAll("[role=option]")];

    function open(isOpen) {
        list.hidden = !isOpen;
        input.setAttribute("aria-expanded", String(isOpen));
        if (!isOpen) {
            choose(-1);
        }
    }

    function choose(index) {
        chosen = index;
        options().forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
        const option = options()[index];
        if (option) {
            input.setAttribute("aria-activedescendant", option.id);
            option.scrollIntoView({ block: "nearest" });
        } else {
            input.removeAttribute("aria-activedescendant");
        }
    }

    async function propose() {
        const text = input.value.trim();
        const turn = ++asked;
        if (text.length < SHORTEST) {
            open(false);
            return;
        }
        try {
            const address = `${form.dataset.proposalsUrl}?${new URLSearchParams({ q: text })}`;
            const response = await fetch(address, { redirect: "error", credentials: "same-origin" });
            const html = response.ok ? await response.text() : "";
            if (turn !== asked || !html) {
                return; // an answer to what was typed before
            }
            list.innerHTML = html;
            choose(-1);
            open(document.activeElement === input);
            const count = options().length;
            status.textContent = count ? form.dataset.found.replace("{count}", count) : list.textContent.trim();
        } catch {
            open(false); // Enter still leads to the page of what was found
        }
    }

    input.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(propose, WAIT_MS);
    });

    input.addEventListener("keydown", (event) => {
        const count = list.hidden ? 0 : options().length;
        if (event.key === "Escape" && !list.hidden) {
            event.preventDefault();
            open(false);
        } else if (event.key === "ArrowDown" && count) {
            event.preventDefault();
            choose((chosen + 1) % count);
        } else if (event.key === "ArrowUp" && count) {
            event.preventDefault();
            choose(chosen <= 0 ? count - 1 : chosen - 1);
        } else if (event.key === "Enter" && count && chosen >= 0) {
            event.preventDefault();
            location.assign(options()[chosen].href);
        }
    });

    form.addEventListener("submit", (event) => {
        if (!input.value.trim()) {
            event.preventDefault();
        }
    });

    document.addEventListener("pointerdown", (event) => {
        if (!form.contains(event.target)) {
            open(false);
        }
    });
    form.addEventListener("focusout", (event) => {
        if (event.relatedTarget && !form.contains(event.relatedTarget)) {
            open(false);
        }
    });

    function isTyping(element) {
        return element.isContentEditable || element.matches("input, textarea, select");
    }

    document.addEventListener("keydown", (event) => {
        const isPalette = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
        const isSlash = event.key === "/" && !isTyping(document.activeElement) && !document.getElementById("searchbar");
        if ((isPalette || isSlash) && !document.querySelector("dialog[open]")) {
            event.preventDefault();
            input.focus();
            input.select();
        }
    });
});
