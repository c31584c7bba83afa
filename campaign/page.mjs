// A job's life on the page of `serve`, in a real browser: list, live progress, errors by cause, an item with a hostile
// answer, cancel, retry; batches; what the page looks like, light, dark and on a phone; whether it can be used by
// everybody, and read without scripts. Screenshots go to target/page.
//
//   node page.mjs PROJECT        needs playwright-core and axe-core beside it, and chromium
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const project = process.argv[2];
const batchwright = join(project, 'batchwright');
const shots = join(project, 'target', 'page');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'page-'));
const environment = { ...process.env, BATCHWRIGHT_STORE: join(work, 'store.db') };
const processes = [];
const passed = [];

mkdirSync(shots, { recursive: true });

// What a model might say. Each also is what the item was asked: the echo says it again.
const HOSTILE = {
  script: '<script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">',
  frame: '</pre></main><iframe src="javascript:parent.harmed=3"></iframe><a href="javascript:harmed=4">click</a>',
  style: '<style>body { display: none }</style><link rel=stylesheet href=//evil.example/x.css>',
  bidi: 'safe\u202egpj.exe\u2066 \u200b\u0000\u0007\u001b[31m red? \ufeff \udb40\udc41\udb40\udc42',
  hebrew: '\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd, \u0645\u0631\u062d\u0628\u0627, \u4f60\u597d, \ud83d\udc69\u200d\ud83d\udcbb',
  wide: 'x'.repeat(5_000),
  huge: 'All work and no play.\n'.repeat(40_000),
};

function lines(name, requests) {
  const file = join(work, name);
  writeFileSync(file, requests.map(request => JSON.stringify(request) + '\n').join(''));
  return file;
}

function chat(id, content, url = '/v1/chat/completions') {
  return { custom_id: id, method: 'POST', url, body: { model: 'echo-1', messages: [{ role: 'user', content }] } };
}

function run(...words) {
  const result = spawnSync(batchwright, words, { cwd: work, env: environment, encoding: 'utf8' });
  if (result.error) throw result.error;
  return result;
}

// Starts a process that says where it listens.
function start(words, pattern) {
  const child = spawn(batchwright, words, { cwd: work, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  processes.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', data => {
      said += data;
      const found = said.match(pattern);
      if (found) resolve(found[1]);
    });
    child.on('exit', code => reject(new Error(`${words.join(' ')} ended with ${code}: ${said}`)));
  });
}

async function step(name, work) {
  await work();
  passed.push(name);
  console.log(`ok  ${name}`);
}

// A page whose every complaint is a failure: an error, a word of the Content-Security-Policy, a request to elsewhere.
async function open(browser, origin, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US', timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) page.complaints.push(message.text()); });
  page.on('pageerror', error => page.complaints.push(String(error)));
  page.on('dialog', dialog => { page.complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', request => { if (!request.url().startsWith(origin)) page.complaints.push(`asks elsewhere: ${request.url()}`); });
  return page;
}

async function unharmed(page) {
  assert.deepEqual(page.complaints, []);
  assert.equal(await page.evaluate(() => window.harmed), undefined);
  assert.equal(await page.locator('main script, main img, main iframe, main style, main link').count(), 0);
}

async function fits(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where} is ${over} pixels wider than the screen`);
}

async function usable(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const problems = found.violations.map(each => `${each.id}: ${each.nodes.map(node => node.html).slice(0, 3).join(' | ')}`);
  assert.deepEqual(problems, [], `${where} can't be used by everybody`);
}

async function main() {
  writeFileSync(join(work, 'batchwright.yaml'), 'providers:\n  echo: {latency: 120ms}\n');
  const simulator = await start(['simulate', '--port', '0', '--batch-time', '25s'], /listening on (\S+)/);
  const origin = await start(['serve', '--port', '0', '-p', 'echo'], /Serving on (\S+)/);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  try {
    await life(browser, origin, simulator);
  } finally {
    await browser.close();
  }
}

async function life(browser, origin, simulator) {
  const page = await open(browser, origin);

  await step('an empty store says how to begin', async () => {
    await page.goto(`${origin}/jobs`);
    await page.getByText('No jobs yet').waitFor();
  });

  const hostile = lines('hostile.jsonl', [
    ...Object.entries(HOSTILE).map(([id, text]) => chat(`${id} <b>${id}</b>`, text)),
    ...Array.from({ length: 30 }, (_, i) => chat(`plain-${i}`, `Classify ticket ${i}: my parcel is late.`)),
    ...Array.from({ length: 12 }, (_, i) => chat(`wrong-${i}`, 'no such endpoint', '/v1/images/edits')),
  ]);
  run('run', hostile, '-p', 'echo', '--name', 'Tickets <script>harmed=5</script> of November', '-o', join(work, 'out.jsonl'));

  const long = lines('long.jsonl', Array.from({ length: 12_000 }, (_, i) => chat(`row-${i}`, `Summarise review ${i}.`)));
  run('run', long, '-p', 'echo', '--name', 'Review summaries', '--concurrency', '60', '--detach');
  const batch = lines('batch.jsonl', Array.from({ length: 400 }, (_, i) => ({ ...chat(`b-${i}`, `Label text ${i}.`), body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: `Label text ${i}.` }] } })));
  run('run', batch, '-m', 'gpt-4o-mini', '--base-url', simulator, '--mode', 'batch', '--name', 'Labels, overnight', '--detach');

  await step('the list shows what runs, and goes on by itself', async () => {
    await page.goto(`${origin}/jobs`);
    await page.locator('tr', { hasText: 'Review summaries' }).locator('.badge.active').waitFor();
    const done = () => page.locator('tr', { hasText: 'Review summaries' }).locator('.of').textContent();
    const before = await done();
    await page.waitForFunction(
      old => [...document.querySelectorAll('tr')].find(row => row.textContent.includes('Review summaries')).querySelector('.of').textContent !== old,
      before);
    await unharmed(page);
  });

  await step('a job shows its progress, live', async () => {
    await page.getByRole('link', { name: 'Review summaries' }).click();
    await page.locator('.legend').getByText('/s,').waitFor();
    const before = await page.locator('.legend').textContent();
    await page.waitForFunction(old => document.querySelector('.legend').textContent !== old, before);
    await page.locator('.chart canvas').first().waitFor();
    await unharmed(page);
  });

  await step('a job is cancelled, whoever runs it', async () => {
    await page.getByText('Cancel…').click();
    await page.getByRole('button', { name: 'Cancel this job' }).click();
    await page.locator('.heading .badge.cancelled').waitFor();
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    await unharmed(page);
  });

  await step('and gone on with, here', async () => {
    // The process that ran it lets calls under way finish first.
    let answer;
    do {
      await page.reload();
      answer = await Promise.all([page.waitForResponse(/\/retry$/), page.getByRole('button', { name: 'Go on' }).click()]);
      if (answer[0].status() === 409) await page.goBack();
    } while (answer[0].status() === 409);
    page.complaints = page.complaints.filter(text => !text.includes('409'));
    await page.locator('.heading .badge.active').waitFor();
    await page.locator('.legend').getByText('under way').waitFor();
    await unharmed(page);
  });

  await step('batches tell what they wait for', async () => {
    await page.goto(`${origin}/batches`);
    await page.locator('tr', { hasText: 'Labels, overnight' }).getByText(/runs as|waits to be sent|uploaded|created/).waitFor();
    await unharmed(page);
  });

  await step('errors are grouped by cause, with examples', async () => {
    await page.goto(`${origin}/jobs`);
    await page.getByRole('link', { name: /Tickets/ }).click();
    const group = page.locator('tr', { hasText: 'unknown_endpoint' });
    await group.getByText('HTTP 404').waitFor();
    await group.getByText('The echo has no answer for this endpoint.').waitFor();
    await unharmed(page);
    await group.getByRole('link', { name: '12', exact: true }).click();
    await page.getByText('Those that failed of').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 12);
    await page.getByRole('link', { name: 'wrong-3', exact: true }).click();
    await page.locator('pre.bad', { hasText: 'no answer for this endpoint' }).waitFor();
    await unharmed(page);
  });
  const job = page.url().match(/\/jobs\/(job_[a-z0-9]+)/)[1];

  await step('whatever a model says is text', async () => {
    const shown = {
      script: '<script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">',
      frame: '<iframe src="javascript:parent.harmed=3"></iframe>',
      style: '<style>body { display: none }</style>',
      bidi: 'safe⟨U+202E⟩gpj.exe⟨U+2066⟩ ⟨U+200B⟩␀␇␛[31m red? ⟨U+FEFF⟩ ⟨U+E0041⟩⟨U+E0042⟩',
      hebrew: HOSTILE.hebrew,
      wide: 'x'.repeat(5_000),
      huge: 'All work and no play.\nAll work',
    };
    let seq = 0;
    for (const id of Object.keys(HOSTILE)) {
      await page.goto(`${origin}/jobs/${job}/items/${++seq}`);
      const said = await page.locator('pre.said').textContent();
      assert.ok(said.includes(shown[id]), `${id}: ${said.slice(0, 200)}`);
      assert.equal(await page.locator('h1 .step').last().textContent(), `${id} <b>${id}</b>`);
      await unharmed(page);
      await fits(page, id);
    }
    assert.ok((await page.content()).length < 200_000, 'a huge answer is cut');
    const raw = await page.request.get(`${origin}/jobs/${job}/items/${seq}/answer`);
    assert.ok((await raw.text()).length > 800_000, 'and whole where it is raw');
  });

  await step('failed items are tried again', async () => {
    await page.goto(`${origin}/jobs/${job}`);
    await page.getByRole('button', { name: 'Retry 12 failed' }).click();
    await page.locator('.heading .badge.finished').waitFor();
    await page.locator('.events').getByText('resumed').or(page.getByText('12 failed')).first().waitFor();
    await unharmed(page);
  });

  const places = {
    overview: '/',
    jobs: '/jobs',
    job: `/jobs/${job}`,
    items: `/jobs/${job}/items`,
    item: `/jobs/${job}/items/1`,
    batches: '/batches',
  };
  for (const [look, options] of Object.entries({
    light: { colorScheme: 'light' },
    dark: { colorScheme: 'dark' },
    phone: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  })) {
    await step(`it looks right: ${look}`, async () => {
      const other = await open(browser, origin, options);
      for (const [name, path] of Object.entries(places)) {
        await other.goto(origin + path);
        if (['overview', 'job'].includes(name)) await other.locator('.chart canvas').first().waitFor();
        await other.screenshot({ path: join(shots, `${name}-${look}.png`), fullPage: true });
        await fits(other, `${name}, ${look}`);
        await unharmed(other);
        // The scripts of the tool itself are no part of the page.
        await usable(other, `${name}, ${look}`);
      }
      await other.context().close();
    });
  }

  await step('it is read without scripts', async () => {
    const plain = await open(browser, origin, { javaScriptEnabled: false });
    await plain.goto(`${origin}/jobs/${job}`);
    await plain.getByText('Errors by cause').waitFor();
    await plain.getByText('All failed items').click();
    await plain.getByText('unknown_endpoint').first().waitFor();
    await plain.context().close();
  });

  await step('it is used from the keyboard', async () => {
    await page.goto(`${origin}/jobs`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'To the content');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /Tickets/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Errors by cause').waitFor();
    await unharmed(page);
  });

  await step('it says when the server is gone', async () => {
    await page.goto(`${origin}/jobs`);
    processes[1].kill('SIGKILL');
    await page.locator('#offline').waitFor({ state: 'visible' });
  });
}

try {
  await main();
  console.log(`page: ${passed.length} passed, 0 failed`);
} finally {
  for (const child of processes) {
    child.removeAllListeners('exit');
    child.kill('SIGKILL');
  }
  // What still runs jobs of this store ends by itself when the store is gone.
  rmSync(work, { recursive: true, force: true });
}
