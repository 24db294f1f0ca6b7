// What somebody typed is not lost when they were signed out while they typed: a form that is sent is kept in this tab
// until the next page comes. If that is the page for signing in, the form is filled in again afterwards.
(function () {
    "use strict";

    if (location.pathname.startsWith("/account/")) return;

    const DRAFT = "bo-draft", IS_KEPT = "bo-draft-is-kept";
    const NOT_TYPED = ["hidden", "password", "file", "submit", "button", "reset", "fieldset", "output"];
    const addressOf = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;
    const typedIn = (form) => [...form.elements].filter((field) => field.name && !NOT_TYPED.includes(field.type));

    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (form.method !== "post") return;
        const values = typedIn(form).map((field) => ({
            name: field.name,
            value: field.value,
            checked: field.checked,
            chosen: field.multiple ? [...field.selectedOptions].map((option) => option.value) : null,
        }));
        if (values.length) sessionStorage.setItem(DRAFT, JSON.stringify({ address: addressOf(form), values }));
    });

    function fill(form, values) {
        const left = typedIn(form);
        for (const { name, value, checked, chosen } of values) {
            const index = left.findIndex((field) => field.name === name);
            if (index < 0) continue;
            const [field] = left.splice(index, 1);
            if (checked !== undefined && ["checkbox", "radio"].includes(field.type)) {
                field.checked = checked;
            } else if (chosen) {
                [...field.options].forEach((option) => (option.selected = chosen.includes(option.value)));
            } else {
                field.value = value;
            }
            if (field.type === "radio" && !checked) continue;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            field.dispatchEvent(new Event("change", { bubbles: true }));
        }
    }

    function tell(form) {
        const note = document.createElement("div");
        note.className = "bo-banner bo-warning";
        note.setAttribute("role", "status");
        note.textContent = document.querySelector("#draft-is-back").content.textContent;
        form.prepend(note);
        const dialog = form.closest("dialog");
        if (dialog && !dialog.open) dialog.showModal();
        note.scrollIntoView({ block: "center" });
    }

    window.addEventListener("load", () => {
        const draft = sessionStorage.getItem(DRAFT), isKept = sessionStorage.getItem(IS_KEPT);
        sessionStorage.removeItem(DRAFT);
        sessionStorage.removeItem(IS_KEPT);
        if (!draft || !isKept) return;
        const { address, values } = JSON.parse(draft);
        const form = [...document.forms].find((one) => one.method === "post" && addressOf(one) === address);
        if (!form) return;
        fill(form, values);
        tell(form);
    });
})();
