// The other language opens where the reader is: anchors are the same in every language.
for (const link of document.querySelectorAll(".top a[hreflang]"))
  link.addEventListener("click", () => {
    const places = [...document.querySelectorAll("main :is(h2, h3, figure, .table, .html)[id]")];
    const passed = place => place.checkVisibility() && place.getBoundingClientRect().top < innerHeight / 3;
    link.hash = places.filter(passed).pop()?.id ?? "";
  });
