(() => {
  const pages = [...document.querySelectorAll("main a")];
  const wanted = (navigator.languages || [navigator.language]).map((each) => each.slice(0, 2).toLowerCase());
  const found = wanted.map((each) => pages.find((page) => page.hreflang === each)).find(Boolean);
  if (found && !location.search.includes("stay")) location.replace(found.getAttribute("href") + location.hash);
})();
