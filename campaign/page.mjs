// A job's life on the page of `serve`, in a real browser: list, live progress, errors by cause, an item with a hostile
// answer, cancel, retry; batches; what the page looks like, light, dark and on a phone; whether it can be used by
// everybody, and read without scripts. Screenshots go to target/page.
//
//   node page.mjs PROJECT        needs playwright-core and axe-core beside it, and chromium
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const project = process.argv[2];
const batchwright = join(project, 'batchwright');
const shots = join(project, 'target', 'page');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'page-'));
const environment = { ...process.env, BATCHWRIGHT_STORE: join(work, 'store.db'), OPENAI_API_KEY: 'sk-no-key-of-anybody' };
const processes = [];
const passed = [];

mkdirSync(shots, { recursive: true });

// What a model might say.
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
  writeFileSync(join(work, name), requests.map(request => JSON.stringify(request) + '\n').join(''));
  return name;
}

function chat(id, content, model = 'echo-1') {
  return { custom_id: id, method: 'POST', url: '/v1/chat/completions', body: { model, messages: [{ role: 'user', content }] } };
}

// 1: some items failed, as they should.
async function run(...words) {
  const child = spawn(batchwright, words, { cwd: work, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', data => { said += data; });
  const code = await new Promise(resolve => child.on('exit', resolve));
  assert.ok([0, 1].includes(code), `${words.join(' ')}: ${said}`);
}

// A provider that says what it is asked to say, refuses what it is asked to refuse, and means no good.
let healed = false;

function provider() {
  const errors = {
    long: [400, 'context_length_exceeded', 'This model reads 8,192 tokens at most. Your messages have 9,301 <img src=x onerror="window.harmed = 6">.'],
    policy: [400, 'content_policy_violation', 'The request was refused \u202eby our policy\u202c.'],
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', data => { body += data; });
    request.on('end', () => {
      const asked = JSON.parse(body).messages[0].content;
      const [what, name] = asked.split(' ');
      const error = what === 'refuse' && !(healed && name === 'long') ? errors[name] : null;
      const answer = error
        ? { error: { message: error[2], type: 'invalid_request_error', param: null, code: error[1] } }
        : {
            id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'lab-1',
            choices: [{ index: 0, message: { role: 'assistant', content: what === 'say' ? HOSTILE[name] : `Category: delivery. (${asked})` }, finish_reason: 'stop' }],
            usage: { prompt_tokens: 310, completion_tokens: 42, total_tokens: 352 },
          };
      response.writeHead(error ? error[0] : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  });
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)));
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

// The processes of detached jobs: they would wait for a provider that is gone, on files that nobody sees any more.
async function endWorkers() {
  for (const line of (await told('jobs', '--json')).split('\n').filter(Boolean)) {
    for (const [, pid] of (await told('status', JSON.parse(line).job)).matchAll(/process (\d+)/g)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch (gone) {
        assert.equal(gone.code, 'ESRCH');
      }
    }
  }
}

async function told(...words) {
  const child = spawn(batchwright, words, { cwd: work, env: environment, stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', data => { said += data; });
  await new Promise(resolve => child.on('close', resolve));
  return said;
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
  const lab = await provider();
  writeFileSync(join(work, 'batchwright.yaml'), `
providers:
  echo: {latency: 120ms}
  lab: {type: openai-compatible, base_url: "http://127.0.0.1:${lab.address().port}/v1"}
prices:
  lab:
    lab-1: {input: 0.15, cached_input: 0.075, output: 0.60}
`);
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
    lab.closeAllConnections();
    lab.close();
  }
}

async function life(browser, origin, simulator) {
  const page = await open(browser, origin);

  await step('an empty store says how to begin', async () => {
    await page.goto(`${origin}/jobs`);
    await page.getByText('No jobs yet').waitFor();
  });

  const hostile = lines('hostile.jsonl', [
    ...Object.keys(HOSTILE).map(id => chat(`${id} <b>${id}</b>`, `say ${id}`, 'lab-1')),
    ...Array.from({ length: 240 }, (_, i) => chat(`ticket-${i}`, `Classify ticket ${i}: my parcel is late.`, 'lab-1')),
    ...Array.from({ length: 12 }, (_, i) => chat(`long-${i}`, `refuse long ${i}`, 'lab-1')),
    ...Array.from({ length: 5 }, (_, i) => chat(`policy-${i}`, `refuse policy ${i}`, 'lab-1')),
  ]);
  await run('run', hostile, '-p', 'lab', '--name', 'Tickets of November', '-o', join(work, 'out.jsonl'));

  const long = lines('long.jsonl', Array.from({ length: 60_000 }, (_, i) => chat(`row-${i}`, `Summarise review ${i}.`)));
  await run('run', long, '-p', 'echo', '--name', 'Review summaries', '--concurrency', '60', '--detach');
  const batch = lines('batch.jsonl', Array.from({ length: 400 }, (_, i) => chat(`label-${i}`, `Label text ${i}.`, 'gpt-4o-mini')));
  await run('run', batch, '-p', 'openai', '--base-url', simulator, '--mode', 'batch', '--name', 'Labels <img src=x onerror=harmed=5> overnight', '--detach');

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
    // The process that ran it lets calls under way finish first: until then the page says who works on it.
    const here = page.url();
    let status;
    do {
      await page.goto(here);
      const [answer] = await Promise.all([page.waitForResponse(/\/retry$/), page.getByRole('button', { name: 'Go on' }).click()]);
      status = answer.status();
      await page.waitForLoadState();
    } while (status === 409);
    assert.equal(status, 303);
    page.complaints = page.complaints.filter(text => !text.includes('409'));
    await page.locator('.heading .badge.active').waitFor();
    await page.locator('.legend').getByText('under way').waitFor();
    await unharmed(page);
  });

  await step('batches tell what they wait for', async () => {
    await page.goto(`${origin}/batches`);
    await page.locator('tr', { hasText: 'Labels <img src=x onerror=harmed=5> overnight' }).getByText(/runs as|waits to be sent|uploaded|created/).waitFor();
    await unharmed(page);
  });

  await step('errors are grouped by cause, with examples', async () => {
    await page.goto(`${origin}/jobs`);
    await page.getByRole('link', { name: /Tickets/ }).click();
    const group = page.locator('tr', { hasText: 'context_length_exceeded' });
    await group.getByText('HTTP 400').waitFor();
    await group.getByText('9,301 <img src=x onerror=').waitFor();
    await page.locator('tr', { hasText: 'content_policy_violation' }).getByText('⟨U+202E⟩by our policy').waitFor();
    await unharmed(page);
    await group.getByRole('link', { name: '12', exact: true }).click();
    await page.getByText('Those that failed of').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 12);
    await page.getByRole('link', { name: 'long-3', exact: true }).click();
    await page.locator('pre.bad', { hasText: 'This model reads 8,192 tokens at most.' }).waitFor();
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

  await step('failed items are tried again', async () => {
    healed = true;
    await page.goto(`${origin}/jobs/${job}`);
    await page.getByRole('button', { name: 'Retry 17 failed' }).click();
    await page.locator('.key.bad', { hasText: '5 failed' }).waitFor();
    await page.locator('.heading .badge.finished').waitFor();
    assert.equal(await page.locator('tr', { hasText: 'context_length_exceeded' }).count(), 0);
    await unharmed(page);
  });

  await step('it is read without scripts', async () => {
    const plain = await open(browser, origin, { javaScriptEnabled: false });
    await plain.goto(`${origin}/jobs/${job}`);
    await plain.getByRole('heading', { name: 'Errors by cause' }).waitFor();
    await plain.getByText('All failed items').click();
    await plain.getByText('content_policy_violation').first().waitFor();
    await plain.context().close();
  });

  await step('it is used from the keyboard', async () => {
    await page.goto(`${origin}/jobs`);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'To the content');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /Tickets/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Errors by cause' }).waitFor();
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
  await endWorkers();
  rmSync(work, { recursive: true, force: true });
}
