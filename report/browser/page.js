// What the tests and the screenshots share: a browser that may reach nothing but files, and the pages of run folders.
import { chromium } from "playwright-core";
import { pathToFileURL } from "node:url";

export const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

// launch starts the browser.
export function launch() {
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
}

// open opens a page, and notes what it asks for beside itself and what goes wrong in it.
export async function open(browser, file, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
  const page = await context.newPage();
  const asked = [];
  const wrong = [];
  const url = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url() !== url && !request.url().startsWith("data:")) asked.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  await page.goto(url);
  return { page, asked, wrong, close: () => context.close() };
}
