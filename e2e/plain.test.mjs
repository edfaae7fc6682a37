// The same pages in a browser that runs no script, in elder mode and in English.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as citizen from './citizen.mjs';
import { openHouse } from './house.mjs';
import { photo } from './photo.mjs';

const house = await openHouse();

test('everything works without JavaScript', async () => {
  const page = await house.person({ script: false });
  await page.goto('/file');
  await citizen.tell(page, '新洲路与福华路口的路灯不亮，晚上看不清斑马线。', [photo('路灯.png', 60, 40)]);
  await citizen.turn(page, '放大');
  await citizen.turn(page, '向东');
  await citizen.tap(page, { x: 0.5, y: 0.5 });
  await citizen.next(page);
  await citizen.passNeighbours(page);
  await citizen.reach(page);
  await citizen.see(page, '（已在地图上标出）', '匿名');
  await page.getByRole('button', { name: '提交' }).click();
  const mine = await citizen.receipt(page);

  const later = await house.person({ script: false });
  await citizen.open(later, mine);
  await citizen.see(later, '我们收到了您反映的问题');
  await later.getByRole('link', { name: '补充', exact: true }).click();
  await later.getByLabel('补充的内容').fill('一共三盏。');
  await later.getByRole('button', { name: '确定' }).click();
  await citizen.see(later, '补充的内容已收到');
  await later.getByRole('link', { name: '撤回反映' }).click();
  await later.getByRole('button', { name: '确定' }).click();
  await citizen.heading(later, '您已撤回');
});

test('elder mode is a switch on every page, is remembered, and loses nothing', async () => {
  for (const script of [true, false]) {
    const page = await house.person({ script });
    await page.goto('/file');
    await page.getByLabel('发生了什么？').fill('楼道堆杂物');
    await page.getByRole('button', { name: '关怀版' }).click();
    await page.getByRole('button', { name: '标准版' }).waitFor();
    assert.equal(await page.getByLabel('发生了什么？').inputValue(), '楼道堆杂物');
    for (const path of ['/', '/file', '/track', '/help', '/lost', '/services/street-stall/apply']) {
      await page.goto(path);
      await page.getByRole('button', { name: '标准版' }).waitFor();
      const small = await smallTargets(page, 60);
      assert.deepEqual(small, [], `targets lower than 60 px on ${path}`);
      const type = parseFloat(await page.locator('main').evaluate((m) => getComputedStyle(m).fontSize));
      assert.ok(type >= 22 && type <= 30, `${type} px on ${path}`);
    }
  }
});

// smallTargets names what can be pressed in the page and is lower than px. A
// link inside a sentence is as high as the sentence; a choice is its label.
function smallTargets(page, px) {
  return page.evaluate((px) => [...document.querySelectorAll('a[href], button, select, summary, textarea, input:not([type=hidden]):not([type=radio]):not([type=checkbox]), label.choice')]
    .filter((x) => !x.matches('.unseen, .skip') && !(x.matches('a') && x.closest('p')) && x.checkVisibility() && x.getBoundingClientRect().height < px)
    .map((x) => `${x.tagName} ${x.className} ${(x.innerText || x.name || '').trim().slice(0, 20)} ${Math.round(x.getBoundingClientRect().height)}`), px);
}

test('English is a switch too, and an appeal can be made in it', async () => {
  const page = await house.person();
  await page.goto('/file');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByLabel('What happened?').fill('The street lamp is broken and the crossing is dark.');
  await page.getByRole('button', { name: 'Continue' }).last().click();
  await citizen.heading(page, 'Where is it?');
  await page.getByRole('button', { name: 'Skip this step' }).click();
  await citizen.heading(page, 'How shall we answer you?');
  await page.getByRole('radio', { name: /Stay anonymous/ }).check();
  await page.getByRole('button', { name: 'Continue' }).last().click();
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.receipt dd').first().waitFor();
  await page.getByRole('link', { name: /progress/i }).first().click();
  await page.locator('ol.line li').first().waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
});
