for (const box of document.querySelectorAll("[data-filter]")) {
  const rows = [...box.querySelectorAll("tbody tr")], body = rows[0].parentNode;
  const field = document.createElement("input"), count = document.createElement("output");
  field.type = "search";
  field.placeholder = box.dataset.filter;
  field.setAttribute("aria-label", box.dataset.filter);
  const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const show = () => {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !words.every(word => fold(row.textContent).includes(word));
      shown += !row.hidden;
    }
    count.textContent = `${shown} / ${rows.length}`;
  };
  field.addEventListener("input", show);
  const line = document.createElement("div");
  line.className = "filter";
  line.append(field, count);
  box.before(line);
  show();
  const number = text => parseFloat(text.replace("−", "-").replace(/[^\d.-]/g, ""));
  box.querySelectorAll("thead th").forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    let up = head.classList.contains("n") ? 1 : -1;
    button.addEventListener("click", () => {
      up = -up;
      box.querySelectorAll("th").forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up > 0 ? "ascending" : "descending");
      const key = row => row.cells[column].textContent.trim();
      const order = head.classList.contains("n")
        ? (a, b) => (number(key(a)) || 0) - (number(key(b)) || 0)
        : (a, b) => key(a).localeCompare(key(b), document.documentElement.lang);
      body.append(...rows.sort((a, b) => up * order(a, b)));
    });
  });
}
