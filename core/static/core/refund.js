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
    const leftAfter = form.querySelector("[data-left]");
    const format = new Intl.NumberFormat("en", {
        style: "currency", currency: form.dataset.currency, minimumFractionDigits: places, maximumFractionDigits: places,
    });
    const asMoney = (units) => format.format(Number(units) / 10 ** places);
    const inUnits = (text) => {
        const value = exact(text);
        return value === null ? 0n : value * 10n ** BigInt(places) / SCALE;
    };

    // What the chosen quantity gives back of the line's `total` or `tax`.
    function lineShare(row, what) {
        const quantity = exact(row.querySelector(".bo-quantity").value);
        const [all, whole, already] = [what, "quantity", "already"].map((name) => exact(row.dataset[name]));
        if (quantity === null || all === null) {
            return 0n;
        }
        // What was given back of the total is known to the cent, also where the line cost something else then.
        const given = what === "total" ? inUnits(row.dataset.given) : share(all, already, whole, places);
        const worth = share(all, already + quantity, whole, places) - given;
        return worth > 0n ? worth : 0n;
    }

    function step(input, by) {
        const [now, most] = [exact(input.value) ?? 0n, exact(input.max) ?? 0n];
        const then = now + BigInt(by) * SCALE;
        input.value = Number((then < 0n ? 0n : then > most ? most : then) / SCALE);
    }

    function update() {
        const mode = form.elements.mode.value;
        // What is hidden is disabled too: a wrong number that nobody sees would keep the browser from sending the form.
        form.querySelectorAll("[data-mode]").forEach((part) => { part.hidden = part.disabled = part.dataset.mode !== mode; });
        let sum = 0n;
        form.querySelectorAll("tr[data-total]").forEach((row) => {
            const amount = lineShare(row, "total");
            row.querySelector("[data-line-amount]").textContent = amount ? asMoney(amount) : "–";
            row.querySelector("[data-line-tax]").textContent = amount ? asMoney(lineShare(row, "tax")) : "–";
            sum += amount;
        });
        const chosen = { everything: inUnits(form.elements.everything.value), amount: inUnits(form.elements.amount.value), lines: sum }[mode];
        button.textContent = chosen ? form.dataset.refundWords.replace("{amount}", asMoney(chosen)) : form.dataset.refundWord;
        const left = inUnits(leftAfter.dataset.left) - chosen;
        const { moreWords, leftWords } = leftAfter.dataset;
        leftAfter.textContent = (left < 0n ? moreWords : leftWords).replace("{amount}", asMoney(left < 0n ? -left : left));
        leftAfter.classList.toggle("bo-text-danger", left < 0n);
    }

    form.addEventListener("input", update);
    form.addEventListener("change", update);
    form.addEventListener("click", (event) => {
        const { all, step: by } = event.target.dataset;
        if (event.target.matches("[data-max], [data-step]")) {
            const input = event.target.closest("td").querySelector("input");
            if (by) {
                step(input, by);
            } else {
                input.value = input.max;
            }
            update();
        } else if (all) {
            form.querySelectorAll(".bo-quantity:enabled").forEach((input) => { input.value = all === "max" ? input.max : ""; });
            update();
        }
    });
    update();
}

function setUpAll() {
    document.querySelectorAll("[data-refund-form]").forEach(setUp);
}

document.addEventListener("dialog-filled", setUpAll);
setUpAll();
