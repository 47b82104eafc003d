import { stripVTControlCharacters } from 'node:util'
import { LineReader } from '../runs/line-reader.ts'

/**
 * Cuts a program's output into paragraphs as it comes: at blank lines, but never inside a fenced
 * block of code. Terminal colours are left out.
 */
export class Paragraphs {
  readonly #lines = new LineReader()
  #paragraph: string[] = []
  #fence: string | undefined

  /** The paragraphs that `bytes` completes. */
  push(bytes: Uint8Array): string[] {
    return this.#lines.push(bytes).flatMap((line) => this.#add(line))
  }

  /** What is left at the end of the output. */
  end(): string[] {
    return [...this.#lines.end().flatMap((line) => this.#add(line)), ...this.#take()]
  }

  #add(line: string): string[] {
    const text = stripVTControlCharacters(line)
    if (this.#fence === undefined && text.trim() === '') return this.#take()
    this.#paragraph.push(text)
    const [, fence, rest] = /^\s*(`{3,}(?!.*`)|~{3,})(.*)$/.exec(text) ?? []
    if (this.#fence === undefined) this.#fence = fence
    else if (fence?.startsWith(this.#fence) && rest?.trim() === '') this.#fence = undefined
    return []
  }

  #take(): string[] {
    const text = this.#paragraph.join('\n')
    this.#paragraph = []
    return text === '' ? [] : [text]
  }
}
