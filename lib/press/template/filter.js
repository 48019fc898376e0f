for (const box of document.querySelectorAll("[data-filter]")) {
  const rows = [...box.querySelectorAll("tbody tr")], body = rows[0].parentNode;
  const heads = [...box.querySelectorAll("thead th")], texts = new Map();
  for (const row of rows) texts.set(row, [...row.cells].map(cell => cell.textContent.trim()));
  const line = document.createElement("div"), count = document.createElement("output");
  const field = document.createElement("input"), choices = [];
  const all = box.parentNode.querySelector(":scope > .switch");
  line.className = "filter";
  field.type = "search";
  field.placeholder = box.dataset.filter;
  field.setAttribute("aria-label", box.dataset.filter);
  line.append(field);
  // A column of few different words is chosen from a list.
  heads.forEach((head, column) => {
    const known = [...new Set(rows.map(row => texts.get(row)[column]))];
    if (known.length < 2 || known.length > 8 || known.some(text => /^[^a-z]*$/i.test(text))) return;
    const choice = document.createElement("select"), title = head.textContent.trim();
    choice.setAttribute("aria-label", title);
    choice.append(new Option(title, ""), ...known.sort().map(text => new Option(text, text)));
    choice.addEventListener("change", search);
    choices.push([column, choice]);
    line.append(choice);
  });
  line.append(count);
  (all || box).before(line);
  const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  function show() {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = fold(texts.get(row).join(" "));
      row.hidden = !words.every(word => text.includes(word)) ||
        choices.some(([column, choice]) => choice.value && choice.value !== texts.get(row)[column]);
      shown += !row.hidden;
    }
    count.textContent = shown ? `${shown} / ${rows.length}` : box.dataset.nothing || "0";
  }
  // Who looks for something looks in all rows, the folded ones too.
  function search() {
    if (all) all.checked = true;
    show();
  }
  field.addEventListener("input", search);
  show();
  const number = text => parseFloat(text.replace("−", "-").replace(/[^\d.-]*(-?[\d,.]+).*/, "$1").replaceAll(",", ""));
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    // Figures, with words before or units behind them; what is no figure comes last.
    const figure = text => /^([^\dA-Z]+ )?[−-]?\d/.test(text) ? number(text) : NaN;
    const figures = rows.map(row => figure(texts.get(row)[column])).filter(value => !isNaN(value));
    const compare = 5 * figures.length < rows.length
      ? (a, b, sign) => sign * a.localeCompare(b, document.documentElement.lang)
      : (a, b, sign) => isNaN(figure(a)) - isNaN(figure(b)) || sign * (figure(a) - figure(b)) || 0;
    button.addEventListener("click", () => {
      // Up, down, and back to the order of the page.
      const turn = { ascending: "descending", descending: "none" }[head.ariaSort] ?? "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      const sorted = [...rows];
      if (turn !== "none") {
        head.setAttribute("aria-sort", turn);
        const sign = turn === "ascending" ? 1 : -1;
        sorted.sort((a, b) => compare(texts.get(a)[column], texts.get(b)[column], sign));
      }
      body.append(...sorted);
      search();
    });
  });
}
