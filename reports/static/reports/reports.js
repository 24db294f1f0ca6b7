/* Draws the charts, whose numbers stand in the tables too, and keeps the form's days and presets apart. */
(() => {
    "use strict";

    const colour = (name) => getComputedStyle(document.querySelector(".rp-page")).getPropertyValue(name).trim();

    for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
        const { labels, now, before, is_over_time } = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
        const accent = colour("--bo-accent"), subtle = colour("--bo-subtle"), line = colour("--bo-line");
        const datasets = [{ type: "bar", label: "Sales", data: now.map(Number), backgroundColor: accent, order: 2 }];
        if (before.length) {
            const ghost = { label: "Compared with", data: before.map(Number), borderColor: subtle, borderWidth: 2, order: 1 };
            datasets.push(is_over_time
                ? { ...ghost, type: "line", borderDash: [6, 4], pointRadius: before.length > 40 ? 0 : 3, backgroundColor: subtle }
                : { ...ghost, type: "bar", backgroundColor: "transparent" });
        }
        const axis = { ticks: { color: subtle }, grid: { color: line } };
        const chart = new Chart(canvas, {
            data: { labels, datasets },
            options: {
                animation: false,
                maintainAspectRatio: false,
                scales: { x: { ...axis, grid: { display: false } }, y: { ...axis, beginAtZero: true } },
                plugins: { legend: { labels: { color: subtle } } },
            },
        });
        const write = (words, lines) => {
            const { scales, plugins } = chart.options;
            for (const scale of [scales.x, scales.y]) scale.ticks.color = words;
            scales.y.grid.color = lines;
            plugins.legend.labels.color = words;
            chart.update("none");
        };
        // Paper is white, also for whom the screen is dark.
        window.addEventListener("beforeprint", () => write("#333", "#ccc"));
        window.addEventListener("afterprint", () => write(subtle, line));
    }

    for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => window.print());

    const form = document.querySelector("[name='period']")?.form;
    if (form?.elements.from) {
        const { period, from, to } = form.elements;
        period.addEventListener("change", () => { if (period.value !== "own") from.value = to.value = ""; });
        for (const day of [from, to]) day.addEventListener("change", () => { if (day.value) period.value = "own"; });
    }
})();
