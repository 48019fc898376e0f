// The other language opens where the reader is: anchors are the same in every language.
for (const link of document.querySelectorAll(".top a[hreflang]"))
  link.addEventListener("click", () => {
    const passed = [...document.querySelectorAll("main :is(h2:not(#key-findings), figure, .table, .html)[id]")]
      .filter(place => place.checkVisibility() && place.getBoundingClientRect().top < innerHeight / 3);
    link.hash = passed.pop()?.id ?? "";
  });
