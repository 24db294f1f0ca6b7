// Lists: a look inside a row, the dialogs, and coming back to where one was. Without this script the links lead to pages
// that do the same.

const PLACE = "list-place";

document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-peek]");
    if (opener) {
        togglePeek(opener);
        return;
    }
    const dialog = document.getElementById(event.target.closest("[data-list-dialog]")?.dataset.listDialog);
    if (dialog && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        dialog.showModal();
        return;
    }
    const closer = event.target.closest(".bo-small-dialog [data-close-dialog]");
    if (closer) {
        event.preventDefault();
        closer.closest("dialog").close();
        return;
    }
    const again = event.target.closest("[data-peek-again]");
    if (again) {
        load(again.closest(".bo-peek-row"));
        return;
    }
    if (event.target.closest("#result_list a[href]")) {
        sessionStorage.setItem(PLACE, JSON.stringify({ list: location.href, y: scrollY }));
    }
});

function togglePeek(opener) {
    const row = opener.closest("tr");
    const isOpen = opener.getAttribute("aria-expanded") === "true";
    opener.setAttribute("aria-expanded", String(!isOpen));
    if (row.nextElementSibling?.matches(".bo-peek-row")) {
        row.nextElementSibling.hidden = isOpen;
        return;
    }
    const peek = document.createElement("tr");
    peek.className = "bo-peek-row";
    peek.dataset.url = opener.dataset.peek;
    peek.innerHTML = `<td colspan="${row.cells.length}"><div class="bo-peek-content" role="status"></div></td>`;
    row.after(peek);
    load(peek);
}

async function load(peek) {
    const place = peek.querySelector(".bo-peek-content");
    const words = document.querySelector(".bo-list-bar").dataset;
    place.textContent = words.loading;
    try {
        const answer = await fetch(peek.dataset.url, { redirect: "error", credentials: "same-origin" });
        if (!answer.ok) {
            throw new Error(answer.statusText);
        }
        place.innerHTML = await answer.text();
    } catch {
        place.innerHTML = '<span></span> <button type="button" class="bo-link" data-peek-again></button>';
        place.firstChild.textContent = words.notLoaded;
        place.lastChild.textContent = words.again;
    }
}

// Whoever comes back from a row by a link finds the list where they left it; the page has its height when it has loaded.
addEventListener("load", () => {
    const left = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    if (left?.list === location.href && document.referrer && document.referrer !== location.href) {
        scrollTo(0, left.y);
        sessionStorage.removeItem(PLACE);
    }
});
