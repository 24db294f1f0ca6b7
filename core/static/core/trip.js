// Our own pages: copying, the refund dialog, forms that are sent once, and content that refreshes itself.
// Without this script the page works the same; links lead to pages of their own.
"use strict";

document.documentElement.classList.add("bo-scripted");

document.addEventListener("click", (event) => {
    const copier = event.target.closest("[data-copy], [data-copy-next]");
    if (copier) {
        copy(copier);
        return;
    }
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        fill(dialog, opener.href);
        return;
    }
    document.querySelectorAll("[data-menu][open]").forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
    const closer = event.target.closest("dialog [data-close-dialog]");
    if (closer) {
        event.preventDefault();
        closer.closest("dialog").close();
    }
});

// The dialog's form is asked for when it is opened, so that it says what is so now. What fails leads to a page.
async function fill(dialog, href) {
    try {
        const response = await fetch(`${href}?part=form`, { redirect: "error", credentials: "same-origin" });
        if (!response.ok) {
            throw new Error(response.statusText);
        }
        dialog.innerHTML = await response.text();
    } catch {
        location.href = href;
        return;
    }
    document.dispatchEvent(new Event("dialog-filled"));
    dialog.showModal();
}

function copy(button) {
    const text = button.dataset.copy ?? button.parentElement.querySelector("pre").textContent;
    const icon = button.querySelector(".material-symbols-outlined");
    navigator.clipboard.writeText(text).then(() => {
        icon.textContent = "check";
        setTimeout(() => { icon.textContent = "content_copy"; }, 1500);
    }, () => { icon.textContent = "error"; });
}

// A form is sent once; coming back with the browser's button makes it usable again.
document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-once], [data-refund-form]")) {
        event.submitter?.setAttribute("data-busy", "");
        // A moment later: the form names the button that sent it only while that can be pressed.
        setTimeout(() => {
            event.target.querySelectorAll("button[type=submit]").forEach((button) => { button.disabled = true; });
        });
    }
});
window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
        document.querySelectorAll("form:has([data-busy]) button[type=submit]").forEach((button) => {
            button.disabled = false;
            button.removeAttribute("data-busy");
        });
    }
});

// The theme writes the name of a chosen file into a field of its own, which our pages do not have.
document.addEventListener("change", (event) => {
    if (event.target.matches(".bo-input[type=file]")) {
        event.stopPropagation();
    }
}, true);

document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("[data-menu][open]");
    if (menu) {
        menu.removeAttribute("open");
        menu.querySelector("summary").focus();
        return;
    }
    const form = event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("dialog form, form[data-kept]");
    if (form) {
        form.requestSubmit();
    }
});

const MOST_FAILURES = 5;
const place = document.querySelector("[data-content-url]");
let failures = 0;

function seconds() {
    return Number(place.querySelector("[data-poll-seconds]")?.dataset.pollSeconds ?? 0);
}

function schedule() {
    if (seconds() > 0 && failures < MOST_FAILURES) {
        setTimeout(refresh, seconds() * 1000);
    }
}

async function refresh() {
    const dialog = document.getElementById("refund-dialog");
    if (document.hidden || dialog?.open) {
        schedule();
        return;
    }
    try {
        const response = await fetch(place.dataset.contentUrl, { redirect: "error", credentials: "same-origin" });
        if (!response.ok) {
            throw new Error(response.statusText);
        }
        show(await response.text());
        failures = 0;
    } catch {
        failures += 1;
    }
    schedule();
}

function show(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const was = place.querySelector(".bo-trip");
    const now = fresh.content.querySelector(".bo-trip");
    // Details that somebody has opened stay open, and are no change.
    was.querySelectorAll("details[open][data-key]").forEach((details) => {
        now.querySelector(`details[data-key="${details.dataset.key}"]`)?.setAttribute("open", "");
    });
    // What somebody is typing stays as it is.
    const kept = was.querySelector("[data-kept]");
    const copyOfKept = kept?.cloneNode(true);
    if (kept) {
        now.querySelector("[data-kept]")?.replaceWith(copyOfKept);
    }
    if (was.outerHTML === now.outerHTML) {
        return;
    }
    const isTyping = kept?.contains(document.activeElement);
    copyOfKept?.replaceWith(kept);
    const focused = was.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    place.replaceChildren(fresh.content);
    if (isTyping) {
        kept.querySelector("textarea").focus();
    }
    if (focused) {
        place.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
    }
}

if (place) {
    schedule();
}

// Seconds until the next try. Without this script the page says how many there were when it was made.
document.querySelectorAll("[data-seconds]").forEach((text) => {
    const until = Date.now() + text.dataset.seconds * 1000;
    const tick = setInterval(() => {
        const left = Math.ceil((until - Date.now()) / 1000);
        text.textContent = left > 0 ? text.dataset.in.replace("{seconds}", left) : text.dataset.now;
        if (left <= 0) {
            clearInterval(tick);
        }
    }, 1000);
});
