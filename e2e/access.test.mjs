// Every citizens' page, in each of its three shapes, passes axe and fits a phone.
import { test } from 'node:test';
import { faultless, fits } from './access.mjs';
import { openHouse } from './house.mjs';
import { photo } from './photo.mjs';

const house = await openHouse();

const shapes = {
  Chinese: [],
  'elder mode': ['elder:on'],
  English: ['lang:en'],
  'English in elder mode': ['lang:en', 'elder:on'],
};

for (const [shape, switches] of Object.entries(shapes)) {
  test(`the citizens' pages, ${shape}`, async (t) => {
    const page = await house.person({ isMobile: false });
    const look = (name) => t.test(name, async () => {
      await faultless(page, { name });
      await fits(page);
    });
    const go = async (path, name = path) => { await page.goto(path); await look(name); };
    const on = () => page.locator('main button.go').click();

    await page.goto('/');
    for (const s of switches) {
      await page.locator(`.switches button[value="${s}"]`).click();
      await page.locator(`.switches button[value="${s.replace('on', 'off').replace('en', 'zh')}"]`).waitFor();
    }
    for (const path of ['/', '/help', '/track', '/rate', '/lost', '/following', '/nowhere']) await go(path);

    await page.goto('/track');
    await on();
    await page.locator('.problems').waitFor();
    await look('number and code missing');
    await page.goto('/lost');
    await page.locator('#f-phone').fill('13800138000');
    await on();
    await page.locator('#f-phone').waitFor({ state: 'detached' });
    await look('a new code is on its way');

    await go('/file', 'what happened');
    await on();
    await page.locator('.problems').waitFor();
    await look('nothing written');
    await page.locator('#f-text').fill('香梅路人行道地砖松动，下雨天踩上去溅水，老人容易摔倒。');
    await page.locator('input[type=file]').setInputFiles([photo('地砖.png', 60, 40)]);
    await on();
    await page.locator('#f-address').fill('香梅路与红荔路口');
    await page.locator('#map input[type=image]').click();
    await page.locator('.chosen').waitFor();
    await look('where');
    await page.goto('/file');
    await look('what happened, with a photo');
    await page.goto('/file/where');
    await on();
    await page.waitForURL(/nearby|contact/);
    if (page.url().endsWith('/nearby')) {
      await look('a case nearby');
      await page.locator('.card button').first().click();
      await page.waitForURL('**/following');
      await look('followed cases');
      await page.goto('/file/contact');
    }
    await look('contact');
    await page.locator('input[value=named]').check();
    await on();
    await page.locator('.problems').waitFor();
    await look('no telephone given');
    await page.locator('#anonymous').check();
    await on();
    await page.waitForURL('**/check');
    await look('check');
    await on();
    await page.waitForURL('**/sent');
    await look('sent');

    await page.goto('/track');
    const said = page.locator('details summary'); // elder mode leaves it out
    if (await said.isVisible()) await said.click();
    await look('a case');
    await go('/track/act/add');
    await on();
    await page.locator('.problems').waitFor();
    await look('nothing added');
    await go('/track/act/withdraw');
    await go('/rate', 'too early to rate');

    await go('/apply/street-stall');
    await on();
    await page.locator('.problems').waitFor();
    await look('an application with gaps');
  });
}
