// What a citizen does at the pages, by the words on them.
import assert from 'node:assert/strict';

// file walks an appeal from the home page to the receipt and returns its number
// and query code. Where is an address, a point {x, y} on the map (parts of its
// width) or an area of the list; who is {name, phone} and perhaps an email, or nobody knows who.
export async function file(page, { text, photos = [], address, point, area, who }) {
  await page.goto('/');
  await page.getByRole('link', { name: '我要反映' }).click();
  await tell(page, text, photos);
  if (address) await page.getByLabel('地址或附近的标志').fill(address);
  if (point) await tap(page, point);
  if (area) await page.getByLabel('街道和社区').selectOption({ label: area });
  await next(page);
  await passNeighbours(page);
  await reach(page, who);
  await see(page, '核对后提交', text.slice(0, 20));
  await page.getByRole('button', { name: '提交' }).click();
  return receipt(page);
}

// tell fills the first step.
export async function tell(page, text, photos = []) {
  await page.getByLabel('发生了什么？').fill(text);
  if (photos.length > 0) await page.getByLabel('照片').setInputFiles(photos);
  await next(page);
  await passQuestions(page);
  await heading(page, '在哪里？');
}

// passQuestions goes on where what was told leads to questions that need no answer.
export async function passQuestions(page) {
  await page.getByRole('heading', { level: 1, name: /还想请您补充几点|在哪里/ }).waitFor();
  if (new URL(page.url()).pathname.endsWith('/more')) await next(page);
}

// turn presses a key of the map and waits for the new picture.
export async function turn(page, key) {
  const picture = mapOf(page);
  const old = await picture.getAttribute('src');
  await page.getByRole('button', { name: key }).click();
  await page.locator(`#map input[type=image]:not([src="${old}"])`).waitFor();
}

// tap marks a place on the map and waits until the page has named it.
export async function tap(page, { x, y }) {
  const map = mapOf(page);
  const box = await map.boundingBox();
  await map.click({ position: { x: x * box.width, y: y * box.height } });
  await page.getByText(/^已选：/).waitFor();
}

function mapOf(page) {
  return page.getByRole('button', { name: '地图，点一下标出位置' });
}

// passNeighbours goes on where a case of the same event is offered for following.
export async function passNeighbours(page) {
  await page.getByRole('heading', { level: 1, name: /附近已有人反映|怎么答复您/ }).waitFor();
  if (new URL(page.url()).pathname.endsWith('/nearby')) await page.getByRole('link', { name: '不是同一件，继续填写' }).click();
}

// reach fills the step about the person.
export async function reach(page, who) {
  await heading(page, '怎么答复您？');
  if (who) {
    await page.getByRole('radio', { name: /留下联系方式/ }).first().check();
    await page.getByLabel('怎么称呼您').fill(who.name);
    await page.getByLabel('手机号码').fill(who.phone);
    if (who.email) await page.getByLabel('电子邮箱').fill(who.email);
  } else {
    await page.getByRole('radio', { name: /匿名/ }).check();
  }
  await next(page);
  await heading(page, '核对后提交');
}

// receipt reads number and query code from the page that follows sending.
export async function receipt(page) {
  await heading(page, '已收到');
  const [number, code] = await page.locator('.receipt dd').allInnerTexts();
  assert.match(number, /^\S{8,}$/);
  assert.match(code, /^[0-9A-Z-]{8,}$/);
  return { number, code };
}

// open enters number and query code.
export async function open(page, { number, code }, path = '/track') {
  await page.goto(path);
  await page.getByLabel('编号', { exact: true }).fill(number);
  await page.getByLabel('查询码', { exact: true }).fill(code);
  await page.getByRole('button', { name: '查看' }).click();
}

// rate gives a level of satisfaction for the case that is open.
export async function rate(page, level, comment = '') {
  await page.goto('/rate');
  await heading(page, '评价');
  await page.getByRole('radio', { name: level, exact: true }).first().check();
  if (comment) await page.getByLabel(/想说的话/).fill(comment);
  await page.getByRole('button', { name: '确定' }).click();
  await see(page, '谢谢您的评价');
}

export async function next(page) {
  await page.getByRole('button', { name: '继续' }).last().click();
}

export async function heading(page, name) {
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

// see waits until the page says each of the words.
export async function see(page, ...words) {
  for (const w of words) await page.getByText(w).first().waitFor();
}
