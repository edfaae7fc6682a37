// A house of one's own for each test file: yiwang on an empty directory and a
// Chromium with an empty profile. What goes wrong behind the pages (a script that
// fails, a policy that is broken, a request to a foreign host, an answer 5xx) is
// gathered and fails the file at its end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';

const patience = 20_000; // ms for anything a page has to do, on two busy cores

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--lang=zh-CN',
];

export const sizes = {
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  desk: { viewport: { width: 1440, height: 900 } },
};

// openHouse starts a server and a browser that end with the test file.
export async function openHouse(options = {}) {
  const house = await House.open(options);
  after(() => house.close());
  return house;
}

export class House {
  troubles = [];

  // open starts both; args are further flags of serve, which may take longer to greet.
  static async open({ args = [], greets = patience } = {}) {
    const house = new House();
    house.data = path.join(mkdtempSync(path.join(tmpdir(), 'yiwang-e2e-')), 'data');
    await house.serve(args, greets);
    house.browser = await openBrowser();
    return house;
  }

  // serve starts the program and waits for the line that says where it listens.
  async serve(args, greets) {
    const bin = process.env.YIWANG_BIN ?? path.resolve(import.meta.dirname, '../bin/yiwang');
    this.server = spawn(bin, ['serve', '--data', this.data, '--addr', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.server.stderr.on('data', (b) => { this.log = (this.log + b).slice(-200_000); });
    this.kill = () => this.server.kill('SIGKILL');
    process.once('exit', this.kill); // a test file that dies leaves no server behind
    const lines = createInterface({ input: this.server.stdout });
    this.base = await new Promise((found, fail) => {
      const timer = setTimeout(() => fail(new Error(`no greeting within ${greets} ms:\n${this.log}`)), greets);
      this.server.once('exit', (code) => fail(new Error(`the server ended with ${code}:\n${this.log}`)));
      this.server.once('error', fail);
      lines.on('line', (line) => {
        const m = /^\s*citizens\s+(http:\/\/[^/\s]+)/.exec(line);
        if (m) { clearTimeout(timer); found(m[1]); }
      });
    });
  }

  // person opens a fresh browser window: somebody nobody knows.
  async person({ size = 'phone', script = true, ...more } = {}) {
    const context = await this.browser.newContext({
      ...sizes[size], baseURL: this.base, javaScriptEnabled: script, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', ...more,
    });
    context.setDefaultTimeout(patience);
    context.on('page', (page) => this.watch(page));
    return context.newPage();
  }

  watch(page) {
    const trouble = (what) => this.troubles.push(`${new URL(page.url()).pathname}: ${what}`);
    page.on('pageerror', (e) => trouble(e.stack ?? e));
    page.on('console', (m) => {
      // An answer 4xx is part of a journey; 5xx is caught below.
      if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) trouble(m.text());
    });
    page.on('response', (r) => { if (r.status() >= 500) trouble(`${r.status()} ${r.url()}`); });
    page.on('request', (r) => {
      if (/^(https?|wss?):/.test(r.url()) && !r.url().startsWith(this.base)) trouble(`asks ${r.url()}`);
    });
  }

  // messages returns the text messages that left the house, oldest first.
  messages() { return this.letters('sms'); }

  // letters returns what left the house on a channel, oldest first.
  letters(channel) {
    const dir = path.join(this.data, 'outbox', channel);
    let names = [];
    try { names = readdirSync(dir).filter((n) => n.endsWith('.jsonl')).sort(); } catch { /* none was sent yet */ }
    return names.flatMap((n) => readFileSync(path.join(dir, n), 'utf8').trim().split('\n').map((l) => JSON.parse(l)));
  }

  // pictures leaves a picture of every open page in a new directory.
  async pictures() {
    const dir = path.join(tmpdir(), 'yiwang-e2e-pictures', path.basename(path.dirname(this.data)));
    mkdirSync(dir, { recursive: true });
    const pages = this.browser.contexts().flatMap((c) => c.pages());
    await Promise.allSettled(pages.map((p, i) => p.screenshot({ path: path.join(dir, `${i}.png`), timeout: 5000 })));
    return dir;
  }

  // close stops everything, and tells what went wrong behind the pages.
  async close() {
    await this.browser?.close();
    if (this.server.exitCode === null) {
      const ended = once(this.server, 'exit');
      this.server.kill('SIGTERM');
      const timer = setTimeout(this.kill, patience);
      await ended;
      clearTimeout(timer);
    }
    process.removeListener('exit', this.kill);
    rmSync(path.dirname(this.data), { recursive: true, force: true });
    assert.equal(this.server.exitCode, 0, `the server did not end by itself:\n${this.log}`);
    assert.deepEqual(this.troubles, [], 'troubles behind the pages');
  }
}

export function openBrowser() {
  return chromium.launch({ executablePath: process.env.YIWANG_CHROMIUM ?? '/usr/bin/chromium', args: flags, timeout: 60_000 });
}

// stepsOf returns a function like test for the steps of one journey: after a step
// that fails the others are skipped, and pictures of all pages are left behind.
export function stepsOf(house) {
  let broken = false;
  return (name, walk) => test(name, async (t) => {
    if (broken) return t.skip('an earlier step failed');
    try {
      await walk(t);
    } catch (e) {
      broken = true;
      const dir = await house.pictures();
      throw new Error(`${e.message}\npictures in ${dir}`, { cause: e });
    }
  });
}

// until waits for something outside the browser to come true.
export async function until(what, check) {
  const end = Date.now() + patience;
  for (;;) {
    const got = await check();
    if (got) return got;
    if (Date.now() > end) throw new Error(`waited ${patience} ms for ${what}`);
    await new Promise((go) => setTimeout(go, 100));
  }
}
