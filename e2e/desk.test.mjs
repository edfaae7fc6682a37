// The staff's pages on a district that is alive: axe finds nothing, the live
// district arrives by itself, and every number opens its cases.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultless, fits } from './access.mjs';
import { openHouse, sizes } from './house.mjs';
import { enter, room } from './staff.mjs';

const house = await openHouse({ args: ['--life'], greets: 120_000 });

// The map is drawn on a canvas; beside it the same stands in a table.
const drawn = ['.maplibregl-map'];

test('the door', async () => {
  const page = await house.person({ size: 'desk' });
  await page.goto('/desk/');
  await page.getByRole('button', { name: /林晓岚/ }).waitFor();
  await faultless(page, { name: 'sign-in' });
  await fits(page);
});

const rooms = [
  { who: /林晓岚/, at: '分拨台', ready: '.suggestion', narrow: '.queue-item' },
  { who: /林晓岚/, at: '查询', ready: 'tbody tr', narrow: '.case-list' },
  { who: /黄丽珍/, at: '收件箱', ready: '.case-list' },
  { who: /黄丽珍/, at: '收件箱', ready: '.case-list', opens: 'a.case-title', then: '.case-head' },
  { who: /郑文静/, at: '审核台', ready: '.lane-work h1', narrow: '.case-list' },
  { who: /何雨欣/, at: '回访台', ready: '.lane-work h1', narrow: '.case-list' },
  { who: /谢永刚/, at: '督办台', ready: '.case-list' },
  { who: /谢永刚/, at: '热点专题', ready: '.topic-line' },
  { who: /谢永刚/, at: '职责清单', ready: 'tbody tr' },
  { who: /罗秉正/, at: '裁决台', ready: '.lane-work h1', narrow: '.case-list' },
  { who: /周佳怡/, at: '登记', ready: 'form' },
  { who: /高远/, at: '管理', ready: 'tbody tr' },
];

for (const { who, at, ready, narrow = ready, opens, then } of rooms) {
  test(`${at}${opens ? '，工单' : ''}`, async () => {
    const page = await enter(house, who);
    const there = (what) => page.locator(what).filter({ visible: true }).first();
    await room(page, at);
    await there(ready).waitFor();
    if (opens) {
      await there(opens).click();
      await there(then).waitFor();
      await page.locator('.actions button').first().waitFor();
    }
    await faultless(page, { name: `${at}, desk` });
    await page.setViewportSize(sizes.phone.viewport);
    await there(then ?? narrow).waitFor();
    await faultless(page, { name: `${at}, phone` });
    await fits(page, [390, 1440]);
    await page.context().close();
  });
}

test('the command screen, light, dark and on a phone', async () => {
  const page = await enter(house, /陆国华/);
  await room(page, '指挥屏');
  await page.getByRole('region', { name: '今天' }).getByRole('link').first().waitFor();
  await page.locator('.maplibregl-canvas').waitFor();
  await faultless(page, { name: 'screen', except: drawn });
  await page.getByRole('button', { name: '深色' }).click();
  await page.locator('.screen.dark .maplibregl-canvas').waitFor();
  await faultless(page, { name: 'screen, dark', except: drawn });
  await page.setViewportSize(sizes.phone.viewport);
  await faultless(page, { name: 'screen, phone', except: drawn });
  await page.getByRole('button', { name: '看表格' }).click();
  await page.getByRole('table').waitFor();
  await faultless(page, { name: 'screen, table, phone' });
  await fits(page, [390, 1440]);
  await page.context().close();
});

test('every figure of the screen opens its cases', async () => {
  const page = await enter(house, /陆国华/);
  await room(page, '指挥屏');
  const late = page.getByRole('region', { name: '今天' }).getByRole('link', { name: /超时未办结/ });
  const n = Number(await late.locator('b').innerText());
  assert.ok(n > 0, 'the demo district is late with something');
  await late.click();
  await page.getByRole('table').getByRole('row').nth(1).waitFor();
  const shown = Number(/(\d+) 件/.exec(await page.getByText(/共 \d+ 件|前 \d+ 件/).innerText())[1]);
  assert.ok(shown >= Math.min(n, 50) - 1, `${n} late on the screen, ${shown} in the list`);
});

test('what the list shows is what the export gives', async () => {
  const page = await enter(house, /郑文静/);
  await room(page, '查询');
  await page.getByRole('button', { name: '加条件' }).waitFor();
  await page.goto('/desk/cases?late=1');
  await page.getByRole('table').getByRole('row').nth(1).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出 CSV' }).or(page.getByRole('button', { name: '导出 CSV' })).click()]);
  const text = await (await file.createReadStream()).toArray();
  const csv = Buffer.concat(text).toString('utf8');
  assert.ok(csv.startsWith('\ufeff'), 'a spreadsheet knows the encoding');
  const number = await page.getByRole('table').getByRole('row').nth(1).getByText(/^SF\d+/).innerText();
  assert.ok(csv.includes(number), `${number} is in the export`);
});

test('a topic becomes a theme case', async () => {
  const page = await enter(house, /谢永刚/);
  await room(page, '热点专题');
  await page.locator('.topic-line').first().click();
  await page.locator('.members li').first().waitFor();
  await faultless(page, { name: 'topic' });
  await fits(page);
  const told = await page.locator('.topic-line strong').first().innerText();
  await page.getByRole('button', { name: '立为主题案件' }).click();
  await page.locator('.case-head').getByText(told).waitFor();
  await page.getByText('研判中').first().waitFor();
  await page.close();
});
