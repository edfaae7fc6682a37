// An empty reply is flagged while it is written, its words are one click away, the
// unit sends it with a reason, and the auditor sees what was found, and the reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultless, fits } from './access.mjs';
import { openHouse, sizes } from './house.mjs';
import { act, enter, lane, room, stands } from './staff.mjs';

const house = await openHouse();
const accounts = (await (await fetch(`${house.base}/api/demo`)).json()).accounts;
const title = '人行道地砖破损绊倒老人';
const empty = '网友：您好！您反映的问题已收悉，已转相关部门调查处理，感谢您的关心与支持！';

// as asks the API as one of the staff, for the steps before the reply.
async function as(login, method, url, data) {
  const page = await house.person({ size: 'desk' });
  await page.request.post('/api/session', { data: { login, password: accounts.find((a) => a.login === login).password } });
  const r = await page.request.fetch(url, { method, data });
  assert.ok(r.ok(), `${method} ${url}: ${r.status()} ${await r.text()}`);
  const said = await r.json();
  await page.context().close();
  return said;
}

async function handling() {
  const filed = await as('shouli', 'POST', '/api/cases', {
    family: 'appeal', channel: 'counter', title, nature: '投诉', area: '440304006015',
    text: '香蜜公园北门外人行道地砖大面积松动破损，上周绊倒一位老人。请尽快修复，并说明什么时候修好。', fields: { name: '黎先生', phone: '13900139000' },
  });
  const step = async (login, code, input) => {
    const it = await as(login, 'GET', `/api/cases/${filed.id}`);
    return as(login, 'POST', `/api/cases/${filed.id}/actions/${code}`, { version: it.version, input });
  };
  const { state } = await as('fenbo', 'GET', `/api/cases/${filed.id}`);
  await (state === 'received' || state === 'accepted'
    ? step('fenbo', 'dispatch', { matter: '030705', unit: 'st-xiangmihu-um' })
    : step('fenbo', 'redispatch', { unit: 'st-xiangmihu-um', reason: '属地办理' }));
  await step('shoufa', 'sign', {});
  await step('shoufa', 'assign', { staff: 'jingban' });
  await step('jingban', 'contact', { means: 'phone', note: '已电话联系。' });
  return { id: filed.id, step };
}

// shot leaves a picture at both widths where YIWANG_LOOK says.
async function shot(page, name) {
  if (!process.env.YIWANG_LOOK) return;
  for (const [size, width] of [['phone', 390], ['desk', 1440]]) {
    await page.setViewportSize(sizes[size].viewport);
    const row = page.getByRole('link', { name: title }).or(page.getByRole('button', { name: title })).first();
    if (!(await page.locator('.reply-check').filter({ visible: true }).count()) && await row.count()) await row.click();
    await page.locator('.reply-check').filter({ visible: true }).first().scrollIntoViewIfNeeded();
    await page.screenshot({ path: `${process.env.YIWANG_LOOK}/${name}-${width}.png`, animations: 'disabled' });
  }
}

test('an empty reply: flagged, sent with a reason, seen by the auditor', async () => {
  const { id, step } = await handling();
  const handler = await enter(house, /罗志明/);
  await handler.goto(`/desk/cases/${id}`);
  await stands(handler, '办理中');
  await act(handler, '办结', async (form) => {
    await form.getByLabel('已解释说明').check();
    const box = form.getByRole('textbox', { name: '给反映人的答复' });
    assert.equal(await form.getByLabel('仍这样答复的理由').count(), 0, 'the reason is asked for before anything was found');

    await box.fill('11月21日上午我队到场，已更换破损地砖36块，当天修好。如再发现松动，请拨打12345。');
    await form.getByText('答复检查：没有发现问题').waitFor();

    await box.fill(empty);
    const found = form.getByRole('region', { name: '答复检查' });
    await found.getByText('空泛答复').waitFor();
    await found.getByRole('button', { name: '已转相关部门调查处理' }).click();
    assert.equal(await box.evaluate((b) => b.value.slice(b.selectionStart, b.selectionEnd)), '已转相关部门调查处理');
    await faultless(handler, { name: 'the resolve form with a finding' });
    await fits(handler, [390, 1440]);
    await handler.setViewportSize(sizes.desk.viewport);
    await shot(handler, 'resolve');

    await found.getByText('空泛答复').waitFor(); // another width, another form: it reads the draft again
    await form.getByLabel('仍这样答复的理由').waitFor();
    await form.getByRole('button', { name: '办结', exact: true }).click();
    await form.getByText(/请填写.*仍这样答复的理由|仍这样答复的理由.*填写/).first().waitFor();
    await form.getByLabel('仍这样答复的理由').fill('诉求人来电要求只作登记，不需要答复');
  });
  await handler.locator('.case-head .tag').filter({ hasText: /待单位审批|待审核/, visible: true }).first().waitFor();
  const { state } = await as('fuze', 'GET', `/api/cases/${id}`);
  if (state === 'approval') await step('fuze', 'approve', {});

  const auditor = await enter(house, /郑文静/);
  await room(auditor, '审核台');
  const found = auditor.getByRole('region', { name: '答复检查' });
  await found.getByText('空泛答复').waitFor();
  await auditor.getByText('诉求人来电要求只作登记').first().waitFor();
  await found.getByRole('button', { name: '已转相关部门调查处理' }).click();
  assert.equal(await auditor.evaluate(() => String(getSelection())), '已转相关部门调查处理');
  await faultless(auditor, { name: 'the audit desk with a finding' });
  await shot(auditor, 'audit');
});
