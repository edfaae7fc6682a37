// At the hall (综合窗口): whoever booked an hour is expected, called and served; what
// they hand in is filed on their behalf and a receipt printed. And the desk of items
// (事项): figures, one item in words, what the check found.
import assert from 'node:assert/strict';
import { faultless, fits } from './access.mjs';
import * as citizen from './citizen.mjs';
import { openHouse, stepsOf } from './house.mjs';
import { enter, room } from './staff.mjs';

const house = await openHouse({ greets: 60_000 });
const step = stepsOf(house);
const service = '临时占用街道设摊许可';
let counter, day;

step('an hour at the window is booked on a phone, without a script', async () => {
  const page = await house.person({ script: false });
  await page.goto('/services/street-stall');
  await page.locator('a[href$="/book"]').first().click();
  await citizen.heading(page, '预约到窗口办');
  const slot = page.locator('input[name=slot]').first();
  day = (await slot.getAttribute('value')).split(' ')[0];
  await slot.check();
  await page.getByLabel('姓名').fill('黎先生');
  await page.getByLabel('手机号码').fill('13900139000');
  await page.locator('form button.go').click();
  await citizen.heading(page, '已预约');
  await citizen.see(page, /按时到场，最晚.*10:00/);
  await fits(page);
});

step('the window sees who comes, calls them, and begins their application', async () => {
  counter = await enter(house, /周佳怡/);
  await room(counter, '综合窗口');
  await counter.getByRole('heading', { level: 1, name: '综合窗口' }).waitFor();
  await counter.getByText('预约', { exact: true }).click();
  await counter.getByText('这一天没有预约').waitFor();
  await counter.getByLabel('日期').fill(day);
  await counter.getByText('9:00—10:00').waitFor();
  await counter.getByText('黎**').waitFor();
  await faultless(counter, { name: 'bookings' });
  await fits(counter);
  await counter.getByRole('button', { name: '叫号' }).click();
  await counter.getByRole('button', { name: '再叫（已叫 1 次）' }).waitFor();
  await counter.getByRole('button', { name: '到场', exact: true }).click();
  await counter.getByText('待到场 0 · 共 1').waitFor();
  await counter.getByRole('button', { name: '受理申请' }).click();
  await counter.getByText(`${service}（`).first().waitFor();
});

step('the form is filled in from the registers, and what is wanting is said', async () => {
  await counter.getByLabel('身份证号或者统一社会信用代码').fill('900000198802140531');
  assert.ok(await counter.getByRole('button', { name: '读取登记信息' }).isDisabled(), 'nobody agreed yet');
  await counter.getByText('申请人在场，同意读取登记信息填表').click();
  await counter.getByRole('button', { name: '读取登记信息' }).click();
  await counter.getByText(/已填好 \d 项/).waitFor();
  assert.equal(await counter.getByLabel('申请人', { exact: true }).inputValue(), '演示居民');
  await counter.getByLabel('设摊地点', { exact: true }).fill('香蜜湖街道香梅社区广场');
  await counter.getByRole('radio', { name: '果蔬' }).check();
  await counter.getByLabel('开始日期').fill('2026-12-01');
  await counter.getByLabel('天数').fill('30');
  await counter.getByRole('button', { name: '提交申请' }).click();
  await counter.getByRole('alert').getByText('设摊地点现场照片').waitFor();
  await faultless(counter, { name: 'counter' });
  await fits(counter);
});

step('it is filed, the receipt is printed, and the applicant finds it', async () => {
  await counter.locator('.window-materials li').filter({ hasText: '设摊地点现场照片' }).getByText('容缺后补').click();
  await counter.evaluate(() => { window.print = () => { document.body.dataset.printed = 'yes'; }; });
  await counter.getByRole('button', { name: '提交申请' }).click();
  await counter.getByRole('heading', { name: '已受理登记' }).waitFor();
  const said = await counter.locator('.receipt dl').innerText();
  for (const word of [service, '容缺后补', '设摊地点现场照片', '5 个工作日']) assert.ok(said.includes(word), `${word} in ${said}`);
  await counter.getByRole('button', { name: '打印回执' }).click();
  await counter.locator('body[data-printed=yes]').waitFor();
  await fits(counter);
  const [number] = said.match(/SF\d+/);
  const [, code] = said.match(/查询码\s+(\S+)/);
  const page = await house.person();
  await citizen.open(page, { number, code });
  await citizen.heading(page, '已提交，等待受理');
  await counter.getByRole('button', { name: '办下一位' }).click();
  await counter.getByText('选一个事项').waitFor();
});

step('the items are found, counted and read in words', async () => {
  await room(counter, '事项');
  await counter.getByRole('heading', { level: 1, name: '事项' }).waitFor();
  await counter.getByText('时限压缩率').first().waitFor();
  await counter.getByRole('button', { name: /^即办率/ }).first().click();
  await counter.getByText(/即办率 = /).waitFor();
  await counter.getByRole('button', { name: '清除条件' }).click();
  await counter.getByLabel('找名称、编码或群众的问法').fill('证明我住在这里');
  await counter.keyboard.press('Enter');
  await counter.getByText(/^\d 项（全部/).waitFor();
  await faultless(counter, { name: 'items' });
  await fits(counter);
  await counter.locator('.service-table').getByRole('link', { name: '居住证明开具' }).click();
  await counter.getByRole('heading', { level: 1, name: '居住证明开具' }).waitFor();
  await counter.getByText('有效期：6 个月').waitFor();
  await counter.getByRole('link', { name: '看决策表' }).waitFor();
  await counter.getByText(/第 1 版/).first().waitFor();
  await faultless(counter, { name: 'one item' });
  await fits(counter);
});

step('the keeper of data reads the items too, and the check finds nothing against those of the demo', async () => {
  const keeper = await enter(house, /沈知远/);
  await room(keeper, '事项');
  await keeper.locator('#findings').getByText('没有发现问题').waitFor();
  await keeper.locator('.service-table').getByRole('link', { name: '居住证明开具' }).or(keeper.locator('.service-table a').first()).first().click();
  await keeper.getByText('办理要素').waitFor();
});
