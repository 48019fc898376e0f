// What the marks of figures show, on hover, focus and touch. One tab stop a figure, arrows move
// on; a mark that is chosen has all of its region marked, in every figure of the page. A figure
// with frames has a slider: what each mark and text is in each of them stands in its data.
{
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = tip.ariaHidden = true; // the mark's label says the same
  document.body.append(tip);
  let shown, chosen;
  const show = mark => {
    shown?.classList.remove("at");
    shown = mark;
    tip.hidden = !mark;
    if (!mark) return;
    mark.classList.add("at");
    tip.textContent = mark.ariaLabel;
    const box = mark.getBoundingClientRect(), width = tip.offsetWidth;
    const room = document.documentElement.clientWidth - width - 4, top = box.top - tip.offsetHeight - 8;
    tip.style.left = `${scrollX + Math.max(4, Math.min(box.left + (box.width - width) / 2, room))}px`;
    tip.style.top = `${scrollY + (top < 0 ? box.bottom + 8 : top)}px`;
  };
  const choose = region => {
    chosen = region !== chosen && region;
    for (const mark of document.querySelectorAll("svg [data-of]")) {
      const same = mark.dataset.of === chosen;
      mark.classList.toggle("same", same);
      if (mark.role) mark.ariaPressed = same;
    }
  };
  for (const svg of document.querySelectorAll("figure svg:has([data-row])")) {
    const frames = JSON.parse(svg.parentNode.dataset.frames ?? null);
    const marks = [...svg.querySelectorAll(frames ? "[data-of]" : "[data-row]")];
    svg.role = "group";
    for (const text of svg.querySelectorAll("text")) text.ariaHidden = true;
    marks.forEach((mark, place) => {
      const title = mark.querySelector("title");
      mark.ariaLabel = title?.textContent;
      title?.remove();
      mark.dataset.row ??= "";
      mark.role = mark.dataset.of ? "button" : "img";
      if (mark.dataset.of) mark.ariaPressed = false;
      mark.tabIndex = place ? -1 : 0;
    });
    if (frames) {
      const line = svg.nextElementSibling, [slider, said] = line.children, words = svg.ariaLabel;
      const named = name => Object.fromEntries([...svg.querySelectorAll(`[data-${name}]`)].map(each => [each.dataset[name], each]));
      const looks = named("look"), texts = named("text");
      const draw = () => {
        const at = slider.value, name = frames.names[at], isOther = +at !== frames.shown;
        // The title and the words of the figure are about the one that is drawn at first.
        said.textContent = isOther ? `${name} · ${said.dataset.title} ${frames.names[frames.shown]}` : name;
        slider.ariaValueText = said.textContent;
        svg.ariaLabel = isOther ? `${slider.ariaLabel} ${name}` : words;
        for (const mark of marks) {
          const [look, words] = frames.marks[mark.dataset.of][at];
          mark.ariaLabel = words;
          for (const ink of ["fill", "stroke"]) mark.setAttribute(ink, looks[look].getAttribute(ink));
          // Letters on the mark; light ones have its fill around them.
          const letters = looks[look].getAttribute("color");
          for (const text of svg.querySelectorAll(`[data-text="${mark.dataset.of}"][stroke]`)) {
            text.setAttribute("fill", letters);
            text.setAttribute("stroke", letters === "white" ? looks[look].getAttribute("fill") : "white");
          }
        }
        for (const name in frames.texts) if (texts[name]) texts[name].textContent = frames.texts[name][at];
      };
      line.hidden = false;
      slider.addEventListener("input", draw);
      draw();
    }
    // A point is small: the nearest one counts.
    const near = event => {
      const away = mark => {
        const box = mark.getBoundingClientRect();
        return Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY);
      };
      const hit = event.target.closest("[data-row]");
      return hit ?? marks.filter(mark => away(mark) < 24).sort((a, b) => away(a) - away(b))[0];
    };
    const go = mark => {
      for (const other of marks) other.tabIndex = other === mark ? 0 : -1;
      mark.focus({ preventScroll: true });
    };
    svg.addEventListener("pointermove", event => show(near(event)));
    svg.addEventListener("pointerleave", () => show());
    // Not on the svg itself: one that listens to the focus is a tab stop of its own.
    svg.parentNode.addEventListener("focusin", event => show(event.target.closest("[data-row]")));
    svg.parentNode.addEventListener("focusout", () => show());
    svg.addEventListener("click", event => {
      const mark = near(event);
      if (!mark) return;
      go(mark);
      show(mark);
      choose(mark.dataset.of);
    });
    svg.addEventListener("keydown", event => {
      const at = marks.indexOf(event.target);
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step) go(marks[at + step] ?? event.target);
      else if (event.key === "Escape") show();
      else if (event.key === "Enter" || event.key === " ") choose(event.target.dataset.of);
      else return;
      event.preventDefault();
    });
  }
}
