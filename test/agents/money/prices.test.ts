import { expect, test } from 'vitest'
import { priceOf, prices, pricesWith } from '../../../src/agents/money/prices.ts'
import { projectSettings } from '../../../src/pipeline/settings.ts'

const dearest = priceOf('…')

test.each([
  ['claude-opus-5-5', 4],
  ['claude-opus-5-5[1m]', 4],
  ['claude-opus-5[1m]', 5],
  ['Claude-Sonnet-4-5-20250929', 3],
  ['anthropic/claude-opus-4-1', 15],
  ['us.anthropic.claude-sonnet-4-5-20250929-v1:0', 3],
  ['claude-opus-4-1@20250805', 15],
  ['sonnet', 2],
  ['openai/gpt-5.4-2026-03-05', 2.5],
  ['gpt-5.4-mini', 0.75],
  ['gpt-5.1-codex-max', 1.25],
  ['gemini-2.5-flash', 0.3],
  ['models/gemini-3.1-pro-preview-customtools', 2],
  ['gemini-2.5-pro-latest', 1.25],
])('%s is known, however it is written', (model, input) => {
  expect(priceOf(model).input).toBe(input)
})

test.each([undefined, '', 'claude-opus-6', 'claude-opus-5-7', 'gpt-5.5-pro', 'llama-4', '…'])(
  '%s is not known, and so is the dearest of all',
  (model) => {
    expect(priceOf(model)).toEqual(dearest)
  },
)

test('no known model is dearer than an unknown one, in any way of using it', () => {
  for (const [model, price] of prices)
    for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite'] as const)
      expect(dearest[kind], `${model} ${kind}`).toBeGreaterThanOrEqual(price[kind])
})

test('what is read from a cache never costs more than what is sent, and an answer never less', () => {
  for (const [model, { input, output, cacheRead, cacheWrite }] of prices) {
    expect(cacheRead, model).toBeLessThan(input)
    expect(cacheWrite, model).toBeGreaterThanOrEqual(input)
    expect(output, model).toBeGreaterThan(input)
  }
})

test("a project's own price counts, and a dear one is what an unknown model costs", () => {
  const own = projectSettings.parse({
    prices: {
      'Llama-4': { input: 0.5, output: 1 },
      'gpt-5.4': { input: 1, output: 2, cache_read: 0.1, cache_write: 1.5 },
      'in-house': { input: 900, output: 1000 },
    },
  }).prices
  const ours = pricesWith(own)
  expect(ours('llama-4')).toEqual({ input: 0.5, output: 1, cacheRead: 0.5, cacheWrite: 0.5 })
  expect(ours('openai/gpt-5.4-2026-03-05').cacheWrite).toBe(1.5)
  expect(ours('gpt-5.4-mini')).toEqual(priceOf('gpt-5.4-mini'))
  expect(ours('unheard-of')).toEqual({ ...dearest, ...ours('in-house') })
})

test.each([
  { 'gpt-5.4': { input: 1 } },
  { 'gpt-5.4': { input: 1, output: -2 } },
  { 'gpt-5.4': { input: 1, output: 2, cache: 3 } },
])('a price that makes no sense is refused (%j)', (prices) => {
  expect(projectSettings.safeParse({ prices }).success).toBe(false)
})
