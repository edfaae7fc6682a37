// What staff do at their desks, by the words on them.

// enter signs in with one click on a demo account.
export async function enter(house, name, options = {}) {
  const page = await house.person({ size: 'desk', ...options });
  await page.goto('/desk/');
  await page.getByRole('button', { name }).click();
  await page.locator('#main').waitFor();
  return page;
}

// room goes to a desk by the bar, without loading the page anew.
export async function room(page, name) {
  await page.getByRole('link', { name, exact: true }).filter({ visible: true }).click();
}

// lane opens a lane of the inbox.
export async function lane(page, name) {
  await page.getByRole('button', { name: new RegExp(`^${name}`) }).click();
}

// act takes an action that is open on a case; fill writes its form first.
export async function act(page, title, fill) {
  const actions = page.locator('.actions').filter({ visible: true });
  await actions.getByRole('button', { name: title, exact: true }).first().click();
  if (!fill) return;
  const form = page.locator('form').filter({ has: page.getByRole('button', { name: title, exact: true }) }).filter({ visible: true });
  await fill(form);
  await form.getByRole('button', { name: title, exact: true }).click();
}

// choose takes one of a list that drops down, when it has come to rest: a click on what
// still moves may begin on it and end beside it.
export async function choose(page, form, label, name) {
  await form.getByLabel(label).click();
  await page.locator('.ant-select-dropdown:not([class*=ant-slide]) .ant-select-item-option').filter({ hasText: name, visible: true }).click();
}

// stands waits until the case on the page stands where it should.
export async function stands(page, state) {
  await page.locator('.case-head .tag').filter({ hasText: state, visible: true }).first().waitFor();
}
