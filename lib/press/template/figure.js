// What the marks of figures show, on hover, focus and touch. One tab stop a figure, arrows move
// on; a mark that is chosen has all of its region marked, in every figure of the page. A figure
// with frames has a slider: what each mark and text is in each of them stands in its data.
{
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // the mark's label says the same
  document.body.append(tip);
  let shown = null, chosen = "";
  function show(mark) {
    shown?.classList.remove("at");
    shown = mark;
    tip.hidden = !mark;
    if (!mark) return;
    mark.classList.add("at");
    tip.textContent = mark.getAttribute("aria-label");
    const box = mark.getBoundingClientRect(), width = document.documentElement.clientWidth;
    const left = box.left + (box.width - tip.offsetWidth) / 2, top = box.top - tip.offsetHeight - 8;
    tip.style.left = `${scrollX + Math.max(4, Math.min(left, width - tip.offsetWidth - 4))}px`;
    tip.style.top = `${scrollY + (top < 0 ? box.bottom + 8 : top)}px`;
  }
  function choose(region) {
    chosen = region === chosen ? "" : region;
    for (const mark of document.querySelectorAll("svg [data-of]")) {
      const same = mark.dataset.of === chosen;
      mark.classList.toggle("same", same);
      if (mark.role === "button") mark.setAttribute("aria-pressed", same);
    }
  }
  for (const svg of document.querySelectorAll("figure svg:has([data-row])")) {
    const frames = JSON.parse(svg.parentNode.dataset.frames ?? null);
    const marks = [...svg.querySelectorAll(frames ? "[data-of]" : "[data-row]")];
    svg.setAttribute("role", "group");
    svg.querySelectorAll("text").forEach(text => text.setAttribute("aria-hidden", "true"));
    marks.forEach((mark, place) => {
      const title = mark.querySelector("title");
      mark.setAttribute("aria-label", title?.textContent);
      title?.remove();
      mark.dataset.row ??= "";
      mark.setAttribute("role", mark.dataset.of ? "button" : "img");
      if (mark.dataset.of) mark.setAttribute("aria-pressed", "false");
      mark.setAttribute("tabindex", place ? -1 : 0);
    });
    if (frames) {
      const line = document.createElement("div"), slider = document.createElement("input");
      const said = document.createElement("output");
      const named = name => Object.fromEntries([...svg.querySelectorAll(`[data-${name}]`)].map(each => [each.dataset[name], each]));
      const looks = named("look"), texts = named("text");
      const paint = (mark, fill, stroke) => {
        mark.setAttribute("fill", fill);
        mark.setAttribute("stroke", stroke);
      };
      const draw = () => {
        const at = slider.value;
        slider.setAttribute("aria-valuetext", said.textContent = frames.names[at]);
        for (const mark of marks) {
          const [look, words] = frames.marks[mark.dataset.of][at], text = texts[mark.dataset.of];
          mark.setAttribute("aria-label", words);
          paint(mark, looks[look].getAttribute("fill"), looks[look].getAttribute("stroke"));
          if (!text) continue;
          text.parentNode.setAttribute("stroke", frames.inks[look][1]);
          for (const part of text.parentNode.children) part.setAttribute("fill", frames.inks[look][0]);
        }
        for (const name in frames.texts) if (texts[name]) texts[name].textContent = frames.texts[name][at];
      };
      line.className = "frames";
      slider.type = "range";
      slider.setAttribute("aria-label", frames.label);
      slider.max = frames.names.length - 1;
      slider.value = frames.shown;
      slider.addEventListener("input", draw);
      line.append(frames.label, slider, said);
      svg.after(line);
      draw();
    }
    // A point is small: the nearest one counts.
    function near(event) {
      const hit = event.target.closest("[data-row]");
      if (hit) return hit;
      let best = null, least = 24;
      for (const mark of marks) {
        const box = mark.getBoundingClientRect();
        const x = box.x + box.width / 2 - event.clientX, y = box.y + box.height / 2 - event.clientY;
        if (Math.hypot(x, y) < least) [best, least] = [mark, Math.hypot(x, y)];
      }
      return best;
    }
    function go(mark) {
      marks.forEach(other => other.setAttribute("tabindex", other === mark ? 0 : -1));
      mark.focus({ preventScroll: true });
      show(mark);
    }
    svg.addEventListener("pointermove", event => show(near(event)));
    svg.addEventListener("pointerleave", () => show(marks.find(mark => mark === document.activeElement) ?? null));
    // Not on the svg itself: one that listens to the focus is a tab stop of its own.
    svg.parentNode.addEventListener("focusin", event => show(event.target.closest("[data-row]")));
    svg.parentNode.addEventListener("focusout", () => show(null));
    svg.addEventListener("click", event => {
      const mark = near(event);
      if (!mark) return;
      go(mark);
      if (mark.dataset.of) choose(mark.dataset.of);
    });
    svg.addEventListener("keydown", event => {
      const from = marks.indexOf(event.target), last = marks.length - 1;
      // Up and down lead to the next line, where marks are of lines.
      const other = step => {
        let to = from + step;
        while (marks[to]?.parentNode === marks[from].parentNode && marks[from].nodeName === "use") to += step;
        return to;
      };
      const to = {
        ArrowRight: from + 1, ArrowLeft: from - 1, ArrowDown: other(1), ArrowUp: other(-1), Home: 0, End: last,
      }[event.key];
      if (to !== undefined) go(marks[Math.max(0, Math.min(to, last))]);
      else if (event.key === "Escape") show(null);
      else if ((event.key === "Enter" || event.key === " ") && event.target.dataset.of) choose(event.target.dataset.of);
      else return;
      event.preventDefault();
    });
  }
}
