// One appeal through all three faces, from a citizen's phone to the archive. All
// pages stay open the whole time: what others do arrives on them by itself.
import assert from 'node:assert/strict';
import * as citizen from './citizen.mjs';
import { openHouse, stepsOf } from './house.mjs';
import { photo } from './photo.mjs';
import { act, choose, enter, lane, room, stands } from './staff.mjs';

const house = await openHouse();
const step = stepsOf(house);
const words = '香蜜湖路口地铁站出口每天晚上有流动摊贩占道经营，卖烧烤油烟很大，行人只能走到机动车道上，请尽快处理。';
const unit = '香蜜湖街道综合行政执法队';
let phone, mine;
let dispatcher, clerk, handler, head, auditor, leader;

step('everybody sits down at their desk', async () => {
  phone = await house.person();
  dispatcher = await enter(house, /林晓岚/);
  await dispatcher.getByText('没有待分拨的工单').waitFor();
  clerk = await enter(house, /黄丽珍/);
  await clerk.getByText('“待签收”里没有工单').waitFor();
  handler = await enter(house, /罗志明/, { size: 'phone' });
  head = await enter(house, /梁建平/, { size: 'phone' });
  auditor = await enter(house, /郑文静/);
  leader = await enter(house, /陆国华/);
  await room(leader, '指挥屏');
  await figure(leader, '收到', 0);
});

step('the citizen files it, and it stands on desk and screen without a reload', async () => {
  mine = await citizen.file(phone, { text: words, photos: [photo()], area: '香蜜社区', who: { name: '陈女士', phone: '13800138000' } });
  await dispatcher.getByRole('region', { name: '待分拨' }).getByRole('button', { name: /流动摊贩占道经营/ }).waitFor();
  await figure(leader, '收到', 1);
  await leader.getByRole('region', { name: '实时动态' }).getByRole('link', { name: /流动摊贩占道经营/ }).first().waitFor();
});

step('the dispatcher sends it by one key; why is written beside it', async () => {
  await dispatcher.getByRole('heading', { level: 1, name: /流动摊贩/ }).waitFor();
  await dispatcher.getByText('为什么没有自动分拨').waitFor();
  const first = dispatcher.locator('.suggestion').first();
  await first.getByText('游商').waitFor();
  await first.getByText(`→ ${unit}`).waitFor();
  assert.equal(await dispatcher.getByText('13800138000').count(), 0, 'the telephone is masked');

  await dispatcher.keyboard.press('1');
  await dispatcher.getByRole('status').filter({ hasText: `${mine.number} 已分拨给${unit}` }).waitFor();
  await dispatcher.getByText('没有待分拨的工单').waitFor();

  await dispatcher.getByRole('button', { name: /^撤回/ }).waitFor();

  // Taken back and sent again, as it happens to everybody.
  await dispatcher.keyboard.press('z');
  await dispatcher.getByRole('status').filter({ hasText: '已撤回' }).waitFor();
  await dispatcher.getByRole('heading', { level: 1, name: /流动摊贩/ }).waitFor();
  await dispatcher.locator('.suggestion').first().getByText(`→ ${unit}`).waitFor();
  await dispatcher.keyboard.press('1');
  await dispatcher.getByRole('status').filter({ hasText: `${mine.number} 已分拨给${unit}` }).waitFor();
});

step('the unit is alerted, signs, assigns and calls the citizen', async () => {
  const alert = clerk.getByRole('alert').filter({ hasText: `新工单 ${mine.number} 等待签收` });
  await alert.getByText(/还剩 \d+ 分钟/).waitFor();
  await alert.getByRole('link', { name: '打开' }).click();
  await stands(clerk, '待签收');
  await act(clerk, '签收');
  await stands(clerk, '待联系');
  await alert.waitFor({ state: 'detached' });

  await act(clerk, '指派', (form) => choose(clerk, form, '经办人', '罗志明'));
  await clerk.locator('.head-facts').getByText('罗志明').waitFor();

  // The number is shown for a purpose, and the look is recorded.
  await clerk.getByRole('button', { name: '查看完整信息' }).click();
  await clerk.getByRole('radio', { name: '联系反映人' }).check();
  await clerk.locator('.reveal').getByRole('button', { name: '查看' }).click();
  await clerk.getByText('13800138000').waitFor();

  await act(clerk, '已联系', async (form) => {
    await form.getByLabel('电话').check();
    await form.getByLabel('联系情况').fill('已电话联系，反映人说摊贩晚上八点后出来。');
  });
  await stands(clerk, '办理中');
});

step('the handler reports from the street with a photo, and the citizen reads it', async () => {
  await lane(handler, '办理中');
  await handler.getByRole('link', { name: /流动摊贩/ }).click();
  await stands(handler, '办理中');
  await act(handler, '阶段性反馈', async (form) => {
    await form.getByRole('textbox', { name: '进展' }).fill('今晚已到现场，劝离三个摊位。');
    await form.locator('input[type=file]').first().setInputFiles([photo('现场.png', 120, 90)]);
    await form.getByText('已上传').waitFor();
  });
  await handler.locator('.timeline').getByText('劝离三个摊位').waitFor();

  await phone.goto('/track');
  await citizen.see(phone, '正在办理', `${unit}已签收`, `${unit}已与您联系`, '进展：今晚已到现场，劝离三个摊位。');
  const picture = phone.locator('ol.line .photos img').first();
  await picture.scrollIntoViewIfNeeded();
  await phone.waitForFunction((img) => img.complete && img.naturalWidth > 0, await picture.elementHandle());
});

step('answered, approved, audited; the citizen is not satisfied', async () => {
  await answer('每晚七点至十一点安排两人值守，摊贩已劝离，油污已冲洗。');
  await phone.goto('/track');
  await citizen.see(phone, '已答复，请您评价', '油污已冲洗');
  await citizen.rate(phone, '不满意', '昨晚又来了。');
  await citizen.heading(phone, '正在办理');
});

step('it is done again, and the citizen is satisfied', async () => {
  await clerk.getByText('这件工单有了新的进展').waitFor(); // her page of the case is still open
  await clerk.getByRole('button', { name: '查看', exact: true }).click();
  await clerk.getByText('重办').first().waitFor();
  await answer('已与街道商定，在路口设固定岗亭，连续一周无摊贩。');
  await phone.goto('/track');
  await citizen.see(phone, '设固定岗亭');
  await citizen.rate(phone, '满意');
  await citizen.heading(phone, '已办结');
});

step('it is closed, filed away after seven days, and every step can be read', async () => {
  await figure(leader, '已办结', 1);
  await leader.getByRole('region', { name: '今天' }).getByRole('link', { name: /已办结/ }).click();
  await leader.getByRole('table').getByRole('link', { name: /流动摊贩/ }).click();
  await stands(leader, '已办结');
  await leader.locator('.clocks li').filter({ hasText: '归档' }).getByText(/还剩 \d+ 天/).waitFor();

  const id = new URL(leader.url()).pathname.split('/').at(-1);
  await auditor.goto(`/desk/cases/${id}`);
  await act(auditor, '归档');
  await auditor.getByRole('dialog').getByRole('button', { name: '归档', exact: true }).click();
  await stands(auditor, '已归档');
  await auditor.locator('.timeline').getByText('不满意', { exact: true }).waitFor();
  const steps = await auditor.locator('.timeline .entry-head b').allInnerTexts();
  assert.deepEqual(steps.reverse().filter((s) => s !== '查看完整信息'), [
    '反映', '分拨', '撤回', '分拨', '签收', '指派', '已联系', '阶段性反馈',
    '办结', '同意', '审核通过', '评价', '办结', '同意', '审核通过', '评价', '归档',
  ]);
  await phone.goto('/track');
  await citizen.heading(phone, '已归档');
});

// answer takes a case from the handler's phone over the head's to the auditor's desk.
async function answer(text) {
  await room(handler, '收件箱');
  await lane(handler, '办理中');
  await handler.getByRole('link', { name: /流动摊贩/ }).click();
  await stands(handler, '办理中');
  await act(handler, '办结', async (form) => {
    await form.getByLabel('已解决').check();
    await form.getByRole('textbox', { name: '给反映人的答复' }).fill(text);
  });
  await stands(handler, '待单位审批');

  await room(head, '收件箱');
  await lane(head, '待审批');
  await head.getByRole('link', { name: /流动摊贩/ }).click();
  await stands(head, '待单位审批');
  await act(head, '同意');
  await stands(head, '待审核');

  await room(auditor, '审核台');
  await auditor.getByText(text.slice(0, 12)).first().waitFor();
  await act(auditor, '审核通过');
  await auditor.getByText('没有待审核的答复').waitFor();
}

// figure waits until the command screen shows a number.
function figure(page, name, n) {
  return page.getByRole('region', { name: '今天' }).getByRole('link', { name: new RegExp(`^${name}\\s*${n}(?!\\d)`) }).waitFor();
}
