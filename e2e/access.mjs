// Two questions put to a page: does axe find anything against WCAG 2.2 AA, and
// does it fit the width of the screen.
import assert from 'node:assert/strict';
import axe from 'axe-core';

const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'];

// faultless fails with what axe finds in the page; except names parts left out.
export async function faultless(page, { name = page.url(), except = [] } = {}) {
  await page.evaluate(axe.source); // by the debugger: the page's policy allows no foreign script
  const found = await page.evaluate(async ([levels, except]) => {
    const all = await window.axe.run({ exclude: except }, { runOnly: { type: 'tag', values: levels }, resultTypes: ['violations'] });
    return all.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}\n    ${n.html.slice(0, 160)}\n    ${n.failureSummary.split('\n').slice(1).join('; ').trim()}`));
  }, [levels, except]);
  assert.deepEqual(found, [], `axe on ${name}`);
}

// fits fails where a page is wider than one of these screens.
export async function fits(page, widths = [320, 390, 1440]) {
  const before = page.viewportSize();
  const wide = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: before.height });
    wide.push(...await page.evaluate(() => {
      const room = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= room) return [];
      const culprits = [...document.querySelectorAll('body *')].filter((x) => x.getBoundingClientRect().right > room + 1);
      return [`${window.innerWidth} px: ${culprits.slice(0, 3).map((x) => x.outerHTML.slice(0, 100)).join(' | ')}`];
    }));
  }
  await page.setViewportSize(before);
  assert.deepEqual(wide, [], `too wide: ${page.url()}`);
}
