// A permit by the same pages, inbox and clocks: a family of the city pack, no code
// of its own.
import assert from 'node:assert/strict';
import * as citizen from './citizen.mjs';
import { openHouse, stepsOf } from './house.mjs';
import { photo } from './photo.mjs';
import { act, enter, lane, stands } from './staff.mjs';

const house = await openHouse();
const step = stepsOf(house);
let mine;

step('a stall permit is applied for on a phone and watched', async () => {
  const page = await house.person();
  await page.goto('/');
  await page.getByRole('link', { name: '我要办事' }).click();
  await page.getByRole('link', { name: '城管环保' }).click();
  await page.getByRole('link', { name: '临时占用街道设摊许可' }).click();
  await page.getByRole('link', { name: '申请', exact: true }).click();
  await page.getByLabel('申请人').fill('黎先生');
  await page.getByLabel('手机号码').fill('13900139000');
  await citizen.next(page);
  await citizen.see(page, '请填写“设摊地点”', '请选择“经营内容”中的一项');

  await page.getByLabel('设摊地点').fill('香蜜湖街道香梅社区广场');
  await page.getByRole('radio', { name: '果蔬' }).check();
  await page.getByLabel('开始日期').fill('2026-12-01');
  await page.getByLabel('天数').fill('30');
  await citizen.next(page);
  await page.getByLabel('申请人身份证明').setInputFiles([photo('证件.png', 60, 40)]);
  await page.getByLabel('设摊地点现场照片').setInputFiles([photo('摊位.png', 60, 40)]);
  await citizen.next(page);
  await citizen.heading(page, '核对后提交');
  await citizen.see(page, '黎先生', '果蔬', '30');
  await page.getByRole('button', { name: '提交' }).click();
  mine = await citizen.receipt(page);

  const other = await house.person({ script: false });
  await citizen.open(other, mine);
  await citizen.heading(other, '已提交，等待受理');
  await citizen.see(other, '已收到您的申请', '下一步');
});

step('the street’s officers accept, decide and issue it at their inbox', async () => {
  const clerk = await enter(house, /黄丽珍/);
  await lane(clerk, '待签收');
  await clerk.getByRole('link', { name: /设摊/ }).click();
  await stands(clerk, '待受理');
  await clerk.getByText('果蔬').first().waitFor();
  await act(clerk, '受理');
  await stands(clerk, '审查中');
  await clerk.locator('.clocks li').filter({ hasText: '法定时限内决定' }).getByText(/还剩/).waitFor();
  assert.equal(await clerk.locator('.actions').getByRole('button', { name: '准予许可' }).count(), 0, 'the head decides');

  const head = await enter(house, /梁建平/, { size: 'phone' });
  await lane(head, '办理中');
  await head.getByRole('link', { name: /设摊/ }).click();
  await act(head, '准予许可', (form) => form.getByLabel('审查意见').fill('地点在划定范围内，材料齐全，准予设摊三十日。'));
  await stands(head, '待发证');

  await clerk.getByRole('button', { name: '查看', exact: true }).click(); // her page says that it has changed
  await stands(clerk, '待发证');
  await act(clerk, '发证');
  await stands(clerk, '已发证');
  await clerk.getByText(/通知和凭证/).click();
  await clerk.locator('.side-list').getByText('临时占用街道设摊许可证').waitFor();
});

step('the applicant reads that it is issued, and rates it', async () => {
  const page = await house.person();
  await citizen.open(page, mine);
  await citizen.heading(page, '已发证');
  await citizen.see(page, '准予许可。', '许可证已签发。', '证照', '有效期至');
  await page.getByRole('link', { name: '临时占用街道设摊许可证' }).click();
  await citizen.see(page, '黎先生', '果蔬', '还没有人查看过');
  await page.getByLabel('经营内容').check();
  await page.getByLabel('作什么用').fill('市场巡查');
  await page.getByRole('button', { name: '生成亮码' }).click();
  await page.locator('.qr svg path').waitFor();
  await page.getByText('不能扫码').click();
  const shown = new URL((await page.locator('[data-copy]').innerText()).trim());

  const inspector = await house.person();
  await inspector.goto(shown.pathname);
  await inspector.getByLabel('您的单位或姓名').fill('香蜜湖街道综合行政执法队');
  await inspector.getByRole('button', { name: '查看', exact: true }).click();
  await citizen.see(inspector, '果蔬', '当前状态：有效');
  assert.equal(await inspector.getByText('黎先生').count(), 0, 'only what was chosen is shown');
  await inspector.goto(shown.pathname);
  await citizen.see(inspector, '已经用过了');

  await page.goto('/track');
  await citizen.rate(page, '非常满意');
});
