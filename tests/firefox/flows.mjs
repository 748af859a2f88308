// The main flows in Firefox: node flows.mjs ADDRESS FIREFOX. Each says what it saw; the first that fails ends the run.

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

const flows = {
  async "a comment appears on the other's open task"() {
    const [alice, bob] = await Promise.all([person("alice"), person("bob")]);
    await live(bob, "/orgs/acme/tasks/12/");
    await live(alice, "/orgs/acme/tasks/12/");
    await alice.type("textarea[name=text]", "Seen in Firefox");
    await alice.click(".comment-form [type=submit]");
    await bob.waitForFunction(() =>
      document.querySelector("#timeline")?.lastElementChild?.textContent.includes("Seen in Firefox"),
    );
    return [alice, bob];
  },
};

let failed = 0;
for (const [name, flow] of Object.entries(flows)) {
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
