for (const box of document.querySelectorAll("[data-filter]")) {
  const rows = [...box.querySelectorAll("tbody tr")], heads = box.querySelectorAll("thead th");
  const line = box.parentNode.querySelector(".filter"), [field, count] = line.children;
  const all = box.parentNode.querySelector(":scope > .switch");
  const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const show = () => {
    const words = fold(field.value).split(/\s+/);
    for (const row of rows) row.hidden = !words.every(word => fold(row.textContent).includes(word));
    const shown = rows.filter(row => !row.hidden).length;
    count.textContent = shown ? `${shown} / ${rows.length}` : box.dataset.filter;
  };
  line.hidden = false;
  // Who looks for something looks in all rows, the folded ones too.
  field.addEventListener("input", () => {
    if (all) all.checked = true;
    show();
  });
  show();
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    const words = row => row.cells[column].textContent.trim();
    // Figures, with words before or units behind them; what has none comes last.
    const figure = row => parseFloat(words(row).replaceAll(",", "").replace("−", "-").match(/-?\d[\d.]*/));
    button.addEventListener("click", () => {
      const sign = head.ariaSort === "ascending" ? -1 : 1;
      for (const other of heads) other.ariaSort = null;
      head.ariaSort = sign === 1 ? "ascending" : "descending";
      rows.sort(head.className === "n"
        ? (a, b) => isNaN(figure(a)) - isNaN(figure(b)) || sign * (figure(a) - figure(b)) || 0
        : (a, b) => sign * words(a).localeCompare(words(b), document.documentElement.lang));
      if (all) all.checked = true;
      rows[0].parentNode.append(...rows);
    });
  });
}
