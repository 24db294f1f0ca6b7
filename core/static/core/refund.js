// The refund form: shows only the chosen way, computes each part as the server does, and says the sum on the button.
"use strict";

const SCALE = 10n ** 10n;

// A decimal as a whole number of ten-billionths; null for what is no number.
function exact(text) {
    const match = /^(\d*)(?:\.(\d{0,10}))?$/.exec((text ?? "").trim());
    if (!match || !(match[1] || match[2])) {
        return null;
    }
    return BigInt(match[1] || "0") * SCALE + BigInt((match[2] ?? "").padEnd(10, "0"));
}

// total × quantity ÷ whole, in the currency's smallest unit, rounded half up.
function share(total, quantity, whole, places) {
    const numerator = total * quantity * 10n ** BigInt(places);
    const denominator = whole * SCALE;
    return denominator === 0n ? 0n : (2n * numerator + denominator) / (2n * denominator);
}

function setUp(form) {
    const places = Number(form.dataset.places);
    const button = form.querySelector("[data-refund-button]");
    const format = new Intl.NumberFormat("en", {
        style: "currency", currency: form.dataset.currency, minimumFractionDigits: places, maximumFractionDigits: places,
    });
    const asMoney = (units) => format.format(Number(units) / 10 ** places);
    const inUnits = (text) => {
        const value = exact(text);
        return value === null ? 0n : value * 10n ** BigInt(places) / SCALE;
    };

    function lineAmount(row) {
        const quantity = exact(row.querySelector("input").value);
        const [total, whole, already] = ["total", "quantity", "already"].map((name) => exact(row.dataset[name]));
        if (quantity === null || total === null) {
            return 0n;
        }
        return share(total, already + quantity, whole, places) - share(total, already, whole, places);
    }

    function update() {
        const mode = form.elements.mode.value;
        // What is hidden is disabled too: a wrong number that nobody sees would keep the browser from sending the form.
        form.querySelectorAll("[data-mode]").forEach((part) => { part.hidden = part.disabled = part.dataset.mode !== mode; });
        let sum = 0n;
        form.querySelectorAll("tr[data-total]").forEach((row) => {
            const amount = lineAmount(row);
            row.querySelector("[data-line-amount]").textContent = amount ? asMoney(amount) : "–";
            sum += amount;
        });
        const chosen = { everything: inUnits(form.elements.everything.value), amount: inUnits(form.elements.amount.value), lines: sum }[mode];
        button.textContent = chosen ? `Refund ${asMoney(chosen)}` : "Refund";
    }

    form.addEventListener("input", update);
    form.addEventListener("change", update);
    form.addEventListener("click", (event) => {
        if (event.target.matches("[data-max]")) {
            const input = event.target.closest("td").querySelector("input");
            input.value = input.max;
            update();
        }
    });
    update();
}

function setUpAll() {
    document.querySelectorAll("[data-refund-form]").forEach(setUp);
}

document.addEventListener("trip-refreshed", setUpAll);
setUpAll();
