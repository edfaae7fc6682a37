// Services decided by rule, from the citizen to the certificate: at once by the
// registers, on a promise, by credit, and without anybody applying.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as citizen from './citizen.mjs';
import { openHouse, stepsOf } from './house.mjs';
import { photo } from './photo.mjs';
import { act, enter, lane, room, stands } from './staff.mjs';

const house = await openHouse({ greets: 60_000 });
const step = stepsOf(house);

// The invented people of the demo city (city/demo/registers/given/walk.yaml).
const people = {
  elder: { name: '演示长者', number: '900000194403180124' },
  parent: { name: '演示家长', number: '900000199007090269' },
  owner: { name: '演示经营者', number: '900000198511020476' },
};

async function signIn(page, who) {
  await page.goto('/me');
  await page.getByLabel('姓名').fill(who.name);
  await page.getByLabel('身份证号码').fill(who.number);
  await page.getByRole('button', { name: '发送验证码' }).click();
  await page.locator('#f-code').fill((await page.locator('[data-code]').innerText()).trim());
  await page.locator('form button.go').click();
  await citizen.heading(page, `${who.name}，您好`);
}

// agree lets the form be filled in from the registers.
async function agree(page, service, of) {
  await page.goto(`/services/${service}`);
  await page.getByRole('link', { name: '申请', exact: true }).click();
  if (of) await page.getByRole('radio', { name: of }).check();
  await page.getByRole('radio', { name: /同意查看/ }).check();
  await citizen.next(page);
  await citizen.see(page, '已有，不用填');
}

step('a certificate of residence is there at once, without a script on the page', async () => {
  const page = await house.person({ script: false });
  await signIn(page, people.parent);
  await agree(page, 'residence');
  await citizen.see(page, '福中社区演示花园1栋202');
  await page.getByRole('radio', { name: '子女入学' }).check();
  await citizen.next(page);
  await citizen.next(page);
  await page.getByRole('button', { name: '提交' }).click();
  await citizen.heading(page, '已办结');
  await page.getByRole('link', { name: '查看证照' }).click();
  await citizen.see(page, '福中社区演示花园1栋202');
  await page.getByLabel('姓名').check();
  await page.getByLabel('作什么用').fill('入学登记');
  await page.getByRole('button', { name: '生成亮码' }).click();
  await page.locator('.qr svg path').waitFor();
  await page.goto('/track');
  await citizen.see(page, '为什么这样决定');
  await page.goto('/me/facts');
  await citizen.see(page, '谁看过', '居住证明开具');
});

step('a shop sign is allowed on a promise, whose words are signed', async () => {
  const page = await house.person();
  await signIn(page, people.owner);
  await agree(page, 'shop-sign', /理发店/);
  await page.getByLabel('手机').fill('19900000004');
  await page.getByLabel(/招牌文字|文字/).first().fill('演示理发');
  await page.locator('input[name=width]').fill('600');
  await page.locator('input[name=height]').fill('120');
  await citizen.next(page);
  await page.locator('input[name=later-drawing]').check();
  await citizen.next(page);
  await citizen.see(page, '书面承诺', '以后补交');
  await page.locator('input[name=promise]').check();
  await page.getByRole('button', { name: '提交' }).click();
  await page.goto('/track');
  await citizen.heading(page, '已办结，请按期补交材料');
  await page.getByRole('link', { name: '补交材料' }).click();
  await page.getByLabel('容缺的材料').setInputFiles([photo('效果图.png', 60, 40)]);
  await page.locator('form button.go').click();
  await citizen.heading(page, '已办结');
  await page.getByRole('link', { name: '店招设置许可证' }).click();
  await citizen.see(page, '演示理发');
});

step('a hygiene licence is renewed by credit', async () => {
  const page = await house.person();
  await signIn(page, people.owner);
  await agree(page, 'hygiene-renewal', /理发店/);
  await citizen.see(page, '演卫公证字[2023]第000001号');
  await page.getByLabel('联系手机').fill('19900000004');
  await citizen.next(page);
  for (const later of await page.locator('input[name^=later-]').all()) await later.check();
  await citizen.next(page);
  await page.locator('input[name=promise]').check();
  await page.getByRole('button', { name: '提交' }).click();
  await page.goto('/track');
  await citizen.heading(page, '已办结，请按期补交材料');
  await page.getByRole('link', { name: '公共场所卫生许可证' }).first().waitFor();
});

step('the elder allowance finds who has a right to it; she reads why', async () => {
  const officer = await enter(house, /苏敏慧/);
  await room(officer, '免申即享');
  await officer.getByRole('heading', { level: 1, name: '免申即享' }).waitFor();
  await officer.getByRole('link', { name: '高龄津贴' }).click();
  await officer.getByRole('heading', { level: 1, name: '高龄津贴' }).waitFor();
  await officer.getByRole('button', { name: '现在比对' }).click();
  await officer.getByText('已比对').first().waitFor();

  const page = await house.person();
  await signIn(page, people.elder);
  const mine = page.getByRole('link', { name: '高龄津贴' });
  await mine.first().click();
  await citizen.see(page, '为什么这样决定');
  assert.ok(house.messages().some((m) => /您符合条件/.test(m.text ?? JSON.stringify(m))), 'she is told by text message');
});

step('the kindergarten subsidy comes to the guardian, who confirms it', async () => {
  const page = await house.person();
  await signIn(page, people.parent);
  await page.getByRole('link', { name: '在园儿童补贴' }).first().click();
  await citizen.see(page, '每次1500元', '为什么这样决定', '第五条第一款');
  await page.getByRole('link', { name: '确认领取' }).click();
  await page.locator('form button.go').click();
  await citizen.heading(page, '发放中');
});

let company; // the page of whoever sets one up, from the form to the certificates

step('a company is set up by one form, which four offices have at once', async () => {
  const page = company = await house.person();
  await signIn(page, people.parent);
  await agree(page, 'company-setup');
  await page.getByLabel('企业名称').fill('示范区新办软件有限公司');
  await page.getByLabel('住所').fill('福中社区演示街99号');
  await page.getByLabel('经营范围').fill('软件开发');
  await page.getByLabel('注册资本').fill('100');
  await citizen.next(page);
  await page.locator('input[name=later-lease]').check();
  await citizen.next(page);
  await page.getByRole('button', { name: '提交' }).click();
  await page.goto('/track');
  await citizen.heading(page, '已受理，有关部门同时办理');
  await page.getByRole('link', { name: '补交容缺的材料' }).click();
  await page.getByLabel('容缺的材料').setInputFiles([photo('租赁合同.png', 60, 40)]);
  await page.locator('form button.go').click();
  await citizen.see(page, '您补交了容缺的材料');
  await page.goto('/me');
  await citizen.see(page, '营业执照核发', '公章刻制备案', '新办纳税人登记', '社会保险单位登记');
});

step('each of the four offices does its part', async () => {
  const parts = [[/叶静姝/, '营业执照核发'], [/岳明轩/, '公章刻制备案'], [/童佳宁/, '新办纳税人登记'], [/尹若兰/, '社会保险单位登记']];
  for (const [n, [who, title]] of parts.entries()) {
    const officer = await enter(house, who);
    await lane(officer, '办理中');
    await officer.getByRole('link', { name: title }).first().click();
    await stands(officer, '待办理');
    await officer.getByText('示范区新办软件有限公司').first().waitFor();
    await act(officer, '办结', (form) => form.getByLabel('办理意见').fill('名称、住所和材料符合规定，准予办理。'));
    await stands(officer, '已办结');
    await officer.context().close();
    await company.goto('/track');
    await citizen.heading(company, n < 3 ? '已受理，有关部门同时办理' : '全部办结');
    await citizen.see(company, `办完一项：${title}`);
  }
});

step('the business licence is in hand, and a bank finds it genuine', async () => {
  await company.goto('/me');
  await citizen.see(company, '公章刻制备案回执', '社会保险单位登记');
  await company.getByRole('link', { name: '营业执照', exact: true }).click();
  await citizen.heading(company, '营业执照');
  await citizen.see(company, '示范区新办软件有限公司', '福中社区演示街99号', '软件开发');
  const saved = company.waitForEvent('download');
  await company.getByRole('link', { name: '保存证照文件' }).click();
  const licence = await readFile(await (await saved).path());

  const bank = await house.person({ script: false });
  const verify = async (bytes) => {
    await bank.goto('/verify');
    await bank.locator('input[type=file]').setInputFiles([{ name: 'licence.voucher', mimeType: 'application/json', buffer: bytes }]);
    await bank.locator('form button.go').click();
  };
  await verify(licence);
  await citizen.see(bank, '示范区新办软件有限公司', '有效');
  await verify(Buffer.from(licence.toString().replace('示范区新办', '示范区老办')));
  await bank.getByRole('alert').getByText('改').waitFor();
});
