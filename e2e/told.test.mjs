// What the city is told: figures that open their cases, two ledgers that agree with
// the log, a daily brief from draft to print, how well machine dispatch held in
// life, the model that serves, and an entry of the knowledge base from draft to use.
import assert from 'node:assert/strict';
import { faultless } from './access.mjs';
import { openHouse, sizes, stepsOf } from './house.mjs';
import { choose, enter } from './staff.mjs';

const house = await openHouse();
const step = stepsOf(house);
const accounts = (await (await fetch(`${house.base}/api/demo`)).json()).accounts;
const said = [
  '香蜜湖街道香蜜公园北门外人行道地砖破损，上周绊倒一位老人，请尽快修好。',
  '香蜜湖街道香蜜公园南门夜里烧烤摊油烟很大，天天到凌晨两点，请管一管。',
  '农林路口的路灯坏了三盏，晚上过马路看不见，请派人修。',
  '请问办理居住登记要带哪些材料，周末能不能办？',
];
const filed = [];

async function as(login, method, url, data) {
  const page = await house.person({ size: 'desk' });
  await page.request.post('/api/session', { data: { login, password: accounts.find((a) => a.login === login).password } });
  const r = await page.request.fetch(url, { method, data });
  assert.ok(r.ok(), `${method} ${url}: ${r.status()} ${await r.text()}`);
  const got = await r.json();
  await page.context().close();
  return got;
}

step('every figure opens the cases it counts', async () => {
  for (const text of said) {
    filed.push(await as('shouli', 'POST', '/api/cases', { family: 'appeal', channel: 'counter', text, nature: '投诉', area: '440304006015', fields: { name: '黎先生', phone: '13900139000' } }));
  }
  const page = await enter(house, /谢永刚/);
  await page.goto('/desk/figures');
  const received = page.locator('.rate').filter({ hasText: '受理' }).first();
  await received.getByText(String(said.length), { exact: true }).click();
  await page.waitForURL(/\/desk\/cases/);
  for (const f of filed) await page.getByText(f.number).first().waitFor();
  await page.context().close();
});

step('the ledgers agree with the log, and a line opens its case', async () => {
  const page = await enter(house, /谢永刚/);
  await page.goto('/desk/ledger');
  await page.getByText('两本台账与办理日志逐件核对一致。').waitFor();
  await page.getByText(`未办台账（${said.length} 件）`).waitFor();
  assert.equal(await page.locator('.bar nav [aria-current=page]').innerText(), '统计', 'the bar does not say where one is');
  await page.setViewportSize(sizes.phone.viewport);
  const due = page.locator('.ledgers tbody tr').first().locator('td').last();
  await due.waitFor();
  const box = await due.boundingBox();
  assert.ok(box && box.x + box.width <= 390, 'the limit cannot be read on a phone');
  await faultless(page, { name: 'the ledgers' });
  await page.getByRole('link', { name: filed[0].number }).first().click();
  await page.locator('.case-head').waitFor();
  await page.context().close();
});

step('a daily brief is drafted, edited and printed', async () => {
  const page = await enter(house, /谢永刚/, { size: 'phone' });
  await page.getByRole('button', { name: /更多/ }).click(); // a room that a phone has no tab for
  await page.getByRole('menuitem', { name: '专报' }).click();
  await page.getByRole('button', { name: '起草今日民情日报' }).click();
  await page.waitForURL(/\/desk\/brief\/.+/);
  const text = page.getByLabel('正文');
  const drafted = await text.inputValue();
  assert.match(drafted, new RegExp(`共受理诉求${said.length}件`));
  await text.fill(`${drafted}\n六、编者按\n请属地街道今晚到香蜜公园南门现场办公。`);
  await page.getByRole('button', { name: '印发' }).click();
  await page.getByText('第1期').waitFor();
  await page.getByRole('heading', { name: '六、编者按' }).waitFor();
  for (const [name, kind] of [['PDF', 'application/pdf'], ['DOCX', /officedocument/]]) {
    const r = await page.request.get(await page.getByRole('link', { name }).getAttribute('href'));
    assert.equal(r.status(), 200);
    assert.match(r.headers()['content-type'], new RegExp(kind));
  }
  await page.context().close();
});

step('how well machine dispatch held, and which model serves', async () => {
  const page = await enter(house, /谢永刚/);
  await page.goto('/desk/lived');
  await page.getByRole('heading', { name: '自动分拨准确率' }).waitFor();
  await page.getByText('按责任单位').or(page.getByText('这段时间没有自动分拨的工单')).first().waitFor();
  const admin = await enter(house, /高远/);
  await admin.goto('/desk/admin/models');
  await admin.getByText('现用：随程序提供的版本').waitFor();
  await admin.getByText('还没有用本市结论训练过').waitFor();
  await page.context().close();
  await admin.context().close();
});

step('what one person writes into the knowledge base another lets pass', async () => {
  const question = '香蜜公园几点关门？';
  const writer = await enter(house, /周佳怡/);
  await writer.goto('/desk/knowledge');
  await writer.getByRole('button', { name: '新增条目' }).click();
  const form = writer.getByRole('dialog');
  await form.getByLabel('问题', { exact: true }).fill(question);
  await form.getByLabel('答案').fill('香蜜公园每天六点开门，二十三点关门。');
  await form.getByLabel('依据').fill('香蜜公园游园须知');
  await choose(writer, form, '责任单位', '香蜜湖街道办事处');
  await form.getByLabel('有效期至').fill(`${new Date().getFullYear() + 1}-12-31`);
  await form.getByRole('button', { name: '提交审核' }).click();
  await form.waitFor({ state: 'hidden' });
  const mine = writer.locator('details').filter({ hasText: question });
  await mine.locator('summary').click();
  assert.equal(await mine.getByRole('button', { name: '审核通过' }).count(), 0, 'nobody lets pass what they wrote themselves');
  const auditor = await enter(house, /郑文静/);
  await auditor.goto('/desk/knowledge');
  const row = auditor.locator('details').filter({ hasText: question });
  await row.locator('summary').click();
  await row.getByRole('button', { name: '审核通过' }).click();
  await row.locator('summary .tag').waitFor({ state: 'detached' });
  await writer.context().close();
  await auditor.context().close();
});

step('a counter is offered only what it may enter', async () => {
  const page = await enter(house, /周佳怡/);
  await page.goto('/desk/intake');
  await page.getByText('民生诉求', { exact: true }).waitFor();
  for (const name of ['民情专报', '协办任务', '主题案件']) assert.equal(await page.getByText(name, { exact: true }).count(), 0, name);
  await page.context().close();
});
