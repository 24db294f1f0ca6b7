// Forms with the items of a trip: removing one, and proposing products while their SKU or name is typed.
// Without this script a quantity of 0 removes, and a SKU or a barcode names a product.
"use strict";

const WAIT = 200;

function setUpAdded(part) {
    const rows = [...part.querySelectorAll("[data-added-row]")];
    const more = part.querySelector("[data-add-row]");
    const list = part.querySelector("datalist");
    const isFilled = (row) => [...row.querySelectorAll("input")].some((input) => input.value) || row.querySelector(".bo-error");
    rows.forEach((row, index) => { row.hidden = index > 0 && !isFilled(row); });
    const showMore = () => { more.hidden = !rows.some((row) => row.hidden); };
    more.addEventListener("click", () => {
        const next = rows.find((row) => row.hidden);
        next.hidden = false;
        next.querySelector("input").focus();
        showMore();
    });
    showMore();

    let timer = 0;
    part.addEventListener("input", (event) => {
        if (event.target.type !== "text") {
            return;
        }
        clearTimeout(timer);
        timer = setTimeout(() => propose(part.dataset.productsUrl, event.target.value, list), WAIT);
    });
    part.querySelectorAll("input[type=text]").forEach((input) => { input.setAttribute("list", list.id); input.autocomplete = "off"; });
}

async function propose(address, term, list) {
    const response = await fetch(`${address}?q=${encodeURIComponent(term)}`, { credentials: "same-origin" });
    if (!response.ok) {
        return;
    }
    const { products } = await response.json();
    list.replaceChildren(...products.map((product) => {
        const option = document.createElement("option");
        option.value = product.sku;
        option.label = product.text;
        return option;
    }));
}

document.querySelectorAll("[data-items-form]").forEach((form) => {
    form.querySelectorAll("[data-added]").forEach(setUpAdded);
    form.addEventListener("click", (event) => {
        const button = event.target.closest("[data-remove]");
        if (button) {
            button.closest("tr").querySelector("input").value = "0";
        }
    });
});
