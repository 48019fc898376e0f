// Finds words in the titles, findings and headings of the reports; accents and case don't count.
{
  const reports = {{ data }};
  const most = 30, box = document.querySelector("search"), field = box.querySelector("input");
  const list = box.querySelector("ol"), count = box.querySelector("output");
  const fold = text => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const say = (words, n, all) => words.replace("{n}", n).replace("{all}", all);
  // Titles first, then findings, then headings; what several reports say is shown once.
  const known = new Map();
  const add = (text, href, where) => {
    const before = known.get(text);
    if (before) before.more += 1;
    else known.set(text, { text, href, where, more: 0, own: fold(text), page: fold(where) });
  };
  for (const [href, title] of reports) add(title, href, "");
  for (const [href, title, findings] of reports)
    for (const [text, id] of findings) add(text, `${href}#${encodeURIComponent(id)}`, title);
  for (const [href, title, , headings] of reports)
    for (const [text, id] of headings) add(text, `${href}#${encodeURIComponent(id)}`, title);
  const show = () => {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    const found = [];
    // Every word is said here or in the page's title, one of them at least here.
    for (const entry of known.values())
      if (words.some(word => entry.own.includes(word)) &&
        words.every(word => entry.own.includes(word) || entry.page.includes(word))) found.push(entry);
    list.replaceChildren(...found.slice(0, most).map(entry => {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = entry.href;
      link.textContent = entry.text;
      const more = entry.more ? ` ${say(box.dataset.more, entry.more)}` : "";
      item.append(link, ` ${entry.where}${more}`);
      return item;
    }));
    const { found: all, first } = box.dataset;
    count.textContent = !words.length ? "" :
      found.length > most ? say(first, most, found.length) : say(all, found.length);
  };
  field.addEventListener("input", show);
  show();
}
