// Another system is told of a case: it refuses at first, the administrator sees that
// and sends the event again; a citizen who left an e-mail address is written to.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import * as citizen from './citizen.mjs';
import { openHouse } from './house.mjs';
import { enter } from './staff.mjs';

const told = [];
let status = 400;
const partner = createServer(async (req, res) => {
  let body = '';
  for await (const part of req) body += part;
  if (status < 300) told.push({ head: req.headers, event: JSON.parse(body) });
  res.writeHead(status).end();
});
partner.listen(0, '127.0.0.1');
await once(partner, 'listening');
after(() => partner.close());
const house = await openHouse({ args: ['--webhook-allow', '127.0.0.0/8'] });

// pick takes one of a list that is searched by typing.
async function pick(page, label, name) {
  await page.getByRole('combobox', { name: label }).fill(name);
  await page.getByRole('combobox', { name: label }).press('Enter');
}

test('an administrator subscribes a system, and sends again what it refused', async () => {
  const admin = await enter(house, /高远/);
  await admin.getByRole('tab', { name: '接口密钥' }).click();
  await admin.getByLabel('给哪个系统用').fill('市级热线平台');
  await pick(admin, '渠道', '一网民生诉求网页');
  await admin.getByRole('button', { name: '创建密钥' }).click();
  await admin.getByText('密钥只显示这一次').waitFor();

  await admin.getByRole('tab', { name: '推送订阅' }).click();
  await pick(admin, '用哪个接口密钥', '市级热线平台');
  await admin.getByLabel('接收地址').fill('https://192.168.0.1/');
  await admin.getByRole('button', { name: '新建订阅' }).click();
  await admin.getByText('这个地址在内部网络').waitFor();
  await admin.getByLabel('接收地址').fill(`http://127.0.0.1:${partner.address().port}/`);
  await admin.getByRole('button', { name: '新建订阅' }).click();
  await admin.getByText('签名密钥只显示这一次').waitFor();

  const phone = await house.person();
  const mine = await citizen.file(phone, { text: '小区门口的井盖松动，车过有响声。', area: '香蜜社区', who: { name: '陈女士', phone: '13800138000' } });
  const dead = admin.getByRole('region', { name: '未送达的事件' });
  await dead.getByText('对方不接收（状态 400）').first().waitFor({ timeout: 40_000 });
  status = 204;
  await admin.getByRole('button', { name: '全部重发' }).click();
  await dead.waitFor({ state: 'detached', timeout: 40_000 });
  const isFiled = (x) => x.event.type === 'yiwang.case.file';
  for (let i = 0; i < 100 && !told.some(isFiled); i++) await admin.waitForTimeout(200);
  const filed = told.find(isFiled);
  assert.equal(filed.event.subject, mine.number.replaceAll(/[\s-]/g, ''));
  assert.match(filed.head['webhook-signature'], /^v1,/);
  assert.doesNotMatch(JSON.stringify(told), /井盖|13800138000|陈女士/);
});

test('who leaves an e-mail address is written to', async () => {
  const page = await house.person();
  await citizen.file(page, { text: '楼下餐馆油烟很大，熏得开不了窗。', area: '香蜜社区', who: { name: '陈女士', phone: '13800138001', email: 'chen@mail.example.com' } });
  let letters = [];
  for (let i = 0; i < 50 && !letters.length; i++) {
    await page.waitForTimeout(200);
    letters = house.letters('mail');
  }
  assert.equal(letters[0].to, 'chen@mail.example.com');
});
