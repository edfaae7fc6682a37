// A call is answered from the knowledge base and another becomes an order; a
// surveyor enters a round; a citizen asks at night and needs nobody.
import assert from 'node:assert/strict';
import { openHouse, sizes, stepsOf } from './house.mjs';
import { enter } from './staff.mjs';

const house = await openHouse();
const step = stepsOf(house);
const pictures = process.env.PICTURES;

async function shot(page, name) {
  if (!pictures) return;
  for (const [size, width] of [['desk', 1440], ['phone', 390]]) {
    await page.setViewportSize(sizes[size].viewport);
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize(sizes.desk.viewport);
}

step('a call is answered on the spot with an entry of the knowledge base', async () => {
  const page = await enter(house, /周佳怡/);
  await page.goto('/desk/seat');
  await page.getByRole('button', { name: '手工登记来电' }).click();
  await page.getByLabel('来电人说').fill('请问领结婚证要不要带户口本');
  await page.getByText('第一条对得上').waitFor();
  await shot(page, 'seat');
  await page.getByRole('button', { name: '用这条答复' }).first().click();
  await page.getByLabel('告诉来电人的答复').press('Alt+Enter');
  await page.getByText('已登记，编号').waitFor();
  await page.getByText(/今日来电 1 · 当场答复 1/).waitFor();

  await page.getByRole('button', { name: '手工登记来电' }).click();
  await page.getByLabel('来电人说').fill('香蜜湖街道农林路口的路灯不亮，晚上很黑。');
  await page.getByText('转办建议').waitFor();
  await page.getByLabel('来电人说').press('Control+Enter');
  await page.getByText(/转办 1/).waitFor();
  await page.goto('/desk/knowledge');
  await page.getByText('新增条目').waitFor();
  await shot(page, 'knowledge');
});

step('a surveyor enters what was heard, many at a time', async () => {
  const page = await enter(house, /方舒/);
  await page.goto('/desk/rounds');
  await page.getByLabel('走访主题').fill('香蜜社区走访');
  await page.getByLabel('走访地点').fill('香蜜社区党群服务中心');
  await page.getByLabel('走访人员').fill('方舒、志愿者三人');
  await page.getByLabel('听到的问题').fill('香蜜社区农林路口路灯不亮，晚上老人不敢出门。\n好');
  await page.getByRole('button', { name: '登记' }).click();
  await page.getByText('有 1 行要改').waitFor();
  await page.getByLabel('听到的问题').fill('香蜜社区农林路口路灯不亮，晚上老人不敢出门。\n香蜜苑小区门口的井盖破了，车压过去很响。');
  await page.getByRole('button', { name: '登记' }).click();
  await page.getByText(/共 2 件/).waitFor();
  await shot(page, 'rounds');
});

step('a citizen asks at night, and what is not answered becomes an appeal', async () => {
  const page = await house.visit?.() ?? await (await house.browser.newContext({ baseURL: house.base, javaScriptEnabled: false })).newPage();
  await page.goto('/ask');
  await page.getByLabel('想问什么').fill('离婚冷静期是几天');
  await page.getByRole('button', { name: '查答案' }).click();
  await page.getByText('民法典第一千零七十六').waitFor();
  await shot(page, 'ask');
  await page.getByRole('button', { name: '转为诉求' }).click();
  assert.match(await page.locator('textarea').first().inputValue(), /离婚冷静期是几天/);
});
