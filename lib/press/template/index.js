// The search is loaded when somebody wants to search: it grows with the reports.
const search = document.querySelector("search");
search.hidden = false;
search.querySelector("input").addEventListener("focus", () => {
  const loaded = document.createElement("script");
  loaded.nonce = document.currentScript?.nonce || document.querySelector("script").nonce;
  loaded.src = search.dataset.source;
  document.body.append(loaded);
}, { once: true });
