import type { Dialogue, Message } from './dialogue.ts'
import type { Answer, Obstacle, Refusal, ToolCall, Usage } from './reply.ts'

/** What the model says, as data: for each prompt its lines, one for each turn. */
export class Script {
  readonly #parts: Part[] = []

  /**
   * Begins what is said to prompts that match; the first part of the script that matches the latest
   * prompt speaks. Its lines are counted from what it has said so far in the same dialogue, so that a
   * session that was killed and resumed goes on where it was.
   */
  onPrompt(prompt: RegExp): Part {
    const part = new Part(prompt)
    this.#parts.push(part)
    return part
  }

  /** What happens to this request; throws when the script does not know. */
  next(dialogue: Dialogue): Answer | Obstacle {
    for (const message of dialogue.messages.toReversed()) {
      if (message.role !== 'user') continue
      const part = this.#parts.find(({ prompt }) => prompt.test(message.text))
      if (part) return part.next(dialogue)
    }
    const prompts = dialogue.messages.filter(({ role }) => role === 'user').map(({ text }) => text)
    throw new Error(`The script knows none of these prompts:\n${prompts.join('\n').slice(-2_000)}`)
  }
}

const usualUsage: Usage = { input: 1_000, output: 20, cacheRead: 500, cacheWrite: 100 }

interface Line {
  readonly obstacles: readonly Obstacle[]
  /** Undefined where the obstacles never end. */
  readonly answer?: Answer
}

/** A refusal as a script writes it. */
export type RefusalSpec = Omit<Refusal, 'kind' | 'headers'> & Partial<Pick<Refusal, 'headers'>>

interface Saying {
  readonly saying?: string
  readonly thinking?: string
}

/** The lines for one prompt. What goes wrong is written before the line that it delays. */
export class Part {
  readonly prompt: RegExp
  readonly #lines: Line[] = []
  #obstacles: Obstacle[] = []
  #frame: Pick<Answer, 'usage' | 'headers' | 'bytewise' | 'after'> = usualFrame
  #repeats = false

  constructor(prompt: RegExp) {
    this.prompt = prompt
  }

  /** The model says this and ends its turn. */
  says(text: string, { thinking }: Saying = {}): this {
    return this.#line([], { saying: text, ...(thinking !== undefined && { thinking }) })
  }

  /** The model runs a command with the program's shell tool. */
  runs(command: string, words: Saying = {}): this {
    return this.#line([{ command }], words)
  }

  /** The model calls the one tool whose name ends so. */
  uses(tool: string, input: Readonly<Record<string, unknown>> = {}, words: Saying = {}): this {
    return this.#line([{ tool, input }], words)
  }

  /** The model looks for tools that are not offered at first. */
  searches(query: string): this {
    return this.#line([{ search: query }], {})
  }

  /** The model calls several tools in one answer. */
  calls(...calls: readonly ToolCall[]): this {
    return this.#line(calls, {})
  }

  /** The last line is said again and again. */
  forEver(): this {
    this.#repeats = true
    return this
  }

  /** The service refuses so many times before the next line; for ever if there is none. */
  refuses(refusal: RefusalSpec, times = 1): this {
    return this.#meets({ kind: 'refusal', headers: {}, ...refusal }, times)
  }

  hangs(): this {
    return this.#meets({ kind: 'hang' }, 1)
  }

  breaks(times = 1): this {
    return this.#meets({ kind: 'break' }, times)
  }

  /** The next line is held back until then. */
  after(moment: Promise<unknown>): this {
    this.#frame = { ...this.#frame, after: moment }
    return this
  }

  /** How the next line is sent, and what it used. */
  sending(frame: Partial<Pick<Answer, 'usage' | 'headers' | 'bytewise'>>): this {
    this.#frame = { ...this.#frame, ...frame }
    return this
  }

  next(dialogue: Dialogue): Answer | Obstacle {
    const turn = this.#turnsTaken(dialogue)
    const last = this.#lines.length - 1
    const at = this.#repeats ? Math.min(turn, last) : turn
    const line = this.#lines[at]
    const met = line ? this.#met(at, line.obstacles) : this.#obstacles.at(-1)
    if (met) return met
    if (!line?.answer)
      throw new Error(
        `The script for ${this.prompt} has ${last + 1} lines, and no line ${turn + 1}.`,
      )
    return line.answer
  }

  readonly #metSoFar = new Map<number, number>()

  #met(at: number, obstacles: readonly Obstacle[]): Obstacle | undefined {
    const count = this.#metSoFar.get(at) ?? 0
    this.#metSoFar.set(at, count + 1)
    return obstacles[count]
  }

  #meets(obstacle: Obstacle, times: number): this {
    this.#obstacles.push(...Array<Obstacle>(times).fill(obstacle))
    return this
  }

  #line(calls: readonly ToolCall[], { saying, thinking }: Saying): this {
    const answer: Answer = {
      kind: 'answer',
      calls,
      ...(saying !== undefined && { text: saying }),
      ...(thinking !== undefined && { thinking }),
      ...this.#frame,
    }
    this.#lines.push({ obstacles: this.#obstacles, answer })
    this.#obstacles = []
    this.#frame = usualFrame
    return this
  }

  /** Programs write words of their own in the model's name: only what this part said is counted. */
  #turnsTaken({ messages }: Dialogue): number {
    const first = messages.findIndex(({ role, text }) => role === 'user' && this.prompt.test(text))
    return messages.slice(first).filter((message) => this.#saidIt(message)).length
  }

  #saidIt({ role, text, calls }: Message): boolean {
    if (role !== 'assistant') return false
    return calls > 0 || this.#lines.some(({ answer }) => answer?.text === text)
  }
}

const usualFrame = { usage: usualUsage, headers: {}, bytewise: false }
