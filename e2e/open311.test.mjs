// The client that npm has for Open311 speaks with Yiwang, in JSON. Its two XML
// parsers come from git and from a native build; package.json puts another package
// in their place, and the suite in conformance/open311 reads the XML.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { promisify } from 'node:util';
import Open311 from 'open311';
import { openHouse } from './house.mjs';

const house = await openHouse();

// key is handed out by the administrator, whose account the greeting names.
async function key() {
  const headers = { Origin: house.base, 'Content-Type': 'application/json' };
  const hello = await (await fetch(`${house.base}/api/demo`)).json();
  const admin = hello.accounts.find((a) => a.role === 'admin');
  const session = await fetch(`${house.base}/api/session`, { method: 'POST', headers, body: JSON.stringify({ login: admin.login, password: admin.password }) });
  assert.equal(session.status, 200);
  const cookie = session.headers.getSetCookie().map((c) => c.split(';')[0]).join('; ');
  const made = await fetch(`${house.base}/api/admin/keys`, {
    method: 'POST', headers: { ...headers, Cookie: cookie }, body: JSON.stringify({ name: '邻里应用', channel: 'app', unit: 'centre', roles: ['partner'] }),
  });
  assert.equal(made.status, 200, await made.clone().text());
  return (await made.json()).key;
}

test('npm’s open311 finds the services, files, follows and lists', async () => {
  const client = new Open311({ discovery: `${house.base}/open311/discovery.json`, apiKey: await key() });
  const call = (name, ...args) => promisify(client[name]).call(client, ...args);

  const found = await call('serviceDiscovery', { cache: true, type: 'test' });
  assert.equal(found.endpoints[0].specification, 'http://wiki.open311.org/GeoReport_v2');
  assert.equal(client.endpoint, `${house.base}/open311/v2/`);

  const services = await call('serviceList');
  assert.ok(services.length > 500);
  assert.ok(services.every((s) => s.service_code && s.service_name && s.type === 'realtime'));
  const stall = await call('serviceDefinition', 'street-stall');
  assert.deepEqual(stall.attributes.map((a) => a.code), ['goods', 'from', 'days']);

  const [filed] = await call('submitRequest', {
    service_code: 'appeal', lat: 22.5431, long: 114.0579, address_string: '新洲路', description: '路口的红绿灯不亮了', first_name: '小明', last_name: '王',
  });
  const [one] = await call('serviceRequest', filed.service_request_id);
  assert.equal(one.status, 'open');
  const both = await call('serviceRequests', [filed.service_request_id, 'nothing']);
  assert.equal(both.length, 1);
  const open = await call('serviceRequests', { status: 'open' });
  assert.ok(open.some((r) => r.service_request_id === filed.service_request_id));
  const [token] = await call('token', filed.service_request_id);
  assert.equal(token.service_request_id, filed.service_request_id);

  await assert.rejects(call('submitRequest', { service_code: 'appeal', description: '没有地点' }));
});
