// The pages of signing in: passkeys where there can be any, and what is kept of a form.
(function () {
    "use strict";

    // A name is needed: no browser gives a passkey to a bare address.
    const isAddress = /^(\d+\.){3}\d+$|^\[/.test(location.hostname);
    const hasPasskeys = Boolean(window.PublicKeyCredential) && window.isSecureContext && !isAddress;
    document.querySelectorAll("[data-needs-passkeys]").forEach((part) => (part.hidden = !hasPasskeys));
    document.querySelectorAll("[data-passkeys-are-impossible]").forEach((part) => (part.hidden = hasPasskeys));

    document.addEventListener("allauth.error", (event) => {
        event.preventDefault();
        const line = document.querySelector("[data-passkey-error]");
        line.textContent = line.dataset.passkeyError;
        line.hidden = false;
    });

    // The form that was being sent stands in this tab's storage (drafts.js); it is filled in again after signing in.
    if (document.querySelector("[data-draft-is-kept]")) {
        sessionStorage.setItem("bo-draft-is-kept", "yes");
    }

    const back = document.querySelector("[data-back]");
    if (back && document.referrer.startsWith(`${location.origin}/`)) back.href = document.referrer;

    document.querySelectorAll("[data-copy]").forEach((button) => {
        if (!navigator.clipboard) return;
        button.hidden = false;
        button.addEventListener("click", async () => {
            await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).innerText.trim());
            button.textContent = button.dataset.copied;
        });
    });

    document.addEventListener("submit", (event) => {
        if (!event.target.matches("[data-once]")) return;
        event.target.querySelectorAll("[type=submit]").forEach((button) => setTimeout(() => (button.disabled = true)));
    });
    // The browser's way back shows the page as it was left.
    addEventListener("pageshow", (event) => {
        if (event.persisted) document.querySelectorAll("[data-once] [type=submit]").forEach((button) => (button.disabled = false));
    });
    document.querySelector("form input:not([type=hidden]):not([type=checkbox])")?.focus();
})();
