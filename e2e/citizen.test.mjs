// A citizen with a phone: files, watches, adds, loses the code, and finds back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as citizen from './citizen.mjs';
import { openHouse, until } from './house.mjs';
import { photo } from './photo.mjs';

const house = await openHouse();
const chen = { name: '陈女士', phone: '13800138000' };
let mine;

test('an appeal with words, a photo and a place on the map', async () => {
  const page = await house.person();
  await page.goto('/');
  await citizen.see(page, '我要反映', '查进度', '评价', '接下来会怎样');
  await page.getByRole('link', { name: '我要反映' }).click();

  await citizen.next(page); // nothing written yet
  await citizen.see(page, '请填写“发生了什么”');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'problems', 'the trouble has the focus');

  await page.getByLabel('照片').setInputFiles([photo('现场.png')]);
  await page.getByRole('img', { name: '现场' }).waitFor(); // shown before it is sent, and made smaller
  await citizen.tell(page, '梅林一村3栋楼下夜里烧烤，油烟很大，一直到凌晨两点。');

  await page.getByLabel('地址或附近的标志').fill('梅林一村3栋');
  await citizen.turn(page, '放大');
  await citizen.tap(page, { x: 0.5, y: 0.5 });
  const place = await page.getByText(/^已选：/).innerText();
  assert.match(place, /街道/);

  // Back loses nothing.
  await page.getByRole('button', { name: '返回' }).click();
  assert.match(await page.getByLabel('发生了什么？').inputValue(), /油烟很大/);
  await page.getByRole('button', { name: /^删除 现场/ }).waitFor();
  await citizen.next(page);
  await citizen.see(page, place);
  await citizen.next(page);
  await citizen.reach(page, chen);
  await citizen.see(page, '油烟很大', '梅林一村3栋', '陈女士', '13800138000');
  await page.getByRole('button', { name: '提交' }).click();
  mine = await citizen.receipt(page);

  await page.getByRole('link', { name: '保存为图片' }).click();
  await page.locator('.picture img').waitFor();

  await page.getByRole('link', { name: '查看进度' }).click();
  await citizen.see(page, mine.number, '我们收到了您反映的问题', '下一步');
  await page.getByText('我反映的内容').click();
  const thumb = page.locator('details .photos img');
  await thumb.scrollIntoViewIfNeeded();
  await page.waitForFunction((img) => img.complete && img.naturalWidth > 0, await thumb.elementHandle());
});

test('whoever has number and code sees it anywhere, and can add to it', async () => {
  const page = await house.person({ size: 'desk' });
  await citizen.open(page, { number: mine.number.toLowerCase(), code: ` ${mine.code.toLowerCase()} ` });
  await citizen.see(page, '我们收到了您反映的问题');
  await page.getByRole('link', { name: '补充', exact: true }).click();
  await page.getByLabel('补充的内容').fill('今晚又来了，共三个摊位。');
  await page.getByLabel(/照片/).setInputFiles([photo('今晚.png', 40, 30)]);
  await page.getByRole('button', { name: '确定' }).click();
  await citizen.see(page, '补充的内容已收到', '您补充了情况');

  await page.getByRole('button', { name: '看完了，退出这一件' }).click();
  await citizen.see(page, '查询码丢了怎么办');
  await page.goto('/track');
  assert.equal(await page.getByText(mine.number).count(), 0);
});

test('a draft survives closing the page', async () => {
  const page = await house.person();
  await page.goto('/file');
  const saved = page.waitForResponse((r) => r.url().endsWith('/file/save'));
  await page.getByLabel('发生了什么？').fill('路口信号灯不亮');
  await saved;
  await page.close();
  const again = await page.context().newPage();
  await again.goto('/file');
  assert.equal(await again.getByLabel('发生了什么？').inputValue(), '路口信号灯不亮');
});

test('a lost code comes back by text message, and the old one is void', async () => {
  const page = await house.person();
  await page.goto('/track');
  await page.getByRole('link', { name: '查询码丢了怎么办' }).click();
  await page.getByLabel('手机号码').fill(chen.phone);
  await page.getByRole('button', { name: '发送新的查询码' }).click();
  await citizen.see(page, '请看手机短信');
  const letter = await until('the message with the new code', () =>
    house.messages().find((m) => m.to.endsWith(chen.phone) && m.text.includes(mine.number) && /查询码/.test(m.text)));
  const fresh = codeIn(letter.text, mine.number);
  assert.notEqual(fresh, mine.code);

  await citizen.open(page, mine);
  await citizen.see(page, '编号或查询码不对');
  mine.code = fresh;
  await citizen.open(page, mine);
  await citizen.see(page, '经过');
});

// codeIn finds the query code in a message: the word of capitals and figures
// that isn't the case's number.
function codeIn(text, number) {
  return text.replace(number, '').match(/[0-9A-Z]{4,}(-[0-9A-Z]{2,})*/g).find((w) => w.length >= 8);
}

test('a second person is offered the first one’s case to follow', async () => {
  const page = await house.person();
  await page.goto('/file');
  await citizen.tell(page, '梅林一村3栋楼下夜里烧烤，油烟很大，一直到凌晨。');
  await page.getByLabel('地址或附近的标志').fill('梅林一村3栋');
  await citizen.next(page);
  await citizen.heading(page, '附近已有人反映');
  await page.getByRole('button', { name: '关注这一件' }).first().click();
  await citizen.heading(page, '我关注的事');
  assert.equal(await page.getByText('陈女士').count(), 0, 'a neighbour reads nothing personal');
});

test('guessing is slowed down', async () => {
  const page = await house.person();
  const key = { number: mine.number, code: 'AAAABBBBCCCC' };
  for (let i = 0; i < 8; i++) {
    await citizen.open(page, key);
    await page.getByText(/编号或查询码不对|请稍候/).first().waitFor();
    if (await page.getByText('请稍候').count()) break;
  }
  await citizen.see(page, /操作有些频繁，请在 .*秒.*后再试/);
});
