(() => {
  "use strict";
  const language = document.documentElement.lang;
  const told = document.getElementById("told");

  // The other language opens at the same place: ids are the same in both.
  for (const link of document.querySelectorAll("a.language")) {
    const plain = link.getAttribute("href");
    const keep = () => {
      const seen = [...document.querySelectorAll("main [id]")].filter((each) => each.localName !== "svg" && each.closest("svg") === null && each.getBoundingClientRect().top < 80);
      const here = location.hash || (scrollY > 200 && seen.length ? "#" + seen[seen.length - 1].id : "");
      link.setAttribute("href", plain + here);
    };
    link.addEventListener("pointerdown", keep);
    link.addEventListener("keydown", keep);
    link.addEventListener("click", keep);
  }

  // A link to itself is copied, and works as a link where that is not allowed.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a.self");
    if (!link || !navigator.clipboard) return;
    navigator.clipboard.writeText(link.href).then(() => {
      told.textContent = told.dataset.copied;
      setTimeout(() => { told.textContent = ""; }, 2500);
    }, () => {});
  });

  // A drawing is saved as it stands in the page, within its frame of title and source.
  for (const link of document.querySelectorAll("a[data-frame]")) {
    link.hidden = false;
    link.addEventListener("click", () => {
      const file = new DOMParser().parseFromString(link.dataset.frame, "image/svg+xml");
      const slot = file.querySelector(".slot");
      const drawn = file.importNode(link.closest("figure").querySelector(".wide svg"), true);
      for (const name of ["x", "y", "width", "height"]) drawn.setAttribute(name, slot.getAttribute(name));
      slot.replaceWith(drawn);
      file.querySelector("style").textContent = document.getElementById("chart-css").content.textContent;
      const text = '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(file) + "\n";
      link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    });
  }

  // Listen: only where the browser has a voice of the page's language.
  const speech = window.speechSynthesis;
  const button = document.getElementById("listen");
  if (!speech || !button) return;
  const start = button.textContent;
  let queue = [], at = 0, reading = false;
  const voice = () => speech.getVoices().find((each) => each.lang.toLowerCase().replace("_", "-").startsWith(language));
  const offer = () => { button.hidden = !voice(); };
  offer();
  if (speech.addEventListener) speech.addEventListener("voiceschanged", offer);

  const words = (text) => text
    .replace(/(\d)[\u202f\u00a0](?=\d{3})/g, "$1")
    .replace(language === "en" ? /(\d),(?=\d{3})/g : /$^/g, "$1")
    .replace(/US\$[\s\u202f]?([\d.]+)((?:[\s\u00a0]+mill\S+)?)/g, (_, amount, scale) => amount + scale + (scale && language === "es" ? " de " : " ") + button.dataset.dollars)
    .replace(/S\/[\s\u202f]?([\d.]+)((?:[\s\u00a0]+mill\S+)?)/g, (_, amount, scale) => amount + scale + (scale && language === "es" ? " de " : " ") + button.dataset.soles)
    .replace(/(\d)\u2013(\d)/g, "$1 " + button.dataset.to + " $2")
    .replace(/\u2212/g, button.dataset.minus + " ")
    .replace(/[\u202f\u00a0]/g, " ").replace(/\s+/g, " ").trim();

  const sentences = (block) => {
    const nodes = [], walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    let text = "";
    for (let node = walker.nextNode(); node; node = walker.nextNode()) { nodes.push([text.length, node]); text += node.data; }
    const place = (offset) => {
      let found = nodes[0];
      for (const each of nodes) if (each[0] <= offset) found = each;
      return [found[1], Math.min(offset - found[0], found[1].data.length)];
    };
    const cuts = window.Intl && Intl.Segmenter
      ? [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)].map((each) => [each.index, each.segment])
      : [[0, text]];
    return cuts.filter(([, each]) => each.trim()).map(([index, each]) => {
      const range = document.createRange();
      range.setStart(...place(index));
      range.setEnd(...place(index + each.trimEnd().length));
      return { say: words(each), range, block };
    });
  };
  const skipped = ".tools, table, svg, .self, .how, .terms, figcaption, .checks, .finding, nav";
  const blocks = () => [...document.querySelectorAll("[data-listen] :is(h2,h3,h4,h5,p,li)")]
    .filter((each) => !each.closest(skipped) && !each.querySelector("p,li"));
  const mark = (each) => {
    document.querySelectorAll(".spoken").forEach((other) => other.classList.remove("spoken"));
    if (window.Highlight && CSS.highlights) CSS.highlights.set("spoken", new Highlight(...(each ? [each.range] : [])));
    else if (each) each.block.classList.add("spoken");
    if (each) each.block.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  };
  const stop = () => { reading = false; speech.cancel(); mark(null); button.textContent = start; button.setAttribute("aria-pressed", "false"); };
  const next = () => {
    if (!reading || at >= queue.length) { stop(); return; }
    const each = queue[at++], said = new SpeechSynthesisUtterance(each.say);
    said.lang = language === "es" ? "es-PE" : "en-US";
    said.voice = voice() || null;
    said.onend = () => { if (reading) next(); };
    said.onerror = () => { if (reading) stop(); };
    mark(each);
    speech.speak(said);
  };
  button.addEventListener("click", () => {
    if (reading) { stop(); return; }
    queue = blocks().flatMap(sentences);
    at = 0; reading = true;
    button.textContent = button.dataset.stop;
    button.setAttribute("aria-pressed", "true");
    next();
  });
  addEventListener("pagehide", () => { if (reading) stop(); });
})();
