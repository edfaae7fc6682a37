// Takes pictures of every page at 1440 and at 390 points, in Chinese, for looking
// at before saying done:
//
//   node look.mjs OUTDIR [--base URL]
//
// Without --base it starts a demo house that lives. It adds an appeal of 3,000
// characters, which goes to the unit with the longest name.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import * as citizen from './citizen.mjs';
import { House, openBrowser, sizes } from './house.mjs';
import { photo } from './photo.mjs';

const [out, flag, base] = process.argv.slice(2);
if (!out || (flag && (flag !== '--base' || !base))) {
  console.error('node look.mjs OUTDIR [--base URL]');
  process.exit(2);
}
mkdirSync(out, { recursive: true });

const house = base ? await elsewhere(base) : await House.open({ args: ['--life'], greets: 180_000 });
const accounts = (await (await fetch(`${house.base}/api/demo`)).json()).accounts;
const long = await longAppeal();
let n = 0;
try {
  await citizens();
  await staff();
} finally {
  console.log(house.troubles.join('\n'));
  await (base ? house.browser.close() : house.close().catch((e) => console.error(e.message)));
}

async function elsewhere(url) {
  const h = new House();
  h.base = url.replace(/\/$/, '');
  h.browser = await openBrowser();
  return h;
}

// shot takes a page as it is, at both widths; what is taller than three screens is cut.
async function shot(page, name) {
  n++;
  const was = page.viewportSize();
  for (const [size, width] of [['desk', 1440], ['phone', 390]]) {
    await page.setViewportSize(sizes[size].viewport);
    if (page.url().endsWith('/screen') && size === 'phone') await page.reload(); // the map fits itself once
    await settle(page);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    const low = sizes[size].viewport.height;
    await page.screenshot({
      path: path.join(out, `${String(n).padStart(2, '0')}-${name}-${width}.png`),
      fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(Math.max(height, low), 3 * low) }, animations: 'disabled',
    });
  }
  await page.setViewportSize(was);
}

// settle waits until nothing travels and nothing says that it is loading.
async function settle(page) {
  await page.waitForLoadState('load');
  await page.waitForFunction(() => !document.querySelector('.loading, .ant-spin-spinning'), undefined, { timeout: 10_000 }).catch(() => {});
  await page.evaluate(() => Promise.race([
    Promise.all([...document.images].map((i) => i.decode().catch(() => {}))), new Promise((go) => setTimeout(go, 1500)),
  ]));
  await new Promise((go) => setTimeout(go, page.url().includes('/screen') ? 2500 : 400)); // the map draws
}

async function enter(login) {
  const page = await house.person({ size: 'desk' });
  await page.request.post('/api/session', { data: { login, password: accounts.find((a) => a.login === login).password } });
  return page;
}

// api asks as one of the staff and fails where the house refuses.
async function api(page, method, url, data) {
  const r = await page.request.fetch(url, { method, data });
  if (!r.ok()) throw new Error(`${method} ${url}: ${r.status()} ${await r.text()}`);
  return r.json();
}

// longAppeal enters a very long appeal at the counter and dispatches it.
async function longAppeal() {
  const sentence = '小区南门外的轨道交通工地从三月起每天夜里十一点以后仍在施工，打桩声和渣土车的鸣笛声很大，老人和孩子都睡不好，多次找项目部协商没有结果。';
  const text = sentence.repeat(50).slice(0, 3000);
  const counter = await enter('shouli');
  const filed = await api(counter, 'POST', '/api/cases', {
    family: 'appeal', channel: 'counter', title: '', text, nature: '投诉', area: '440304006015',
    fields: { name: '欧阳女士', phone: '13800138000', address: '香蜜湖街道香蜜社区某小区南门外轨道交通工地东侧临时围挡处' },
  });
  const desk = await enter('fenbo');
  const it = await api(desk, 'GET', `/api/cases/${filed.id}`);
  if (it.actions.some((a) => a.code === 'dispatch')) {
    await api(desk, 'POST', `/api/cases/${filed.id}/actions/dispatch`, { version: it.version, input: { matter: '030503', unit: 'guidao' } });
  } else {
    await api(desk, 'POST', `/api/cases/${filed.id}/actions/redispatch`, { version: it.version, input: { unit: 'guidao', reason: '由牵头单位统筹' } });
  }
  await counter.context().close();
  await desk.context().close();
  return { ...filed, text };
}

async function citizens() {
  const page = await house.person({ size: 'desk' });
  const see = async (url, name) => { await page.goto(url); await shot(page, name); };
  await see('/', 'home');
  await see('/help', 'help');
  await see('/track', 'key');
  await citizen.open(page, { number: 'SF000', code: 'AAAA' });
  await shot(page, 'key-wrong');
  await see('/lost', 'lost');
  await see('/following', 'following-empty');
  await see('/nowhere', 'nowhere');
  await see('/file', 'file-what');
  await citizen.next(page);
  await page.locator('.problems').waitFor();
  await shot(page, 'file-what-missing');
  await page.getByLabel('发生了什么？').fill(long.text);
  await page.getByLabel('照片').setInputFiles([photo('一.png'), photo('二.png', 90, 160), photo('名字非常非常长的一张现场照片文件二零二六年十一月.png', 160, 90)]);
  await citizen.next(page);
  await citizen.passQuestions(page);
  await citizen.turn(page, '放大');
  await citizen.tap(page, { x: 0.5, y: 0.5 });
  await shot(page, 'file-where');
  await page.goto('/file');
  await shot(page, 'file-what-filled');
  await page.goto('/file/contact');
  await shot(page, 'file-contact');
  await page.getByRole('radio', { name: /留下联系方式/ }).first().check();
  await page.getByLabel('怎么称呼您').fill('欧阳女士');
  await page.getByLabel('手机号码').fill('13800138000');
  await citizen.next(page);
  await shot(page, 'file-check');
  await page.getByRole('button', { name: '提交' }).click();
  await citizen.heading(page, '已收到');
  await shot(page, 'file-sent');
  await see('/track', 'track-new');
  await see('/track/act/add', 'act-add');
  await see('/track/act/withdraw', 'act-withdraw');
  await page.getByRole('button', { name: '关怀版' }).click();
  for (const [url, name] of [['/', 'home'], ['/track', 'track'], ['/track/act/add', 'act-add'], ['/help', 'help'], ['/services/street-stall/apply', 'apply']]) await see(url, `elder-${name}`);
  await page.getByRole('button', { name: '标准版' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  for (const [url, name] of [['/', 'home'], ['/track', 'track'], ['/help', 'help'], ['/services/street-stall/apply', 'apply']]) await see(url, `english-${name}`);
  await page.context().close();
  const other = await house.person({ size: 'desk' });
  await citizen.open(other, { number: long.number, code: long.query_code });
  await shot(other, 'track-long-unit');
  await other.goto('/services/street-stall/apply');
  await shot(other, 'apply');
  await answered(other);
  await other.context().close();
}

// answered carries a case to the rating and takes the pages a citizen sees then.
async function answered(page) {
  const act = async (login, code, input) => {
    const by = await enter(login);
    const it = await api(by, 'GET', `/api/cases/${mine.id}`);
    await api(by, 'POST', `/api/cases/${mine.id}/actions/${code}`, { version: it.version, input });
    await by.context().close();
  };
  const counter = await enter('shouli');
  const mine = await api(counter, 'POST', '/api/cases', {
    family: 'appeal', channel: 'counter', text: '香蜜公园北门外人行道上每晚有人摆摊卖烧烤，油烟很大。', nature: '投诉', area: '440304006015', fields: { name: '黎先生', phone: '13900139000' },
  });
  await counter.context().close();
  const at = (await api(await enter('fenbo'), 'GET', `/api/cases/${mine.id}`)).state;
  if (at === 'received' || at === 'accepted') await act('fenbo', 'dispatch', { matter: '030705', unit: 'st-xiangmihu-um' });
  else await act('fenbo', 'redispatch', { unit: 'st-xiangmihu-um', reason: '属地办理' });
  await act('shoufa', 'sign', {});
  await act('shoufa', 'contact', { means: 'phone', note: '已电话联系。' });
  await act('jingban', 'report', { progress: '今晚安排巡查。' });
  await act('jingban', 'resolve', { result: 'solved', answer: '您好。香蜜湖街道综合行政执法队11月21日晚到现场检查，劝离三个摊位，清洗了地面油污。今后一个月每晚七点至十一点安排两人值守。如再发现，请拨打12345。' });
  await act('fuze', 'approve', {});
  await act('shenhe', 'pass', {});
  await citizenOpens(page, mine);
  await shot(page, 'track-answered');
  await page.goto('/rate');
  await shot(page, 'act-rate');
}

async function citizenOpens(page, filed) {
  await page.context().clearCookies();
  await citizen.open(page, { number: filed.number, code: filed.query_code });
  await citizen.heading(page, /已答复/);
}

async function staff() {
  const door = await house.person({ size: 'desk' });
  await door.goto('/desk/sign-in');
  await door.getByRole('button', { name: /林晓岚/ }).waitFor();
  await shot(door, 'sign-in');
  await door.context().close();
  const rooms = {
    fenbo: ['dispatch', 'cases', 'cases?late=1', 'cases?q=zzzz', `cases/${long.id}`, 'password'],
    shoufa: ['inbox', 'inbox?lane=contact', 'inbox?lane=handle', 'inbox?lane=return'],
    jingban: ['inbox?lane=handle'],
    fuze: ['inbox?lane=approve'],
    shenhe: ['audit'],
    huifang: ['callback'],
    duban: ['supervise'],
    shouli: ['intake'],
    wuye: ['inbox'],
    lingdao: ['screen', 'supervise'],
    guanli: ['admin', 'admin/units', 'admin/keys'],
  };
  for (const [login, pages] of Object.entries(rooms)) {
    const page = await enter(login);
    for (const p of pages) {
      await page.goto(`/desk/${p}`);
      await page.locator('main').first().waitFor();
      await shot(page, `${login}-${p.replace(long.id, 'long').replace(/[/?=]/g, '-')}`);
    }
    if (login === 'shoufa') await oneCase(page);
    if (login === 'lingdao') await screens(page);
    if (login === 'fenbo') await deskOpened(page);
    await page.context().close();
  }
}

// deskOpened shows the dispatch desk with a dialog, with ticks, and on a phone with one item open.
async function deskOpened(page) {
  await page.goto('/desk/dispatch');
  await page.locator('button kbd').getByText('R', { exact: true }).waitFor(); // the case has come
  await page.keyboard.press('r');
  await page.getByRole('dialog').waitFor();
  await shot(page, 'fenbo-dispatch-refuse');
  await page.goto('/desk/dispatch');
  await page.locator('.suggestion').first().waitFor();
  await page.keyboard.press('x');
  await page.keyboard.press('/');
  await page.keyboard.type('路灯');
  await page.locator('.duty-found li').first().waitFor();
  await shot(page, 'fenbo-dispatch-search');
  await page.setViewportSize(sizes.phone.viewport);
  await page.goto('/desk/dispatch');
  await page.locator('.queue-item').first().click();
  await page.locator('.suggestion').first().waitFor();
  n++;
  await settle(page);
  await page.screenshot({ path: path.join(out, `${n}-fenbo-dispatch-item-390.png`), fullPage: true });
}

// oneCase shows a case with its form open.
async function oneCase(page) {
  for (const lane of ['sign', 'contact', 'handle']) {
    await page.goto(`/desk/inbox?lane=${lane}`);
    const first = page.locator('a.case-title').first();
    if (await first.waitFor({ timeout: 5000 }).then(() => true, () => false)) {
      await first.click();
      await page.locator('.actions button').first().waitFor();
      await shot(page, `shoufa-case-${lane}`);
      await page.locator('.actions button').first().click();
      await shot(page, `shoufa-case-${lane}-form`);
      if (lane !== 'sign') return;
    }
  }
}

async function screens(page) {
  await page.goto('/desk/screen');
  await page.getByRole('button', { name: '看表格' }).click();
  await shot(page, 'lingdao-screen-table');
  await page.goto('/desk/screen');
  await page.getByRole('button', { name: '深色' }).click();
  await shot(page, 'lingdao-screen-dark');
}
