/** Dollars for a million tokens of each kind. */
export interface Price {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

/**
 * What models cost, as their vendors list them: the pages on pricing of Anthropic (Claude), OpenAI (GPT)
 * and Google (Gemini), read on 2026-11-23. It is the standard tier, for prompts of usual length, and no
 * price that is promised for some months only; a cache is written for five minutes. This is the one
 * place to add a model to.
 */
const vendors: Readonly<Record<string, readonly [number, number, number, number?]>> = {
  // input, output, cache read, cache write (the same as input where it is not charged for)
  'claude-fable-5-1': [10, 50, 0.25, 12.5],
  'claude-fable-5': [10, 50, 1, 12.5],
  'claude-mythos-5-1': [10, 50, 0.25, 12.5],
  'claude-mythos-5': [10, 50, 1, 12.5],
  'claude-opus-5-5': [4, 20, 0.2, 5],
  'claude-opus-5': [5, 25, 0.5, 6.25],
  'claude-opus-4-8': [5, 25, 0.5, 6.25],
  'claude-opus-4-7': [5, 25, 0.5, 6.25],
  'claude-opus-4-6': [5, 25, 0.5, 6.25],
  'claude-opus-4-5': [5, 25, 0.5, 6.25],
  'claude-opus-4-1': [15, 75, 1.5, 18.75],
  'claude-opus-4': [15, 75, 1.5, 18.75],
  'claude-sonnet-5-5': [2, 10, 0.1, 2.5],
  'claude-sonnet-5': [2, 10, 0.2, 2.5],
  'claude-sonnet-4-6': [3, 15, 0.3, 3.75],
  'claude-sonnet-4-5': [3, 15, 0.3, 3.75],
  'claude-sonnet-4': [3, 15, 0.3, 3.75],
  // A fifth of this for prompts of at most 100 000 tokens, which an agent has soon left behind.
  'claude-haiku-5-5': [0.5, 2.5, 0.05, 0.625],
  'claude-haiku-4-5': [1, 5, 0.1, 1.25],

  'gpt-6-astra': [10, 50, 1, 12.5],
  'gpt-6.1-sol': [2, 10, 0.1, 2.5],
  'gpt-6.1-terra': [1, 5, 0.05, 1.25],
  'gpt-6-sol': [2, 10, 0.2, 2.5],
  'gpt-6-luna': [0.1, 0.5, 0.01, 0.125],
  'gpt-5.6-sol': [5, 30, 0.5, 6.25],
  'gpt-5.6-terra': [2, 12, 0.2, 2.5],
  'gpt-5.6-luna': [0.2, 1.2, 0.02, 0.25],
  'gpt-5.5': [5, 30, 0.5],
  'gpt-5.4': [2.5, 15, 0.25],
  'gpt-5.4-mini': [0.75, 4.5, 0.075],
  'gpt-5.4-nano': [0.2, 1.25, 0.02],
  'gpt-5.3-codex': [1.75, 14, 0.175],
  'gpt-5.2-codex': [1.75, 14, 0.175],
  'gpt-5.2': [1.75, 14, 0.175],
  'gpt-5.1-codex-max': [1.25, 10, 0.125],
  'gpt-5.1-codex-mini': [0.25, 2, 0.025],
  'gpt-5.1-codex': [1.25, 10, 0.125],
  'gpt-5.1': [1.25, 10, 0.125],
  'gpt-5-codex': [1.25, 10, 0.125],
  'gpt-5': [1.25, 10, 0.125],
  'gpt-5-mini': [0.25, 2, 0.025],
  'gpt-5-nano': [0.05, 0.4, 0.005],

  'gemini-3.8-flash': [1.5, 7.5, 0.15],
  'gemini-3.7-flash': [1.5, 7.5, 0.15],
  'gemini-3.6-flash': [1.5, 7.5, 0.15],
  'gemini-3.5-flash': [1.5, 9, 0.15],
  'gemini-3.5-flash-lite': [0.3, 2.5, 0.03],
  'gemini-3.1-pro': [2, 12, 0.2],
  'gemini-3-flash': [0.5, 3, 0.05],
  'gemini-2.5-pro': [1.25, 10, 0.125],
  'gemini-2.5-flash': [0.3, 2.5, 0.03],
  'gemini-2.5-flash-lite': [0.1, 0.4, 0.01],
}

/** What agent programs take these words for: the newest model of that kind, the best of several. */
const nicknames: Readonly<Record<string, string>> = {
  fable: 'claude-fable-5-1',
  opus: 'claude-opus-5-5',
  sonnet: 'claude-sonnet-5-5',
  haiku: 'claude-haiku-5-5',
  auto: 'gemini-3.1-pro',
}

/** All known models, by the name that their vendor gives them. */
export const prices: ReadonlyMap<string, Price> = new Map(
  Object.entries(vendors).map(([model, [input, output, cacheRead, cacheWrite = input]]) => [
    model,
    { input, output, cacheRead, cacheWrite },
  ]),
)

/**
 * The price of a model, in whatever way its name is written: with its provider before it, or a date, a
 * revision or the size of its context behind. The dearest of all where it is not known.
 */
export type PriceOf = (model: string | undefined) => Price

/** Those of the table, and before them a project's own, by the names that it has written. */
export function pricesWith(own: Readonly<Record<string, Price>>): PriceOf {
  const ownPrices = new Map(
    Object.entries(own).map(([model, price]) => [model.toLowerCase(), price]),
  )
  const dearest = dearestOf([...prices.values(), ...ownPrices.values()])
  return (model) => {
    const written = (model ?? '').toLowerCase()
    const [, name = '', rest = ''] = nameAndRest.exec(written) ?? []
    const known = ownPrices.get(name) ?? prices.get(name) ?? prices.get(nicknames[name] ?? '')
    return ownPrices.get(written) ?? (known && revision.test(rest) ? known : dearest)
  }
}

export const priceOf: PriceOf = pricesWith({})

/** `us.anthropic.claude-opus-4-5-20251101-v1:0`, `openai/gpt-5.4-2026-03-05`, `claude-opus-5[1m]`. */
const nameAndRest =
  /^(?:.*\/)?(?:(?:[a-z]+\.)?anthropic\.)?([a-z].*?)((?:-\d{3,}|-latest|-preview|[@:[]).*)?$/
const revision = /^(?:-(?:\d{3,}|latest|preview)[\w.:-]*|[@:[].*)?(?:\[\w+\])?$/

/** Of each kind of token the highest price: an unknown model is never taken for a cheap one. */
function dearestOf(known: readonly Price[]): Price {
  const highest = (kind: keyof Price) => Math.max(...known.map((price) => price[kind]))
  return {
    input: highest('input'),
    output: highest('output'),
    cacheRead: highest('cacheRead'),
    cacheWrite: highest('cacheWrite'),
  }
}
