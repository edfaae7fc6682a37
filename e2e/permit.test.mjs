// A permit by the same pages: a family of the city pack, no code of its own.
import { test } from 'node:test';
import * as citizen from './citizen.mjs';
import { openHouse } from './house.mjs';
import { photo } from './photo.mjs';

const house = await openHouse();

test('a stall permit is applied for on a phone and watched', async () => {
  const page = await house.person();
  await page.goto('/');
  await page.getByRole('link', { name: '临时占用街道设摊许可' }).click();
  await page.getByLabel('申请人').fill('黎先生');
  await page.getByLabel('手机号码').fill('13900139000');
  await citizen.next(page);
  await citizen.see(page, '请填写“设摊地点”', '请选择“经营内容”中的一项');

  await page.getByLabel('设摊地点').fill('香蜜湖街道香梅社区广场');
  await page.getByRole('radio', { name: '果蔬' }).check();
  await page.getByLabel('开始日期').fill('2026-12-01');
  await page.getByLabel('天数').fill('30');
  await page.getByLabel('身份证明和现场照片').setInputFiles([photo('摊位.png', 60, 40)]);
  await citizen.next(page);
  await citizen.heading(page, '核对后提交');
  await citizen.see(page, '黎先生', '果蔬', '30');
  await page.getByRole('button', { name: '提交' }).click();
  const mine = await citizen.receipt(page);

  const other = await house.person({ script: false });
  await citizen.open(other, mine);
  await citizen.heading(other, '已提交，等待受理');
  await citizen.see(other, '已收到您的申请', '下一步');
});
