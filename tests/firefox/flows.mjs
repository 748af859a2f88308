// The main flows in Firefox: node flows.mjs ADDRESS FIREFOX [WORDS OF A FLOW]. Each says what it saw.

import assert from "node:assert/strict";
import puppeteer from "puppeteer-core";

const [address, executablePath] = process.argv.slice(2);
const LIMIT = 60_000;

const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });

/** A signed-in person in a profile of their own. */
async function person(name) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT);
  page.errors = [];
  page.on("pageerror", (error) => page.errors.push(error.message));
  await page.goto(`${address}/accounts/login/`);
  await page.type("[name=username]", name);
  await page.type("[name=password]", "demo");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => !location.pathname.startsWith("/accounts/login"));
  return page;
}

async function live(page, path) {
  await page.goto(`${address}${path}`);
  await page.waitForSelector("[data-state='live']");
  return page;
}

const text = (page, selector) => page.$eval(selector, (element) => element.textContent.trim());

const rows = (page) => page.$$eval("#inbox-rows > section .notification[data-stream]", (all) => all.length);

/** Wait until a function of the page says so. */
const until = (page, seen, ...given) => page.waitForFunction(seen, {}, ...given);

const firstThread = (page) => page.$eval(".notification[data-stream]", (row) => row.dataset.stream);

const flows = {
  async "what one writes appears with the other, in list, bell and task"() {
    const [alice, bob] = await Promise.all([person("alice"), person("bob")]);
    const second = await bob.browserContext().newPage();
    second.errors = [];
    await live(bob, "/orgs/acme/tasks/12/");
    await live(second, "/inbox/?q=is:unread");
    await live(alice, "/orgs/acme/tasks/12/");
    await alice.type("textarea[name=text]", "@bob seen in **Firefox**");
    await alice.keyboard.down("Control");
    await alice.keyboard.press("Enter");
    await alice.keyboard.up("Control");
    for (const page of [alice, bob])
      await until(page, () => document.querySelector("#timeline > :last-child strong")?.closest("li")?.textContent.includes("seen in"));
    assert.equal(await text(bob, "#timeline > :last-child .prose strong"), "Firefox");
    return [alice, bob];
  },

  async "by keys: done, undone, saved, opened at its event and back"() {
    const bob = await person("bob");
    await live(bob, "/inbox/");
    const stream = await firstThread(bob);
    await bob.keyboard.press("j");
    await bob.keyboard.press("e");
    await until(bob, () => document.querySelector(".undo-offer")?.textContent.includes("done"));
    await bob.keyboard.press("z");
    await until(bob, () => document.querySelector(".undo-offer")?.textContent.includes("Undone"));
    await live(bob, "/inbox/");
    await until(bob, (id) => document.querySelector(`.notification[data-stream="${id}"]`) !== null, stream);
    await bob.keyboard.press("j");
    await bob.keyboard.press("s");
    await until(bob, () => document.querySelector(".undo-offer")?.textContent.includes("saved") || document.querySelector(".undo-offer")?.textContent.includes("Saved"));
    await live(bob, "/inbox/?q=is:saved");
    assert.ok((await rows(bob)) > 0);
    await live(bob, "/inbox/");
    await bob.keyboard.press("j");
    await bob.keyboard.press("o");
    await until(bob, () => location.search.includes("event=") && document.querySelector(".is-opened"));
    assert.ok(await bob.$eval(".is-opened", (entry) => entry.getBoundingClientRect().bottom < innerHeight));
    await bob.keyboard.press("u");
    await until(bob, () => location.pathname === "/inbox/");
    return [bob];
  },

  async "words filter, and an unreadable one gets a sentence"() {
    const bob = await person("bob");
    await live(bob, "/inbox/");
    const all = await rows(bob);
    await live(bob, "/inbox/?q=reason:mentioned colour:red");
    assert.ok((await rows(bob)) < all && (await rows(bob)) > 0);
    assert.match(await text(bob, "main"), /colour:red/);
    return [bob];
  },

  async "a card is moved by keys, and the other sees it"() {
    const [alice, bob] = await Promise.all([person("alice"), person("bob")]);
    await live(bob, "/orgs/acme/board/");
    await live(alice, "/orgs/acme/board/");
    const id = await alice.$eval(".task-card[data-task]", (card) => card.dataset.task);
    await alice.focus(`.task-card[data-task="${id}"] a`);
    await alice.keyboard.down("Shift");
    await alice.keyboard.press("ArrowRight");
    await alice.keyboard.up("Shift");
    for (const page of [alice, bob])
      await until(page, (task) => document.querySelector(`.task-card[data-task="${task}"]`)?.closest("[data-status]:not(.task-card)")?.dataset.status === "in_progress"
        || document.querySelector(`.task-card[data-task="${task}"]`)?.dataset.status === "in_progress", id);
    return [alice, bob];
  },

  async "the keys are listed, and Escape closes them"() {
    const bob = await person("bob");
    await live(bob, "/inbox/");
    await bob.keyboard.press("?");
    await until(bob, () => document.querySelector("dialog[open]")?.textContent.includes("snooze"));
    await bob.keyboard.press("Escape");
    await until(bob, () => !document.querySelector("dialog[open]"));
    return [bob];
  },
};

let failed = 0;
const wanted = process.argv[4] ?? "";
for (const [name, flow] of Object.entries(flows).filter(([name]) => name.includes(wanted))) {
  try {
    const pages = await flow();
    for (const page of pages) assert.deepEqual(page.errors, []);
    await Promise.all(pages.map((page) => page.browserContext().close()));
    console.log(`ok    ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILS ${name}\n${error.stack}`);
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
