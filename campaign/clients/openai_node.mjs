// The official `openai` package for Node. Tells a JSON line for each feature, as report.py does.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import OpenAI, { toFile } from 'openai';

const patience = 90_000;
const client = new OpenAI({ maxRetries: 0, timeout: patience }); // Address and key are in the environment.
const hasFarSide = process.env.CLIENTS_SETTING !== 'echo';
const model = 'gpt-4o-mini';
const user = (content) => [{ role: 'user', content }];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const weather = { type: 'function', function: { name: 'weather', parameters, strict: true } };
const forced = { type: 'function', function: { name: 'weather' } };
const { version } = JSON.parse(readFileSync(new URL('./node_modules/openai/package.json', import.meta.url)));
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function echoed(text, answer) {
  assert.ok(answer?.includes(text), `not the answer to ${text}: ${String(answer).slice(0, 200)}`);
}

async function rejected(call, kind) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof kind, `${error}`);
    assert.ok(error.error?.message, 'no error object');
    assert.ok(error.requestID, 'no request id');
    return;
  }
  assert.fail('a wrong request was answered');
}

function lines(bodies, url = '/v1/chat/completions') {
  return bodies.map((body, i) => JSON.stringify({ custom_id: `r${i}`, method: 'POST', url, body })).join('\n') + '\n';
}

async function created(bodies) {
  const file = await client.files.create({ file: await toFile(Buffer.from(lines(bodies)), 'batch.jsonl'), purpose: 'batch' });
  return client.batches.create({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { a: 'b' } });
}

async function ended(batch) {
  const end = Date.now() + patience;
  while (!['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) {
    assert.ok(Date.now() < end, `the batch stays ${batch.status}`);
    await pause(200);
    batch = await client.batches.retrieve(batch.id);
  }
  return batch;
}

async function results(id) {
  const text = await (await client.files.content(id)).text();
  return new Map(text.trim().split('\n').map((line) => JSON.parse(line)).map((line) => [line.custom_id, line]));
}

const features = {
  async chat() {
    const answer = await client.chat.completions.create({ model, messages: user('Good day') });
    echoed('Good day', answer.choices[0].message.content);
    assert.equal(answer.choices[0].finish_reason, 'stop');
  },
  async tools() {
    const answer = await client.chat.completions.create({ model, messages: user('{"city": "Utrecht"}'), tools: [weather], tool_choice: forced });
    const call = answer.choices[0].message.tool_calls[0];
    assert.equal(call.function.name, 'weather');
    assert.ok('city' in JSON.parse(call.function.arguments));
  },
  async 'structured output'() {
    const answer = await client.chat.completions.parse({
      model, messages: user('{"city": "Utrecht"}'),
      response_format: { type: 'json_schema', json_schema: { name: 'place', schema: parameters, strict: true } } });
    assert.ok('city' in JSON.parse(answer.choices[0].message.content));
  },
  async 'several choices'() {
    const answer = await client.chat.completions.create({ model, messages: user('Thrice'), n: 3 });
    assert.deepEqual(answer.choices.map((choice) => choice.index), [0, 1, 2]);
  },
  async 'streamed chat'() {
    const stream = client.chat.completions.stream({ model, messages: user('one two three'), stream_options: { include_usage: true } });
    let text = '';
    stream.on('content', (delta) => { text += delta; });
    const answer = await stream.finalChatCompletion();
    echoed('one two three', text);
    echoed('one two three', answer.choices[0].message.content);
    assert.ok(answer.usage.total_tokens > 0);
  },
  async 'streamed tools'() {
    const stream = client.chat.completions.stream({ model, messages: user('{"city": "Utrecht"}'), tools: [weather], tool_choice: forced });
    const call = (await stream.finalChatCompletion()).choices[0].message.tool_calls[0];
    assert.ok('city' in JSON.parse(call.function.arguments));
  },
  async 'many at once'() {
    await Promise.all(Array.from({ length: 100 }, async (_, i) => {
      const answer = await client.chat.completions.create({ model, messages: user(`Number ${i}.`) });
      echoed(`Number ${i}.`, answer.choices[0].message.content);
    }));
  },
  async responses() {
    echoed('Good day', (await client.responses.create({ model, input: 'Good day' })).output_text);
  },
  async 'streamed responses'() {
    const answer = await client.responses.stream({ model, input: 'one two three' }).finalResponse();
    echoed('one two three', answer.output_text);
  },
  async 'background responses'() {
    let answer = await client.responses.create({ model, input: 'In good time', background: true });
    for (const end = Date.now() + patience; ['queued', 'in_progress'].includes(answer.status);) {
      assert.ok(Date.now() < end, `it stays ${answer.status}`);
      await pause(200);
      answer = await client.responses.retrieve(answer.id);
    }
    echoed('In good time', answer.output_text);
  },
  // This client asks for base64 and decodes it.
  async embeddings() {
    const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
    assert.equal(answer.data.length, 2);
    assert.notDeepEqual(answer.data[0].embedding, answer.data[1].embedding);
  },
  async completions() {
    echoed('Good day', (await client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'Good day' })).choices[0].text);
  },
  async moderations() {
    const answer = await client.moderations.create({ model: 'omni-moderation-latest', input: 'Good day' });
    assert.equal(answer.results[0].flagged, false);
  },
  async models() {
    assert.ok(Array.isArray((await client.models.list()).data));
  },
  async 'error objects'() {
    await rejected(() => client.post('/chat/completions', { body: [1] }), OpenAI.BadRequestError);
    await rejected(() => client.batches.retrieve('batch_of_nobody'), OpenAI.NotFoundError);
    if (hasFarSide) {
      await rejected(() => client.chat.completions.create({ model, messages: [] }), OpenAI.BadRequestError);
      await rejected(() => client.chat.completions.create({ model, messages: user('Good day'), temperature: 99 }), OpenAI.BadRequestError);
    }
  },
  async files() {
    const file = await client.files.create({ file: await toFile(Buffer.from('{"a": 1}\n'), 'mine.jsonl'), purpose: 'batch' });
    assert.equal(file.bytes, 9);
    assert.equal(await (await client.files.content(file.id)).text(), '{"a": 1}\n');
    assert.equal((await client.files.delete(file.id)).deleted, true);
  },
  async batches() {
    const batch = await ended(await created(Array.from({ length: 10 }, (_, i) => ({ model, messages: user(`Item ${i}.`) }))));
    assert.equal(batch.status, 'completed', JSON.stringify(batch));
    const answers = await results(batch.output_file_id);
    for (let i = 0; i < 10; i++) {
      echoed(`Item ${i}.`, answers.get(`r${i}`).response.body.choices[0].message.content);
    }
  },
  async 'list of batches'() {
    const made = [];
    for (let i = 0; i < 3; i++) {
      made.unshift((await created([{ model, messages: user(`Listed ${i}`) }])).id);
    }
    const listed = [];
    for await (const batch of client.batches.list({ limit: 2 })) {
      listed.push(batch.id);
      if (made.every((id) => listed.includes(id))) break;
    }
    assert.deepEqual(listed.filter((id) => made.includes(id)), made);
  },
  async 'cancelled batches'() {
    const batch = await created(Array.from({ length: 500 }, (_, i) => ({ model, messages: user(`Unwanted ${i}.`) })));
    try {
      await client.batches.cancel(batch.id);
    } catch (error) { // It was quicker than we.
      assert.ok(error instanceof OpenAI.ConflictError, `${error}`);
      return;
    }
    assert.equal((await ended(batch)).status, 'cancelled');
  },
};

if (hasFarSide) {
  features.retries = async () => {
    const answer = await client.chat.completions.create({ model, messages: user('please-stumble once') }, { maxRetries: 4 });
    echoed('please-stumble once', answer.choices[0].message.content);
  };
  features['batches with failures'] = async () => {
    const batch = await ended(await created(Array.from({ length: 5 }, (_, i) => ({ model, messages: i === 2 ? [] : user(`Item ${i}.`) }))));
    assert.equal((await results(batch.output_file_id)).size, 4);
    assert.equal((await results(batch.error_file_id)).get('r2').response.status_code, 400);
  };
}

const outcomes = await Promise.all(Object.entries(features).map(async ([feature, run]) => {
  let outcome = 'ok';
  let detail = '';
  try {
    await run();
  } catch (problem) {
    outcome = 'failed';
    detail = String(problem).replace(/\s+/g, ' ').slice(0, 500);
  }
  console.log(JSON.stringify({ client: 'openai for Node', version, feature, outcome, detail }));
  return outcome;
}));
process.exit(outcomes.includes('failed') ? 1 : 0);
