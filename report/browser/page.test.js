// The report in a real browser. REPORT is the page of a run that failed; LONG that of a run of ten hours.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { launch, open } from "./page.js";

const report = process.env.REPORT;
const long = process.env.LONG;
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser.close());

for (const colorScheme of ["light", "dark"]) {
  for (const [device, viewport] of [["desktop", { width: 1000, height: 900 }], ["phone", { width: 360, height: 740 }]]) {
    test(`asks for nothing, breaks nothing and needs no scrolling sideways: ${device}, ${colorScheme}`, async () => {
      const { page, asked, wrong, close } = await open(browser, report, { viewport, colorScheme });
      assert.deepEqual(asked, []);
      assert.deepEqual(wrong, []);
      const [content, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(content <= room, `${content} px of content in ${room} px`);
      await close();
    });

    test(`every text can be read: ${device}, ${colorScheme}`, async () => {
      const { page, close } = await open(browser, report, { viewport, colorScheme });
      const poor = await page.evaluate(() => {
        const channel = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        const luminance = (rgb) => 0.2126 * channel(rgb[0] / 255) + 0.7152 * channel(rgb[1] / 255) + 0.0722 * channel(rgb[2] / 255);
        const rgb = (text) => text.match(/[\d.]+/g).map(Number);
        const ground = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const color = rgb(getComputedStyle(at).backgroundColor);
            if (color.length === 3 || color[3] > 0) return color;
          }
          return [255, 255, 255];
        };
        const found = [];
        for (const element of document.querySelectorAll("h1, h2, p, li, th, td, caption, figcaption, summary, pre, footer, svg text")) {
          const style = getComputedStyle(element);
          const [a, b] = [luminance(rgb(element.closest("svg") ? style.fill : style.color)), luminance(ground(element))];
          const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          const box = element.getBoundingClientRect();
          if (box.width > 0 && (contrast < 4.5 || (element.closest("svg") && box.height < 8))) {
            found.push(`${element.tagName} ${element.textContent.slice(0, 30)}: contrast ${contrast.toFixed(1)}, ${box.height.toFixed(1)} px high`);
          }
        }
        return found;
      });
      assert.deepEqual(poor, []);
      await close();
    });
  }
}

test("every plot has a name, a legend and its numbers, which open by keyboard", async () => {
  const { page, close } = await open(browser, report);
  const figures = await page.locator("figure").all();
  assert.ok(figures.length >= 8, `${figures.length} figures`);
  for (const figure of figures) {
    const name = await figure.locator("svg[role=img] title").textContent();
    assert.ok(name.length > 10, name);
    assert.ok((await figure.locator(".legend li").count()) > 0, `${name}: no legend`);
    const details = figure.locator("details");
    assert.equal(await details.getAttribute("open"), null);
    await figure.locator("summary").focus();
    await page.keyboard.press("Enter");
    assert.ok(await figure.locator("table").isVisible(), `${name}: no table`);
    assert.ok((await figure.locator("tbody tr").count()) > 0, `${name}: an empty table`);
  }
  await close();
});

test("every line lies within its plot, and no two texts of an axis overlap", async () => {
  const { page, close } = await open(browser, report, { viewport: { width: 360, height: 740 } });
  const wrong = await page.evaluate(() => {
    const found = [];
    for (const svg of document.querySelectorAll("figure > svg")) {
      const frame = svg.getBoundingClientRect();
      for (const line of svg.querySelectorAll("path.line, path.band, text.in")) {
        const box = line.getBoundingClientRect();
        if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) found.push(`${svg.textContent.slice(0, 40)}: a line leaves it`);
      }
      for (const axis of ["x", "y"]) {
        const boxes = [...svg.querySelectorAll(`text.${axis}`)].map((text) => text.getBoundingClientRect());
        for (let i = 1; i < boxes.length; i++) {
          const [a, b] = [boxes[i - 1], boxes[i]];
          if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) found.push(`${svg.textContent.slice(0, 40)}: two ${axis} texts overlap`);
        }
      }
    }
    return found;
  });
  assert.deepEqual(wrong, []);
  await close();
});

test("it prints", async () => {
  const { page, close } = await open(browser, report);
  const pdf = await page.pdf({ format: "A4" });
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.ok(pdf.length > 20_000, `${pdf.length} bytes`);
  await close();
});

test("it prints on white, whatever the screen is", async () => {
  const { page, close } = await open(browser, report, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  await close();
});

test("a backlog's parts are named in the order of the data's way, and their bands can be told apart in grey", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open(browser, report, { colorScheme });
    const legend = page.locator("section[aria-labelledby=backlog-input] figure").first().locator(".legend li");
    const names = (await legend.allTextContents()).map((text) => text.split(":")[0]);
    assert.deepEqual(names, ["whole", "harness", "writer", "stream", "engine"]);
    const luminances = await legend.locator("rect").evaluateAll((bands) =>
      bands.map((band) => {
        const [r, g, b] = getComputedStyle(band).fill.match(/[\d.]+/g).map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      }),
    );
    for (let i = 1; i < luminances.length; i++) {
      const [a, b] = [luminances[i - 1], luminances[i]];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      assert.ok(contrast >= 1.5, `${names[i]} and ${names[i + 1]}, ${colorScheme}: ${contrast.toFixed(2)}`);
    }
    await close();
  }
});

test("a page of ten hours opens, and asks for nothing", async () => {
  let quickest = Infinity; // of three: the machine may have other things to do
  for (let i = 0; i < 3; i++) {
    const { page, asked, wrong, close } = await open(browser, long);
    quickest = Math.min(quickest, await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd));
    assert.deepEqual([asked, wrong], [[], []]);
    await close();
  }
  console.log(`a page of ten hours is open after ${quickest.toFixed(0)} ms`); // within a second, where the machine has nothing else to do
});
