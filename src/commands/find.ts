import { z } from 'zod'
import { rest } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import type { Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { itemLine } from './list.ts'
import type { Services } from './services.ts'

const most = 20

/** `find TEXT`: items with the text in their names or bodies, best first. */
export function find({ pipeline }: Services): Command {
  return defineCommand({
    name: 'find',
    group: 'look',
    summary: 'Find items by words in their titles and texts',
    role: 'viewer',
    input: z.object({ text: rest(z.string()) }),
    examples: ['find greeting'],
    run: {
      change({ text }) {
        const found = search(pipeline, text)
        if (found.length === 0) return `No item has "${text}" in its title or text.`
        const more = found.length > most ? [`- ... and ${found.length - most} more`] : []
        return [...found.slice(0, most).map(itemLine), ...more].join('\n')
      },
    },
  })
}

/** Those that have every word of `text`, in upper or lower case: the best first, newest among equals. */
function search(pipeline: Pipeline, text: string): Item[] {
  const phrase = text.toLowerCase()
  const words = phrase.split(/\s+/).filter(Boolean)
  const found = pipeline.search((texts) => scoreOf(texts, phrase, words) > 0)
  return found
    .map((item) => ({ item, score: scoreOf(item, phrase, words) }))
    .sort((one, other) => other.score - one.score || other.item.id - one.item.id)
    .map(({ item }) => item)
}

/** 4: the name is the phrase. 3: the name has it. 2: the name has every word. 1: name and body do. */
function scoreOf(
  item: Pick<Item, 'name' | 'body'>,
  phrase: string,
  words: readonly string[],
): number {
  const name = item.name.toLowerCase()
  const all = `${name}\n${item.body.toLowerCase()}`
  if (name === phrase) return 4
  if (name.includes(phrase)) return 3
  if (words.every((word) => name.includes(word))) return 2
  return words.every((word) => all.includes(word)) ? 1 : 0
}
