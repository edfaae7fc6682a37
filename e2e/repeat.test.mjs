// The same event told twice: what is likely is proposed beside the message, one
// stroke accepts it and one refuses it for good.
import assert from 'node:assert/strict';
import { openHouse, stepsOf } from './house.mjs';
import { enter } from './staff.mjs';

const house = await openHouse();
const step = stepsOf(house);
let counter;

// hears files what somebody said at the counter.
async function hears(text) {
  counter ??= await enter(house, /周佳怡/);
  const filed = await counter.evaluate(async (said) => {
    const r = await fetch('/api/cases', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ family: 'appeal', channel: 'counter', text: said }) });
    return r.json();
  }, text);
  assert.ok(filed.number, JSON.stringify(filed));
  await counter.waitForTimeout(1500); // the index follows the log
  return filed;
}

const links = (page, id) => page.evaluate(async (c) => (await (await fetch(`/api/cases/${c}`)).json()).links.map((l) => l.number), id);

step('M links a likely repeat, N refuses one', async () => {
  await hears('农林路与红荔西路交叉口路面塌陷了一大块，电动车差点栽进去，请尽快修补');
  const same = await hears('农林路的路又烂了，骑车很颠');
  const other = await hears('农林路有个坑，旁边路灯也不亮，摔了一跤');
  const page = await enter(house, /林晓岚/);
  for (const [it, begins, stroke, linked] of [[same, '农林路的路又烂了', 'm', true], [other, '农林路有个坑', 'n', false]]) {
    await page.evaluate((c) => fetch(`/api/cases/${c}/actions/recall`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"input":{}}' }), it.id); // the machine has sent it
    await page.goto('/desk/dispatch');
    await page.locator('.queue-item').filter({ hasText: begins }).click();
    await page.getByText('可能是同一件事').first().waitFor();
    await page.keyboard.press(stroke);
    await page.getByText(linked ? /已与 .* 关联为同一件/ : /已注明与 .* 不是同一件/).first().waitFor();
  }
  assert.equal((await links(page, same.id)).length, 1);
  assert.deepEqual(await links(page, other.id), []);
});
