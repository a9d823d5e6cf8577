namespace CMUNeXt.Training.Evaluation;

/// <summary>The style sheet and the script of a report, which stand in the page itself.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root { --ink: #1b2530; --soft: #5c6b7a; --line: #dde3e9; --pale: #f5f7f9; --accent: #0b6e75; --original: #8a5a00; --bad: #b3261e; }
        * { box-sizing: border-box; }
        body { margin: 0; color: var(--ink); background: #fff; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        header { background: #0e2a36; color: #fff; padding: 28px 0 24px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        header > div, main, footer { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
        h1 { font-size: 26px; margin: 0 0 14px; font-weight: 650; letter-spacing: -.01em; }
        h2 { font-size: 19px; margin: 38px 0 8px; padding-bottom: 6px; border-bottom: 2px solid var(--line); }
        h3 { font-size: 15px; margin: 22px 0 6px; }
        h2 .tag { float: right; font-size: 12px; font-weight: 600; padding: 3px 10px; border-radius: 99px; color: #fff; background: var(--accent); -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        .original h2 .tag { background: var(--original); }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 0; }
        dt { color: #a9bfc9; } dd { margin: 0; overflow-wrap: anywhere; }
        p { margin: 8px 0; max-width: 80ch; } .soft { color: var(--soft); font-size: 13.5px; }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 12px; margin: 26px 0 0; }
        .tile { border: 1px solid var(--line); border-top: 3px solid var(--accent); border-radius: 6px; padding: 10px 14px; }
        .tile b { display: block; font-size: 25px; line-height: 1.25; font-variant-numeric: tabular-nums; }
        .tile b small { font-size: 14px; font-weight: 500; color: var(--soft); margin-left: 2px; }
        .tile span { color: var(--soft); font-size: 13px; } .tile.warn { border-top-color: var(--bad); } .tile.warn b { color: var(--bad); }
        .columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 36px; align-items: start; } .columns > section { min-width: 0; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
        th, td { padding: 5px 9px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
        th { white-space: normal; vertical-align: bottom; font-weight: 600; background: var(--pale); -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        th:first-child, td:first-child, .text { text-align: left; }
        td:first-child { white-space: normal; overflow-wrap: anywhere; min-width: 12ch; } tbody tr:hover { background: #f0f7f7; }
        .none { color: #a0abb5; } .false_alarm, .missed { color: var(--bad); font-weight: 600; } .correctly_empty { color: var(--accent); }
        .original table { color: #4b3a17; } .original th { background: #fbf5e8; }
        th button { all: unset; cursor: pointer; } th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        th[aria-sort] { color: var(--accent); } th[aria-sort=ascending] button::after { content: " \2191"; } th[aria-sort=descending] button::after { content: " \2193"; }
        .histogram { width: 100%; max-width: 760px; display: block; margin: 10px 0; font-size: 12px; } .histogram text { fill: var(--soft); }
        .histogram rect { fill: var(--accent); } .histogram .grid { stroke: var(--line); } .histogram line.median { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 5 4; }
        .histogram text.median { fill: var(--bad); font-weight: 600; }
        .gallery { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px; }
        figure { margin: 0; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; break-inside: avoid; }
        figure img { display: block; width: 100%; height: 230px; object-fit: contain; background: #0b1014; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        figcaption { padding: 8px 12px; font-size: 13.5px; } figcaption b { display: block; overflow-wrap: anywhere; } figcaption span { color: var(--soft); font-variant-numeric: tabular-nums; }
        figcaption span.missed, figcaption span.false_alarm { color: var(--bad); }
        ul { margin: 8px 0; padding-left: 20px; max-width: 80ch; }
        footer { margin: 40px auto 48px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13.5px; }
        @media (max-width: 820px) { .columns { grid-template-columns: 1fr; } .gallery { grid-template-columns: repeat(2, 1fr); } }
        @media print {
          @page { margin: 14mm; } body { font-size: 10.5pt; } header { padding: 16px 0; } header > div, main, footer { max-width: none; padding: 0 12px; }
          table { font-size: 9pt; } th, td { padding: 3px 5px; } .cases table { font-size: 7.5pt; } .cases th, .cases td { padding: 2px 3px; }
          thead { display: table-header-group; } tr, .tile { break-inside: avoid; } h2, h3 { break-after: avoid; }
          .scroll { overflow: visible; } .gallery { grid-template-columns: repeat(3, 1fr); } figure img { height: 130px; } .histogram { max-width: 520px; } tbody tr:hover { background: none; }
        }
        """;

    /// <summary>Sorts the table of cases by the column that is clicked; undefined values stay at the end.</summary>
    public const string Script = """
        for (const button of document.querySelectorAll("th button")) {
          button.addEventListener("click", () => {
            const head = button.closest("th"), body = head.closest("table").tBodies[0], column = head.cellIndex;
            const down = head.getAttribute("aria-sort") === "ascending";
            for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
            head.setAttribute("aria-sort", down ? "descending" : "ascending");
            const key = row => { const cell = row.cells[column]; return "v" in cell.dataset ? (cell.dataset.v === "" ? null : Number(cell.dataset.v)) : cell.textContent; };
            const compare = (a, b) => typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
            const rows = Array.from(body.rows, row => [key(row), row]);
            rows.sort(([a], [b]) => a === null || b === null ? (a === null) - (b === null) : down ? compare(b, a) : compare(a, b));
            body.append(...rows.map(([, row]) => row));
          });
        }
        """;
}
