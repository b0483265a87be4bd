// Writes the pictures of the docs: node screenshots.js REPORT FOLDER
import { launch, open } from "./page.js";
import path from "node:path";

const [, , report, folder] = process.argv;
const browser = await launch();
for (const [name, section, options] of [
  ["report.png", "expected", { viewport: { width: 1000, height: 1100 }, colorScheme: "light" }],
  ["report-dark.png", "latency", { viewport: { width: 1000, height: 900 }, colorScheme: "dark" }],
  ["report-backlog.png", "backlog-input", { viewport: { width: 1000, height: 1250 }, colorScheme: "light" }],
  ["report-phone.png", "backlog-input", { viewport: { width: 390, height: 900 }, colorScheme: "light" }],
]) {
  const { page, close } = await open(browser, report, options);
  await page.locator(`#${section}`).evaluate((element) => element.scrollIntoView());
  await page.screenshot({ path: path.join(folder, name) });
  await close();
}
await browser.close();
