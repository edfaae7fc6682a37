// The duty list changes hands: one drafts an edition, another publishes it, and
// everybody can see who answers from when on.
import assert from 'node:assert/strict';
import { openHouse, stepsOf } from './house.mjs';
import { enter } from './staff.mjs';

const house = await openHouse();
const step = stepsOf(house);
const nextYear = new Date().getFullYear() + 1; // an edition is published before its day
const edition = `${nextYear}年版`;

step('a supervisor drafts an edition and gives a matter to another unit', async () => {
  const page = await enter(house, /谢永刚/);
  await page.goto('/desk/duty');
  await page.getByRole('button', { name: '另起一版' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('名称').fill(edition);
  await form.getByLabel('生效日期').fill(`${nextYear}-01-01`);
  await form.getByLabel('生效日期').press('Enter');
  await form.getByRole('button', { name: '另起一版' }).click();
  await page.getByRole('heading', { name: edition }).waitFor();

  await page.getByPlaceholder('按编码、名称、单位或说法查找').fill('030503');
  await page.getByRole('row', { name: /030503/ }).click();
  const drawer = page.getByRole('dialog').filter({ hasText: '030503' });
  await drawer.getByLabel('依据').fill('2026年第12次专题会纪要');
  await drawer.getByRole('button', { name: '保存' }).click();
  await page.getByText('已保存').waitFor();
  await page.getByRole('tab', { name: '与前一版的差异' }).click();
  await page.locator('.differences').getByText('2026年第12次专题会纪要').waitFor();

  await page.getByRole('button', { name: '发布' }).click();
  await page.locator('.ant-popover').getByRole('button', { name: '发布' }).click();
  await page.getByText('最后修改的人不能发布').waitFor();
});

step('a colleague publishes it on a phone, and the day tells the edition', async () => {
  const page = await enter(house, /罗秉正/, { size: 'phone' });
  await page.goto('/desk/duty');
  await page.getByRole('button', { name: new RegExp(edition) }).click();
  await page.getByRole('button', { name: '发布' }).click();
  await page.locator('.ant-popover').getByRole('button', { name: '发布' }).click();
  await page.getByText('已发布').first().waitFor();

  const asked = (day) => page.evaluate(async (d) => (await fetch(`/api/duty/responsible?matter=030503&day=${d}`)).json(), day);
  assert.equal((await asked(`${nextYear}-01-01`)).edition_name, edition);
  assert.equal((await asked(`${nextYear - 1}-12-31`)).edition_no, 0);
});
