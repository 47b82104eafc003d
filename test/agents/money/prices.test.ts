import { expect, test } from 'vitest'
import { dearest, priceOf, prices } from '../../../src/agents/money/prices.ts'

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
    expect(priceOf(model)).toBe(dearest)
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
