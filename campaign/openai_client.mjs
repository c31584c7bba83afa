// The official OpenAI client for Node against a simulator: node openai_client.mjs BASE_URL
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'sk-any', maxRetries: 0 });
const model = 'gpt-4o-mini';
const messages = [{ role: 'user', content: 'one two three' }];

const cases = {
  async chat() {
    const answer = await client.chat.completions.create({ model, messages });
    assert.equal(answer.choices[0].message.content, 'echo: one two three');
  },
  async stream() {
    let text = '';
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    assert.equal(text, 'echo: one two three');
  },
  async responses() {
    const answer = await client.responses.create({ model, input: 'Good day' });
    assert.equal(answer.output_text, 'echo: Good day');
  },
  // This client asks for base64 and decodes it.
  async embeddings() {
    const answer = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
    assert.equal(answer.data.length, 2);
    assert.notDeepEqual(answer.data[0].embedding, answer.data[1].embedding);
  },
  async error() {
    await assert.rejects(client.chat.completions.create({ model, messages: [] }), OpenAI.BadRequestError);
  },
};

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    console.log(`${name}: ok`);
  } catch (problem) {
    failed++;
    console.log(`${name}: FAILED: ${problem}`);
  }
}
console.log(`openai for Node: ${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
