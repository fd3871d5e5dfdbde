"use strict";
const root = document.documentElement;
const by = (id) => document.getElementById(id);
const [search, topic, verdict] = ["search", "topic", "verdict"].map(by);
const articles = [...document.querySelectorAll("article")];
const plain = (words) => words.normalize("NFC").toLowerCase();
let haystacks;

function filter() {
  haystacks ??= articles.map((each) => plain(each.id + each.children[0].textContent + each.children[2].textContent));
  const words = plain(search.value).split(/\s+/);
  let shown = 0;
  articles.forEach((each, index) => {
    const { verdict: reached, unexpected, topic: about } = each.dataset;
    each.hidden = !(
      words.every((word) => haystacks[index].includes(word)) &&
      (!topic.value || [about, each.parentNode.dataset.topic].includes(topic.value)) &&
      (!verdict.value || reached === verdict.value || (verdict.value === "unexpected" && unexpected !== undefined))
    );
    shown += !each.hidden;
  });
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("article:not([hidden])");
  }
  by("count").textContent = `${shown} / ${articles.length}`;
  by("nothing").hidden = shown > 0;
}

/* A link to what is filtered out or folded away brings it back. */
function reveal() {
  const target = document.querySelector(":target");
  if (!target) return;
  if (target.closest("[hidden]")) {
    search.value = topic.value = verdict.value = "";
    filter();
  }
  const folded = target.closest("details");
  if (folded) folded.open = true;
  follow(target, 10);
}

/* For so many frames: what stands above is laid out and drawn only now, and moves the target. */
function follow(target, frames) {
  target.scrollIntoView();
  if (frames) requestAnimationFrame(() => follow(target, frames - 1));
}

const KEYWORDS =
  "False|None|True|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|" +
  "import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield";
const QUOTED = String.raw`"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`;
/* Python: comments, strings, names that are defined and decorators, keywords, numbers. */
const TOKENS = new RegExp(
  [
    "(?<c>#.*)",
    `(?<s>(?:\\b[rbfuRBFU]{1,2})?(?:${QUOTED}))`,
    String.raw`(?<f>(?<=\b(?:def|class)\s+)\w+|^\s*@[\w.]+)`,
    `(?<k>\\b(?:${KEYWORDS})\\b)`,
    String.raw`(?<m>\b\d[\d_]*(?:\.\d*)?(?:e[-+]?\d+)?)`,
  ].join("|"),
  "gm",
);

function colour(pre) {
  if (pre.childElementCount) return;
  const source = pre.textContent;
  const parts = [];
  let done = 0;
  for (const token of source.matchAll(TOKENS)) {
    const [kind] = Object.entries(token.groups).find(([, said]) => said !== undefined);
    const marked = document.createElement("i");
    marked.className = kind;
    marked.textContent = token[0];
    parts.push(source.slice(done, token.index), marked);
    done = token.index + token[0].length;
  }
  pre.replaceChildren(...parts, source.slice(done));
}

/* Plots and details stay a piece of text until they come into view or are to be printed. */
function show(article) {
  const kept = article.querySelector("noscript");
  if (kept) kept.outerHTML = kept.textContent;
}

const near = new IntersectionObserver(
  (seen) => seen.filter((each) => each.isIntersecting).forEach((each) => show(each.target)),
  { rootMargin: "100%" },
);

function speak(lang) {
  root.lang = lang;
  for (const option of document.querySelectorAll("option")) option.textContent = option.dataset[lang];
  for (const each of [topic, verdict]) each.ariaLabel = each.options[0].textContent;
}

by("language").addEventListener("click", () => speak(root.lang === "ko" ? "en" : "ko"));
for (const each of [search, topic, verdict]) each.addEventListener("input", filter);
document.addEventListener("toggle", (event) => event.target.querySelectorAll("pre").forEach(colour), true);
window.addEventListener("beforeprint", () => articles.forEach(show));
articles.forEach((each) => near.observe(each));
for (const each of document.querySelectorAll("#glance td a")) each.title = each.getAttribute("href").slice(1);
window.addEventListener("hashchange", reveal);
by("count").textContent = `${articles.length} / ${articles.length}`;
speak(root.lang);
reveal();
